"""A program for each test, and proof that nothing is left of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.cli.program import Cli, wait_until

IDLE_SPAWNER_SECONDS = 10
"""An idle spawner stays a few seconds for the next request; then nothing may be left of it."""


@pytest.fixture(scope="session")
def used() -> Iterator[list[Cli]]:
    """Every program of the session; their spawners are waited for once, at the end."""
    programs: list[Cli] = []
    yield programs

    def left() -> list[object]:
        helpers = [pid for program in programs for pid in program.helpers()]
        return [*helpers, *(path for program in programs for path in program.control_groups())]

    gone = wait_until(lambda: not left(), IDLE_SPAWNER_SECONDS)
    assert gone, left()


@pytest.fixture
def cli(tmp_path: Path, used: list[Cli]) -> Iterator[Cli]:
    program = Cli(tmp_path)
    used.append(program)
    yield program
    if ids := program("ps", "-aq").stdout.split():
        program("rm", "-f", *ids)
    gone = wait_until(lambda: not program.leftovers(), 10)
    left = program.leftovers()
    if left:
        # By the state root in their command line these are ours; the next test shall not suffer.
        for pid in program.helpers():
            os.kill(pid, signal.SIGKILL)
    assert gone, left
