"""What a service manager gives its service through us: sockets, and a place to say `ready`."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import PROGRAM, Door

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.kernel, ours_only]

_SECONDS = 20


class Manager:
    """A service manager's socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(_SECONDS)
        self.env = {**os.environ, "NOTIFY_SOCKET": str(path)}

    def receive(self) -> bytes:
        """Return the next message; descriptors with it are closed, which is how barriers end."""
        message, fds, _, _ = socket.recv_fds(self.socket, 4096, 4)
        for fd in fds:
            os.close(fd)
        return message

    def hears_nothing(self) -> bool:
        return not select.select([self.socket], [], [], 0.3)[0]


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path / "manager.socket")
    yield manager
    manager.socket.close()


@contextmanager
def background(door: Door, manager: Manager, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [*PROGRAM, "--root", str(door.root), *words], stdin=subprocess.DEVNULL, env=manager.env
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def say(door: Door, container_id: str, manager: Manager, *messages: bytes) -> None:
    """Say something through the container's own mount of the socket."""
    deadline = time.monotonic() + _SECONDS
    while door.call("state", container_id).returncode and time.monotonic() < deadline:
        time.sleep(0.02)
    door.await_status(container_id, "running")
    place = f"/proc/{door.state(container_id)['pid']}/root{manager.env['NOTIFY_SOCKET']}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inside:
        folder = os.open(place, os.O_PATH)
        inside.connect(f"/proc/self/fd/{folder}/notify")
        os.close(folder)
        for message in messages:
            inside.send(message)


def test_the_program_is_told_of_a_socket_that_is_not_the_managers(
    door: Door, manager: Manager
) -> None:
    bundle = door.shell("echo $NOTIFY_SOCKET; busybox stat -c %a:%F $NOTIFY_SOCKET")
    path = manager.env["NOTIFY_SOCKET"]
    assert door.run(bundle, env=manager.env) == f"{path}/notify\n777:socket\n"
    assert manager.hears_nothing()


def test_start_waits_until_the_container_is_ready(door: Door, manager: Manager) -> None:
    container_id = door.create(door.shell("exec sleep 100"), env=manager.env)
    pid = door.state(container_id)["pid"]
    with background(door, manager, "start", container_id) as start:
        say(door, container_id, manager, b"STATUS=warming up", b"MAINPID=1")
        assert manager.hears_nothing()
        assert start.poll() is None
        say(door, container_id, manager, b"STATUS=done\nREADY=1\n")
        assert manager.receive() == b"READY=1"
        assert manager.receive() == b"MAINPID=%d" % pid
        assert start.poll() is None
        assert manager.receive() == b"BARRIER=1"
        assert start.wait(_SECONDS) == 0


def test_start_does_not_wait_for_a_container_that_has_ended(door: Door, manager: Manager) -> None:
    container_id = door.create(door.shell("true"), env=manager.env)
    door.ok("start", container_id, env=manager.env)
    assert manager.hears_nothing()


def test_a_container_in_the_foreground_tells_it_while_it_runs(door: Door, manager: Manager) -> None:
    container_id, bundle = door.new_id(), door.shell("exec sleep 100")
    with background(door, manager, "run", "--bundle", str(bundle), container_id) as run:
        say(door, container_id, manager, b"READY=1")
        assert manager.receive() == b"READY=1"
        # The manager watches us, and we live as long as the container.
        assert manager.hears_nothing()
        door.ok("kill", container_id, "KILL")
        assert run.wait(_SECONDS) == 128 + 9
    assert not (door.root / container_id).exists()


def test_a_manager_that_has_gone_stops_nothing(door: Door, manager: Manager) -> None:
    container_id, bundle = door.new_id(), door.shell("exec sleep 100")
    with background(door, manager, "run", "-d", "--bundle", str(bundle), container_id) as run:
        os.unlink(manager.env["NOTIFY_SOCKET"])
        say(door, container_id, manager, b"READY=1")
        assert run.wait(_SECONDS) == 0
    assert door.state(container_id)["status"] == "running"


def activated(door: Door, env: dict[str, str], bundle: Path, *flags: str) -> str:
    """Run a bundle as a manager does that has put sockets to 3 and 4 and a file to 5."""
    words = [*PROGRAM, "--root", str(door.root), "run", *flags, "-b", str(bundle), door.new_id()]
    script = (
        "import os, sys\n"
        "for fd, path in enumerate(('/dev/null', '/dev/null', '/etc/passwd'), 3):\n"
        "    os.dup2(os.open(path, 0), fd)\n"
        "    os.set_inheritable(fd, True)\n"
        f"os.environ.update({env!r})\n"
        "if os.environ.get('LISTEN_PID') == 'mine': os.environ['LISTEN_PID'] = str(os.getpid())\n"
        f"os.execv({words[0]!r}, {words!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


REPORT = (
    "echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES;"
    "for fd in 3 4 5 6; do [ -e /proc/1/fd/$fd ] && busybox readlink /proc/1/fd/$fd; done; true"
)


def test_sockets_for_the_service_are_passed_on(door: Door) -> None:
    env = {"LISTEN_FDS": "2", "LISTEN_PID": "mine", "LISTEN_FDNAMES": "web:admin"}
    told = activated(door, env, door.shell(REPORT))
    assert told == "2 1 web:admin\n/dev/null\n/dev/null\n"
    told = activated(door, env, door.shell(REPORT), "--preserve-fds", "1")
    assert told == "2 1 web:admin\n/dev/null\n/dev/null\n/etc/passwd\n"


def test_sockets_for_somebody_else_are_not(door: Door) -> None:
    env = {"LISTEN_FDS": "2", "LISTEN_PID": "1", "LISTEN_FDNAMES": "web:admin"}
    assert activated(door, env, door.shell(REPORT)) == "\n"


def test_no_more_sockets_are_promised_than_there_are(door: Door) -> None:
    assert door.run(door.shell(REPORT), env={**os.environ, "LISTEN_FDS": "7"}) == "0 1\n"
