"""CVE-2020-15257: a socket without a file, which every container on the host's network reaches."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kernel.cli.program import Cli

pytestmark = pytest.mark.kernel


def sockets(pid: int) -> set[str]:
    """Return the inodes of the sockets that a process has open."""
    found = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):
            if match := re.fullmatch(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{name}")):
                found.add(match[1])
    return found


def test_no_helper_has_an_abstract_socket(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "one", cli.steady())
    helpers = cli.helpers()
    assert len(helpers) >= 2
    ours = set().union(*map(sockets, helpers))
    lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    paths = [fields[7] for fields in lines if len(fields) > 7 and fields[6] in ours]
    assert paths, "a spawner and a monitor listen somewhere"
    assert [path for path in paths if path.startswith("@")] == []
