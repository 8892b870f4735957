"""The main job by keys: start, watch, kill, delete; then the kernel is asked whether it's true."""

from __future__ import annotations

import pytest

from tests.e2e.kernel_view import eventually
from tests.e2e.manager import Manager

pytestmark = [pytest.mark.e2e, pytest.mark.serial]


def test_start_watch_kill_and_delete_by_keys(manager: Manager) -> None:
    screen = manager.open()

    screen.start("hello", "hello-1", "stopped")
    screen.start("cpu", "cpu-1", "running")
    assert manager.kernel.processes("cpu-1")
    assert any(path.endswith("/cpu-1") for path in manager.kernel.cgroups())

    # The gauges move: three different screens in a row, and the kernel counts processor time.
    screen.choose_container("cpu-1")
    used = manager.kernel.cpu_seconds("cpu-1")
    first = screen.wait_for("throttled")
    second = screen.wait_until(lambda shown: shown != first, "the gauges to move")
    screen.wait_until(lambda shown: shown not in (first, second), "the gauges to move on")
    assert eventually(lambda: manager.kernel.cpu_seconds("cpu-1") > used)

    screen.kill("cpu-1")
    assert manager.kernel.processes("cpu-1") == []
    screen.delete("cpu-1")
    screen.delete("hello-1")
    assert manager.rows() == {}
    assert eventually(lambda: not manager.kernel.traces()), manager.kernel.traces()

    screen.quit()


def test_what_another_door_does_is_seen_within_a_second(manager: Manager) -> None:
    screen = manager.open()
    assert manager.run("run", "-d", "--name", "elsewhere", "cpu").returncode == 0
    screen.wait_for(r"elsewhere\b.*\brunning\b", seconds=3)
    assert manager.run("kill", "elsewhere").returncode == 0
    screen.wait_for(r"elsewhere\b.*\bstopped\b", seconds=3)
    assert manager.run("rm", "elsewhere").returncode == 0
    screen.wait_gone("elsewhere", seconds=3)


def test_pause_and_resume_by_one_key(manager: Manager) -> None:
    screen = manager.open()
    screen.start("cpu", "cpu-1", "running")
    screen.choose_container("cpu-1")
    screen.press("p")
    screen.wait_for(r"cpu-1\b.*\bpaused\b")
    used = manager.kernel.cpu_seconds("cpu-1")
    assert not eventually(lambda: manager.kernel.cpu_seconds("cpu-1") > used, 1)
    screen.press("p")
    screen.wait_for(r"cpu-1\b.*\brunning\b")
    assert eventually(lambda: manager.kernel.cpu_seconds("cpu-1") > used)


def test_two_doors_that_act_on_one_container_both_see_the_truth(manager: Manager) -> None:
    left, right = manager.open(), manager.open()
    left.start("cpu", "cpu-1", "running")
    right.wait_for(r"cpu-1\b.*\brunning\b")
    right.kill("cpu-1")
    left.wait_for(r"cpu-1\b.*\bstopped\b")
    left.delete("cpu-1")
    right.wait_gone("cpu-1")
    assert manager.rows() == {}
