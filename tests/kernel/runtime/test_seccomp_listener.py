"""SCMP_ACT_NOTIFY: the listener's socket, what it is told, and answering (seccomp_unotify(2))."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.test_seccomp import MKDIR, confined, either_way
from tuicontainer.runtime.seccomp.syscall_tables import syscall_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.kernel.runtime.door import Door

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="knows the ioctls of x86_64 only"),
]

RECEIVE, SEND = 0xC0502100, 0xC0182101
NOTIFICATION = struct.Struct("=QIIi4xQ6Q")
ANSWER = struct.Struct("=QqiI")
CONTINUE = 1
ENOSPC = 28
NOTIFY = "SCMP_ACT_NOTIFY"
NUMBERS = syscall_numbers("x86_64")


class Agent:
    """Listens, and fails mkdir with ENOSPC; every other call it lets through."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connections: list[dict[str, Any]] = []
        self.calls: list[int] = []
        self.problems: list[str] = []
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(f"/proc/self/fd/{folder}/{path.name}")
        os.close(folder)
        self._socket.listen()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._socket.close()
        assert self.problems == []

    def told(self, count: int) -> list[dict[str, Any]]:
        """Return what came over the connections, once there are so many."""
        deadline = time.monotonic() + 10
        while len(self.connections) < count and time.monotonic() < deadline:
            time.sleep(0.005)
        assert len(self.connections) == count
        return self.connections

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                data, fds, _, _ = socket.recv_fds(connection, 1 << 16, 4)
                if len(fds) != 1:
                    self.problems.append(f"{len(fds)} descriptors with {data!r}")
                    return
                thread = threading.Thread(target=self._answer, args=(fds[0],), daemon=True)
                self._threads.append(thread)
                thread.start()
                # One document, then the end of the stream.
                while more := connection.recv(1 << 16):
                    data += more
            self.connections.append(json.loads(data))

    def _answer(self, fd: int) -> None:
        while True:
            notification = bytearray(NOTIFICATION.size)
            try:
                fcntl.ioctl(fd, RECEIVE, notification)
                identity, _, _, number, *_ = NOTIFICATION.unpack(notification)
                self.calls.append(number)
                denied = number == NUMBERS["mkdir"]
                answer = ANSWER.pack(
                    identity, 0, -ENOSPC if denied else 0, 0 if denied else CONTINUE
                )
                fcntl.ioctl(fd, SEND, bytearray(answer))
            except OSError as error:
                if error.errno != errno.ENOENT:
                    self.problems.append(str(error))
                os.close(fd)
                return


@pytest.fixture
def agent(door: Door) -> Iterator[Agent]:
    agent = Agent(door.folder / "agent.sock")
    yield agent
    door.close()
    agent.close()


def notifying(agent: Agent, *names: str, **profile: Any) -> Callable[[dict[str, Any]], None]:
    return confined(*names, action=NOTIFY, listenerPath=str(agent.path), **profile)


@either_way
def test_the_listener_answers(door: Door, agent: Agent, new_privileges: bool) -> None:
    change = notifying(agent, "mkdir", new_privileges=new_privileges, listenerMetadata="for you")
    bundle = door.shell(f"{{ {MKDIR}; }} 2>&1 || true", change)
    container_id = door.create(bundle)
    (told,) = agent.told(1)
    state = door.state(container_id)
    assert told["fds"] == ["seccompFd"]
    assert told["metadata"] == "for you"
    assert told["pid"] == told["state"]["pid"] == state["pid"]
    assert told["state"]["id"] == container_id
    assert told["state"]["status"] == "creating"
    assert told["state"]["bundle"] == state["bundle"]
    assert told["ociVersion"] == state["ociVersion"]
    door.ok("start", container_id)
    door.await_status(container_id, "stopped")
    assert agent.calls == [NUMBERS["mkdir"]]
    assert "No space left on device" in door.run(bundle)
    agent.told(2)


@ours_only
def test_calls_of_the_runtime_may_notify_too(door: Door, agent: Agent) -> None:
    names = ("read", "write", "close", "fcntl", "execve", "execveat", "mkdir")
    flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_TSYNC"]
    assert door.run(door.shell("echo fine", notifying(agent, *names, flags=flags))) == "fine\n"
    assert NUMBERS["execve"] in agent.calls


def test_an_exec_has_a_listener_of_its_own(door: Door, agent: Agent) -> None:
    container_id = door.started(door.shell(STEADY, notifying(agent, "mkdir")))
    script = f"{{ {MKDIR}; }} 2>&1 || true"
    assert "No space left" in door.ok("exec", container_id, "/bin/sh", "-c", script)
    both = agent.told(2)
    assert [told["state"]["id"] for told in both] == [container_id] * 2
    assert both[1]["state"]["status"] == "running"


@ours_only
def test_the_path_may_be_long(door: Door) -> None:
    folder = door.folder / ("x" * 100)
    folder.mkdir()
    agent = Agent(folder / "agent.sock")
    try:
        assert door.run(door.shell("echo fine", notifying(agent, "mkdir"))) == "fine\n"
    finally:
        agent.close()


def test_nobody_listens(door: Door) -> None:
    path = door.folder / "nobody.sock"
    bundle = door.shell("true", confined("mkdir", action=NOTIFY, listenerPath=str(path)))
    assert str(path) in door.fails("create", "--bundle", str(bundle), door.new_id())
    assert not [name for name in os.listdir(door.root) if not name.startswith("~")]


def test_a_listener_without_notifications_gets_nothing(door: Door, agent: Agent) -> None:
    change = confined("mkdir", listenerPath=str(agent.path))
    assert door.run(door.shell("echo fine", change)) == "fine\n"
    assert agent.connections == []


@ours_only
def test_a_32_bit_personality_does_not_change_the_numbers_of_calls(
    door: Door, agent: Agent
) -> None:
    """With LINUX32 the kernel tells the name of another architecture (uname(2))."""

    def change(document: dict[str, Any]) -> None:
        notifying(agent, "mkdir")(document)
        document["linux"]["personality"] = {"domain": "LINUX32"}

    container_id = door.started(door.shell(STEADY, change))
    script = f"{{ {MKDIR}; }} 2>&1; cat /proc/self/personality"
    assert "No space left" in (told := door.ok("exec", container_id, "/bin/sh", "-c", script))
    assert "00000008" in told
    agent.told(2)
