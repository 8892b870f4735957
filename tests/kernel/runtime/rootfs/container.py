"""Runs the room's steps in a real child with real namespaces, and reports what it sees."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tuicontainer.errors import TuiContainerError, from_wire
from tuicontainer.runtime.cgroups.hierarchies import Hierarchies, read_hierarchies
from tuicontainer.runtime.rootfs.mountinfo import MountInfo, parse_mounts
from tuicontainer.runtime.rootfs.plan import plan_rootfs
from tuicontainer.runtime.rootfs.workspace import Rootfs
from tuicontainer.spec.decode import decode_config
from tuicontainer.syscalls.clone import clone3
from tuicontainer.syscalls.namespaces import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    unshare,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tuicontainer.runtime.rootfs.console import Console

FLAGS = {
    "mount": CLONE_NEWNS,
    "pid": CLONE_NEWPID,
    "network": CLONE_NEWNET,
    "ipc": CLONE_NEWIPC,
    "uts": CLONE_NEWUTS,
    "user": CLONE_NEWUSER,
}
FIRST_OUTSIDE_ID = 100_000
MAPPING = {"containerID": 0, "hostID": FIRST_OUTSIDE_ID, "size": 65536}


class Container:
    """A bundle in a temporary folder whose root filesystem is changed by the test at will."""

    def __init__(self, bundle: Path) -> None:
        self.bundle = bundle
        self.root = bundle / "rootfs"
        self.root.mkdir()
        self.mounts: list[dict[str, Any]] = []
        self.linux: dict[str, Any] = {}
        self.namespaces = ["mount", "pid", "network", "ipc", "uts"]
        self.process: dict[str, Any] = {}
        self.read_only = False
        self.no_pivot = False
        self.cgroup_path = "/"
        self.hierarchies: Hierarchies | None = None
        self.prepare: Callable[[int], None] = lambda _: None
        """Runs in the parent with the child's pid, before the child does anything but open."""
        self.after_build: Callable[[], None] = lambda: None
        """Runs in the child, with the host still in view."""

    def mount(self, destination: str, type_: str = "", *options: str, source: str = "") -> None:
        entry: dict[str, Any] = {"destination": destination, "options": list(options)}
        if type_:
            entry["type"] = type_
        if source:
            entry["source"] = source
        self.mounts.append(entry)

    def proc(self) -> None:
        self.mount("/proc", "proc")

    def user_namespace(self) -> None:
        self.namespaces.append("user")
        self.linux |= {"uidMappings": [MAPPING], "gidMappings": [MAPPING]}
        os.chown(self.root, FIRST_OUTSIDE_ID, FIRST_OUTSIDE_ID)

    def document(self) -> dict[str, Any]:
        return {
            "ociVersion": "1.0.2",
            "root": {"path": "rootfs", "readonly": self.read_only},
            "process": {"args": ["sh"], "cwd": "/", "user": {"uid": 0, "gid": 0}} | self.process,
            "mounts": self.mounts,
            "linux": {"namespaces": [{"type": word} for word in self.namespaces]} | self.linux,
        }

    def run(self, look: Callable[[], Any] = lambda: None) -> Any:
        """Return what *look* returns, which runs inside and may return anything JSON can hold.

        Raises:
            TuiContainerError: what the room's code raised.
        """
        return self.run_with_console(lambda _: look())

    def run_with_console(self, look: Callable[[Console | None], Any]) -> Any:
        config = decode_config(self.document())
        plan = plan_rootfs(
            config,
            bundle=str(self.bundle),
            hierarchies=self.hierarchies or read_hierarchies(),
            cgroup_path=self.cgroup_path,
            no_pivot=self.no_pivot,
        )

        def inside(wait_for_ids: Callable[[], None]) -> Any:
            before = open_descriptors()
            groups: list[str] = []
            rootfs = Rootfs.open(plan)
            wait_for_ids()
            if "cgroup" in self.namespaces:
                unshare(CLONE_NEWCGROUP)
            console = rootfs.build(groups.append)
            self.after_build()
            rootfs.pivot()
            rootfs.finish()
            own = {console.master, console.slave} if console is not None else set()
            assert open_descriptors() - own == before
            return look(console)

        flags = 0
        for word in self.namespaces:
            flags |= FLAGS.get(word, 0)
        return in_child(flags, inside, self.prepare)


def in_child(
    flags: int, inside: Callable[[Callable[[], None]], Any], prepare: Callable[[int], None]
) -> Any:
    """Return what *inside* returns in a child with these namespaces; raise what it raises."""
    gate_read, gate_write = os.pipe()
    report_read, report_write = os.pipe()
    pid, pidfd = clone3(flags)
    if pid == 0:
        os.close(gate_write)
        os.close(report_read)
        _report(report_write, inside, lambda: _become_root(flags, gate_read))
    os.close(report_write)
    os.close(gate_read)
    try:
        if flags & CLONE_NEWUSER:
            for kind in ("uid", "gid"):
                with open(f"/proc/{pid}/{kind}_map", "w", encoding="ascii") as file:
                    file.write(f"0 {FIRST_OUTSIDE_ID} 65536")
        prepare(pid)
        os.close(gate_write)
        return _read_report(report_read)
    finally:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        os.close(pidfd)
        os.close(report_read)
        os.waitpid(pid, 0)


def _become_root(flags: int, gate: int) -> None:
    os.read(gate, 1)
    if flags & CLONE_NEWUSER:
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)


def _report(fd: int, inside: Callable[..., Any], wait_for_ids: Callable[[], None]) -> None:
    try:
        answer = {"value": inside(wait_for_ids)}
    except TuiContainerError as error:
        answer = {"error": error.to_wire()}
    except BaseException as error:  # noqa: BLE001 - the parent raises it
        answer = {"crash": f"{type(error).__name__}: {error}"}
    data = json.dumps(answer).encode()
    while data:
        data = data[os.write(fd, data) :]
    os._exit(0)


def _read_report(fd: int) -> Any:
    data = b""
    while True:
        ready, _, _ = select.select([fd], [], [], 60)
        assert ready, "the child doesn't answer"
        if not (part := os.read(fd, 65536)):
            break
        data += part
    assert data, "the child died"
    answer = json.loads(data)
    if "error" in answer:
        raise from_wire(answer["error"])
    assert "crash" not in answer, answer["crash"]
    return answer["value"]


@contextmanager
def rival(act: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Have a process on the host do *act* each time that the yielded function is called.

    The function may be called in the container; it returns when the act is done.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        while theirs.recv(1):
            act()
            theirs.send(b".")
        os._exit(0)
    theirs.close()

    def trigger() -> None:
        ours.send(b".")
        ours.recv(1)

    try:
        yield trigger
    finally:
        ours.close()
        os.waitpid(pid, 0)


@contextmanager
def restless_rival(act: Callable[[], None]) -> Iterator[None]:
    """Have a process on the host do *act* again and again."""
    pid = os.fork()
    if pid == 0:
        while True:
            act()
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def open_descriptors() -> set[int]:
    """Return those below 128, without a look into /proc."""
    return {fd for fd in range(128) if attempt(os.fstat, fd) != "EBADF"}


def mount_lines() -> str:
    """Return this process's mountinfo, to be read by `by_point`."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        return file.read()


def by_point(text: str) -> dict[str, MountInfo]:
    """Return the mounts by their place, the topmost one of each place."""
    return {mount.point: mount for mount in parse_mounts(text)}


def attempt(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the function returns, or the name of the errno that it fails with."""
    import errno

    try:
        return function(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path: str, text: str = "x") -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)
