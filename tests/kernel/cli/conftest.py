"""A program for each test, and proof that nothing is left of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.cli.program import Cli, wait_until


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    program = Cli(tmp_path)
    yield program
    ids = program("ps", "-aq").stdout.split()
    if ids:
        program("rm", "-f", *ids)
    left = wait_until(lambda: not program.leftovers(), 10)
    remains = program.leftovers()
    for entry in remains:
        # Ours by its command line; the next test shall not suffer.
        if entry.startswith("process "):
            os.kill(int(entry.split()[1].rstrip(":")), signal.SIGKILL)
    assert left, remains
    names = set(os.listdir(program.root)) if program.root.exists() else set()
    assert names <= {"~engine"}, names
