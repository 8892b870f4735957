"""The process that does what the fuzzer thinks of: the drop-in runtime in namespaces of its own.

It is a small single-threaded interpreter, because every case forks it twice, and it has left the
host's mount, UTS, IPC and network namespaces, so that a hole in the code under test tears nothing
down.
Each line of standard input is a case, each line of standard output what came of it:

    {"words": [...], "files": {path: text}, "container": "exec"}
    {"status": 0} | {"refused": [kind, message]} | {"crash": text}, with "left": [...]

`left` tells what the case has changed: see `Surroundings`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
import time
import traceback
from contextlib import suppress
from typing import Any

from tuicontainer.cli.oci import main as door
from tuicontainer.cli.oci.commands import GLOBAL_FLAGS
from tuicontainer.cli.oci.flags import parse_flags
from tuicontainer.cli.oci.messages import Messages
from tuicontainer.errors import NotFound, TuiContainerError
from tuicontainer.runtime.state import state
from tuicontainer.syscalls.mount import (
    MS_PRIVATE,
    fsconfig_create,
    fsmount,
    fsopen,
    mount_setattr,
    move_mount,
    open_tree_clone,
)
from tuicontainer.syscalls.namespaces import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWUTS,
    unshare,
)
from tuicontainer.syscalls.process import set_child_subreaper

SYSCTLS = (
    "kernel/core_pattern", "kernel/sysrq", "kernel/modprobe", "kernel/hostname", "kernel/msgmax",
    "kernel/domainname", "kernel/shmmax", "kernel/sem", "kernel/panic", "vm/swappiness",
    "fs/mqueue/msg_max", "net/ipv4/ip_forward", "user/max_user_namespaces",
)  # fmt: skip
DEVICES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9, "tty": 0}


class Surroundings:
    """What no case may change in the namespaces that the worker is in."""

    def __init__(self, root: str) -> None:
        self._root = root

    def look(self) -> dict[str, Any]:
        return {
            "mounts": _read("/proc/self/mountinfo"),
            "sysctls": [_read(f"/proc/sys/{name}") for name in SYSCTLS],
            "containers": sorted(_names(self._root) - {"~seccomp"}),
            "devices": [_device(name) for name in DEVICES],
            "groups": _read("/proc/self/cgroup"),
            "limits": _read("/proc/self/limits"),
        }


def difference(before: Any, after: Any) -> str:
    """Return what is in only one of two values, of texts the lines."""
    if isinstance(before, str):
        before, after = before.splitlines(), after.splitlines()
    gone = [each for each in before if each not in after]
    new = [each for each in after if each not in before]
    return f"{gone} became {new}"


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _names(folder: str) -> set[str]:
    return set(os.listdir(folder)) if os.path.isdir(folder) else set()


def _device(name: str) -> list[int]:
    status = os.lstat(f"/dev/{name}")
    return [status.st_mode, status.st_uid, status.st_gid, status.st_rdev]


class Worker:
    """Runs cases on a state root of its own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        # What a relative path of a case names (a pid file) is made here.
        os.chdir(folder)
        self.root = os.path.join(folder, "state")
        self.surroundings = Surroundings(self.root)
        self.console = socket.socket(socket.AF_UNIX)
        self.console.bind(os.path.join(folder, "console"))
        self.console.listen(8)
        self.console.setblocking(False)
        self.before: dict[str, Any] = {}

    def answer(self, case: dict[str, Any]) -> dict[str, Any]:
        """Do one case."""
        for name, text in case.get("files", {}).items():
            with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
                file.write(text)
        container = case.get("container")
        if container:
            self.provide(container)
        if not self.before or container:
            self.before = self.surroundings.look()
        answer = self.call(*case["words"])
        self.take_consoles()
        if case.get("delete") and answer.get("status") == 0:
            deleted = self.call("delete", "--force", case["delete"])
            if deleted.get("status") != 0:
                answer = {"crash": f"delete: {deleted}"}
        self.reap(keep=self.inits())
        after = self.surroundings.look()
        answer["left"] = [
            f"{name}: {difference(self.before[name], now)}"
            for name, now in after.items()
            if now != self.before[name]
        ]
        return answer

    def call(self, *words: str) -> dict[str, Any]:
        """Run a command in a process of its own, as callers do; return what it would exit with."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            with os.fdopen(writer, "w") as answer:
                json.dump(self.outcome(words), answer)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            text = answer.read()
        _, status = os.waitpid(pid, 0)
        return json.loads(text) if text else {"crash": f"{words} ended with {status}"}

    def outcome(self, words: tuple[str, ...]) -> dict[str, Any]:
        """Do what the door's `main` does, but keep the exception."""
        try:
            options = parse_flags(GLOBAL_FLAGS, ["--root", self.root, *words])
            return {"status": door._run_command(options.words[0], options, Messages())}
        except TuiContainerError as error:
            if error.kind == "Internal":
                return {"crash": f"{error.message}\n{traceback.format_exc()}"}
            return {"refused": [error.kind, error.message]}
        except BaseException:  # noqa: BLE001 - that is what the fuzzer looks for
            return {"crash": traceback.format_exc()}

    def provide(self, container: str) -> None:
        """See to it that a container of this id runs."""
        if self._status(container) != "running":
            self.call("delete", "--force", container)
            self.reap(keep=self.inits())
            made = self.call("create", "--bundle", os.path.join(self.folder, "steady"), container)
            assert made.get("status") == 0, made
            assert self.call("start", container).get("status") == 0

    def _status(self, container: str) -> str:
        try:
            return str(state(self.root, container).status)
        except NotFound:
            return "gone"

    def inits(self) -> set[int]:
        """Return the first processes of the containers that are there."""
        found = set()
        for name in _names(self.root) - {"~seccomp"}:
            with suppress(OSError, ValueError, TypeError, KeyError):
                state = json.loads(_read(os.path.join(self.root, name, "state.json")))
                found.add(int(state["init"]["pid"]))
        return found

    def reap(self, keep: set[int]) -> None:
        """Kill and reap what programs have been started, but for the containers' own."""
        deadline = time.monotonic() + 10
        while (left := _children() - keep) and time.monotonic() < deadline:
            for pid in left:
                with suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
        if left:
            raise RuntimeError(f"processes {left} don't end")

    def take_consoles(self) -> None:
        """Close the terminals that were sent to us."""
        with suppress(BlockingIOError):
            while True:
                connection, _ = self.console.accept()
                _, fds, _, _ = socket.recv_fds(connection, 4096, 4)
                for fd in fds:
                    os.close(fd)
                connection.close()


