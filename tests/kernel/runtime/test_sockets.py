"""Descriptors handed over to callers: `--console-socket` and `--pidfd-socket`."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.door import OTHER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel


class Receiver:
    """Somebody who waits for descriptors at a path."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(str(path))
        self.socket.listen()
        self.socket.settimeout(20)

    @contextmanager
    def one(self) -> Iterator[int]:
        """Yield the next descriptor that somebody sends."""
        connection, _ = self.socket.accept()
        with connection:
            message, (fd,), _, _ = socket.recv_fds(connection, 4096, 1)
        assert message
        try:
            yield fd
        finally:
            os.close(fd)


@pytest.fixture
def receiver(door: Door) -> Iterator[Receiver]:
    receiver = Receiver(door.folder / "receiver")
    yield receiver
    receiver.socket.close()


def process_of(pidfd: int) -> int:
    lines = Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))


@pytest.mark.skipif(bool(OTHER), reason="runc since 1.3 only")
def test_the_console_socket_starts_at_the_callers_folder(door: Door, receiver: Receiver) -> None:
    bundle = door.shell("exec sleep 100", lambda d: d["process"].update(terminal=True))
    container_id, here = door.new_id(), {"cwd": door.folder}
    flags = ("-d", "--console-socket", "receiver")
    door.ok("run", "-b", str(bundle), *flags, container_id, **here)
    with receiver.one() as console:
        assert os.isatty(console)
    door.ok("exec", "-t", *flags, container_id, "/bin/sleep", "1", **here)
    with receiver.one() as console:
        assert os.isatty(console)


@pytest.mark.skipif(bool(OTHER), reason="runc since 1.2 only")
@pytest.mark.parametrize("verb", [["create"], ["run", "-d"]])
def test_a_pidfd_of_the_container(door: Door, receiver: Receiver, verb: list[str]) -> None:
    container_id, bundle = door.new_id(), door.shell("exec sleep 100")
    socket_path = str(door.folder / "receiver")
    door.ok(*verb, "-b", str(bundle), "--pidfd-socket", socket_path, container_id)
    with receiver.one() as pidfd:
        assert process_of(pidfd) == door.state(container_id)["pid"]


@pytest.mark.skipif(bool(OTHER), reason="runc since 1.2 only")
def test_a_pidfd_of_another_program(door: Door, receiver: Receiver) -> None:
    container_id = door.started(door.shell("exec sleep 100"))
    pid_file = door.folder / "pid"
    flags = ["-d", "--pid-file", str(pid_file), "--pidfd-socket", str(door.folder / "receiver")]
    door.ok("exec", *flags, container_id, "/bin/sleep", "100")
    with receiver.one() as pidfd:
        assert process_of(pidfd) == int(pid_file.read_text())
