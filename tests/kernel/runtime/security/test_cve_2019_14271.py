"""What the init and an exec open once they see the container's files instead of the host's.

A lazy import, a codec or a resolver looked up there would be the container's code run with the
host's privileges (the class of CVE-2019-14271). strace tells every path that is looked up.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]

CALLS = "open,openat,openat2,stat,newfstatat,access,faccessat,faccessat2,readlink,readlinkat"
BORDERS = "pivot_root,setns,execve,execveat"
ALLOWED = re.compile(
    r"""
    /etc/passwd                                   # where HOME comes from; read with a bound
    | /(proc|sys)(/.*)?                           # read-only and masked paths of the configuration
    | (/usr/local|/usr)?/s?bin/[a-z]+             # the program, on PATH
    | /(dev|dev/pts)?                             # devpts, for a terminal
    | ptmx
    """,
    re.VERBOSE,
)


def paths_after(trace: Path, border: str) -> list[str]:
    """Return the paths that the process behind *border* looks up until it executes something."""
    lines = trace.read_text().splitlines()
    pid = next(line.split()[0] for line in lines if f" {border}(" in line)
    own = [line.split(None, 1)[1] for line in lines if line.split()[0] == pid]
    start = next(index for index, call in enumerate(own) if call.startswith(f"{border}("))
    found = []
    for call in own[start + 1 :]:
        if call.startswith("exec"):
            break
        if (match := re.search(r'"([^"]*)"', call)) and match[1]:
            found.append(match[1])
    return found


def traced(door: Door, trace: Path, *words: str) -> int:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("needs strace")
    options = ["-f", "-qq", "-e", f"trace={CALLS},{BORDERS}", "-o", str(trace)]
    command = [strace, *options, *PROGRAM, "--root", str(door.root), *words]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    ).returncode


@pytest.mark.parametrize(("program", "status"), [("true", 0), ("nope", 1)])
def test_the_init_opens_only_what_the_code_names(door: Door, program: str, status: int) -> None:
    trace = door.folder / "trace"
    bundle = door.bundle(program)
    assert traced(door, trace, "run", "--bundle", str(bundle), door.new_id()) == status
    paths = paths_after(trace, "pivot_root")
    assert "/etc/passwd" in paths
    assert [path for path in paths if not ALLOWED.fullmatch(path)] == []


@pytest.mark.parametrize(("program", "status"), [("true", 0), ("nope", 255)])
def test_an_exec_opens_only_what_the_code_names(door: Door, program: str, status: int) -> None:
    trace = door.folder / "trace"
    container_id = door.started(door.shell(STEADY))
    assert traced(door, trace, "exec", container_id, program) == status
    paths = paths_after(trace, "setns")
    assert "/etc/passwd" in paths
    assert [path for path in paths if not ALLOWED.fullmatch(path)] == []


def test_traps_in_the_rootfs_stay_unsprung(door: Door) -> None:
    """Modules and libraries of the container where the interpreter would look for its own."""
    bundle = door.shell("echo fine")
    for name in ("encodings", "json", "errno", "tuicontainer"):
        for folder in ("usr/lib/python3.11", "usr/lib/python3", "."):
            trap = bundle / "rootfs" / folder / name / "__init__.py"
            trap.parent.mkdir(parents=True, exist_ok=True)
            trap.write_text("open('/sprung', 'w'); raise SystemExit(99)\n")
    door.edit(bundle, lambda document: document["root"].update(readonly=False))
    assert door.run(bundle) == "fine\n"
    assert not (bundle / "rootfs/sprung").exists()
