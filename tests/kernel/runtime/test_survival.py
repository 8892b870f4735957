"""What is left when the runtime itself is killed in the middle of something."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import PROGRAM, cgroup_folders, wait_gone
from tests.kernel.runtime.test_hooks import hook

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]


@pytest.mark.parametrize("kind", ["createRuntime", "createContainer"])
def test_a_killed_create_leaves_something_that_can_be_deleted(door: Door, kind: str) -> None:
    fifo = door.folder / "fifo"
    os.mkfifo(fifo)
    bundle = door.shell(
        "true",
        lambda d: d.update(hooks={kind: [hook(f"echo > {fifo}; exec sleep 2")]}),
    )
    container_id = door.new_id()
    words = [*PROGRAM, "--root", str(door.root), "create", "--bundle", str(bundle), container_id]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL) as process:
        fifo.read_text()
        state = door.state(container_id)
        assert state["status"] == "creating"
        process.send_signal(signal.SIGKILL)
        process.wait()
    # The init asked the kernel to die with its maker.
    wait_gone(state["pid"])
    assert door.state(container_id)["status"] == "stopped"
    assert cgroup_folders(container_id)
    door.ok("delete", container_id)
    assert not cgroup_folders(container_id)


def test_a_killed_run_leaves_the_container_running(door: Door) -> None:
    container_id = door.new_id()
    bundle = door.shell(f"echo up; {STEADY}")
    words = [*PROGRAM, "--root", str(door.root), "run", "--bundle", str(bundle), container_id]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert door.state(container_id)["status"] == "running"
    door.ok("kill", container_id, "TERM")
    door.await_status(container_id, "stopped")
    door.ok("delete", container_id)


def test_two_creates_of_one_id(door: Door) -> None:
    """One of them makes it, the other is refused, and neither harms the other."""
    bundle = door.shell(STEADY)
    container_id = door.new_id()
    words = [*PROGRAM, "--root", str(door.root), "create", "--bundle", str(bundle), container_id]
    both = [
        subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert sorted(process.wait(30) for process in both) == [0, 1]
    assert door.state(container_id)["status"] == "created"
    door.ok("start", container_id)


def test_two_starts_at_once(door: Door) -> None:
    container_id = door.create(door.shell(STEADY))
    words = [*PROGRAM, "--root", str(door.root), "start", container_id]
    both = [
        subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert sorted(process.wait(30) for process in both) == [0, 1]
    assert door.state(container_id)["status"] == "running"


def test_readers_never_see_half_a_state(door: Door) -> None:
    """`state` in a loop, while a container lives its life again and again."""
    seen: set[str] = set()
    stop = threading.Event()
    container_id = door.new_id()
    bundle = door.shell("true")

    def read() -> None:
        from tuicontainer.errors import NotFound
        from tuicontainer.runtime.state import state

        while not stop.is_set():
            try:
                seen.add(state(str(door.root), container_id).status)
            except NotFound:
                seen.add("none")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(5):
            door.ok("create", "--bundle", str(bundle), container_id)
            door.ok("start", container_id)
            time.sleep(0.02)
            door.ok("delete", "--force", container_id)
    finally:
        stop.set()
        reader.join()
    assert seen <= {"none", "creating", "created", "running", "stopped"}
    assert {"none", "created"} <= seen
