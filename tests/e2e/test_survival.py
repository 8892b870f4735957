"""What must survive: the window is killed while containers run, and opened again."""

from __future__ import annotations

import os
import re
import signal

import pytest

from tests.e2e.kernel_view import eventually
from tests.e2e.manager import Manager

pytestmark = [pytest.mark.e2e, pytest.mark.serial]


def test_containers_go_on_when_the_window_is_killed(manager: Manager) -> None:
    screen = manager.open()
    screen.start("logger", "logger-1", "running")
    screen.start("cpu", "cpu-1", "running")
    programs = {row["pid"] for row in manager.rows().values()}

    os.kill(screen.terminal.pid, signal.SIGKILL)
    assert eventually(lambda: screen.terminal.ended)
    assert programs <= set(manager.kernel.processes())
    seen = len(_numbers(manager))
    assert eventually(lambda: len(_numbers(manager)) > seen), "the log stopped with the window"

    again = manager.open()
    again.wait_for(r"logger-1\b.*\brunning\b", r"cpu-1\b.*\brunning\b")
    again.kill("cpu-1")
    again.delete("cpu-1")
    numbers = _numbers(manager)
    assert numbers == list(range(1, len(numbers) + 1)), "lines are missing"


def _numbers(manager: Manager) -> list[int]:
    """Return the numbers that the logger wrote on its two streams in turn."""
    done = manager.run("logs", "logger-1")
    assert done.returncode == 0, done.stderr
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    return sorted(int(re.findall(r"\d+", line)[0]) for line in lines)


def test_a_terminal_that_hangs_up_takes_no_container_with_it(manager: Manager) -> None:
    screen = manager.open()
    screen.start("cpu", "cpu-1", "running")
    screen.terminal.close()
    assert manager.kernel.processes("cpu-1")
    assert manager.rows()["cpu-1"]["status"] == "running"