def _children() -> set[int]:
    return {int(pid) for pid in _read("/proc/thread-self/children").split()}


def leave_host() -> None:
    """Get namespaces in which a mistake costs nothing."""
    unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET)
    host = os.open("/", os.O_PATH)
    mount_setattr(host, propagation=MS_PRIVATE, recursive=True)
    os.close(host)
    make_devices()
    # Sockets and signals of cases shall not reach whoever runs the tests.
    os.setsid()
    set_child_subreaper(subreaper=True)


def make_devices() -> None:
    """Get a /dev of our own, as its inodes are the host's whatever the namespace."""
    terminals = open_tree_clone(os.open("/dev/pts", os.O_PATH))
    context = fsopen("tmpfs")
    fsconfig_create(context)
    folder = fsmount(context, 0)
    for name, minor in DEVICES.items():
        number = os.makedev(5 if name == "tty" else 1, minor)
        os.mknod(name, stat.S_IFCHR | 0o666, number, dir_fd=folder)
        os.chmod(name, 0o666, dir_fd=folder)
    for name in ("pts", "shm"):
        os.mkdir(name, dir_fd=folder)
    os.symlink("pts/ptmx", "ptmx", dir_fd=folder)
    move_mount(folder, os.open("/dev", os.O_PATH))
    move_mount(terminals, os.open("/dev/pts", os.O_PATH))
    # Those that we have open are the host's.
    os.closerange(3, 64)


def main(folder: str) -> None:
    leave_host()
    worker = Worker(folder)
    answers = os.fdopen(os.dup(1), "w")
    null = os.open("/dev/null", os.O_RDWR)
    requests = os.fdopen(os.dup(0))
    for fd in (0, 1):
        os.dup2(null, fd)
    os.close(null)
    for line in requests:
        answers.write(json.dumps(worker.answer(json.loads(line))) + "\n")
        answers.flush()
    for name in sorted(_names(worker.root) - {"~seccomp"}):
        worker.call("delete", "--force", name)
    worker.reap(keep=set())


if __name__ == "__main__":
    main(sys.argv[1])
