"""The places where the contract of `Cgroup` is checked: in memory, and this host's hierarchies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Protocol

import pytest

from tuicontainer.errors import TuiContainerError, from_wire
from tuicontainer.runtime.cgroups.api import Cgroup
from tuicontainer.runtime.cgroups.fake import FakeHost
from tuicontainer.runtime.cgroups.hierarchies import (
    Hierarchies,
    HierarchyMount,
    read_hierarchies,
)
from tuicontainer.runtime.cgroups.open import open_cgroup
from tuicontainer.runtime.cgroups.systemd.manager import BOOTED
from tuicontainer.runtime.cgroups.systemd.open import open_unit
from tuicontainer.runtime.cgroups.systemd.units import container_unit
from tuicontainer.runtime.cgroups.v2.group import V2Cgroup
from tuicontainer.syscalls.clone import clone3

BASE = f"/tuicontainer-test-{os.getpid()}"


class World(Protocol):
    """Where groups and processes are."""

    name: str

    def group(self, path: str) -> Cgroup: ...

    def made(self, path: str) -> Cgroup:
        """Make the group; where none can be empty there is a process in it."""
        ...

    def spawn(self) -> int: ...

    def spawn_in(self, group: Cgroup) -> int:
        """Start a process that is born in the group and joins the rest of it."""
        ...

    def wait_for_end(self, pid: int) -> bool: ...

    def is_alive(self, pid: int) -> bool: ...

    def has(self, controller: str) -> bool: ...

    def close(self) -> None: ...


class FakeWorld:
    name = "fake"

    def __init__(self) -> None:
        self.host = FakeHost()

    def group(self, path: str) -> Cgroup:
        return self.host.group(path)

    def made(self, path: str) -> Cgroup:
        group = self.group(path)
        group.create()
        return group

    def spawn(self) -> int:
        return self.host.spawn()

    def spawn_in(self, group: Cgroup) -> int:
        assert group.birthplace() is None
        self.host.caller = self.host.spawn()
        group.join()
        return self.host.caller

    def wait_for_end(self, pid: int) -> bool:
        return not self.is_alive(pid)

    def is_alive(self, pid: int) -> bool:
        return pid in self.host.processes

    def has(self, controller: str) -> bool:  # noqa: ARG002  it has them all
        return True

    def close(self) -> None:
        pass


class KernelWorld:
    """Real groups below `BASE` and real processes; `close` leaves nothing of either."""

    def __init__(self, name: str, hierarchies: Hierarchies) -> None:
        self.name = name
        self.hierarchies = hierarchies
        self._programs: dict[int, subprocess.Popen[bytes]] = {}
        self._born: list[int] = []
        self._groups: list[Cgroup] = []

    def group(self, path: str) -> Cgroup:
        unified = self.hierarchies.unified
        # On a hybrid host this is the unified tree alone, which has few controllers.
        if self.name == "v2" and unified is not None:
            usual = {} if read_hierarchies().mode == "v2" else {"controllers": ()}
            group: Cgroup = V2Cgroup(path, unified, **usual)
        else:
            group = open_cgroup(path, self.hierarchies)
        self.keep(group)
        return group

    def made(self, path: str) -> Cgroup:
        group = self.group(path)
        group.create()
        if not group.joinable:
            group.attach(self.spawn())
        return group

    def keep(self, group: Cgroup) -> None:
        """Remove this group at the end too."""
        self._groups.append(group)

    def spawn(self) -> int:
        program = subprocess.Popen(["sleep", "300"])
        self._programs[program.pid] = program
        return program.pid

    def spawn_in(self, group: Cgroup) -> int:
        birthplace = group.birthplace()
        reader, writer = os.pipe()
        pid, pidfd = clone3(0, birthplace)
        if pid == 0:
            try:
                group.join()
            except TuiContainerError as error:
                os.write(writer, json.dumps(error.to_wire()).encode())
                os._exit(1)
            os.close(writer)
            signal.pause()
        for fd in (writer, pidfd, *((birthplace,) if birthplace is not None else ())):
            os.close(fd)
        with open(reader, "rb") as file:
            told = file.read()
        if told:
            os.waitpid(pid, 0)
            raise from_wire(json.loads(told))
        self._born.append(pid)
        return pid

    def adopt(self, program: subprocess.Popen[bytes]) -> int:
        self._programs[program.pid] = program
        return program.pid

    def wait_for_end(self, pid: int) -> bool:
        if pid in self._born:
            os.waitpid(pid, 0)
            self._born.remove(pid)
            return True
        try:
            self._programs[pid].wait(10)
        except subprocess.TimeoutExpired:
            return False
        return True

    def is_alive(self, pid: int) -> bool:
        return self._programs[pid].poll() is None

    def has(self, controller: str) -> bool:
        return controller in self.hierarchies.controllers

    def close(self) -> None:
        for group in reversed(self._groups):
            group.thaw() if group.frozen() else None
            group.kill(9)
        for program in self._programs.values():
            program.kill()
            program.wait()
            for stream in (program.stdin, program.stdout, program.stderr):
                if stream is not None:
                    stream.close()
        for group in reversed(self._groups):
            group.remove()
        for mount in self.hierarchies.mounts:
            assert not os.path.exists(mount.mountpoint + BASE), "the test left a control group"


class SystemdWorld(KernelWorld):
    """Scopes in system.slice; what lies inside a scope is made by plain folders."""

    def __init__(self, unified: HierarchyMount) -> None:
        super().__init__("systemd", Hierarchies(mode="v2", mounts=(unified,)))
        self._unified = unified

    def group(self, path: str) -> Cgroup:
        names = path.removeprefix(f"{BASE}/c/").split("/")
        if names[0] == "":
            pytest.skip("systemd decides about the groups above a unit")
        unit = container_unit(f":{BASE[1:]}:{names[0]}", container_id="unused")
        if names[1:]:
            inside = "/".join([unit.path, *names[1:]])
            group: Cgroup = V2Cgroup(inside, self._unified, controllers=())
        else:
            group = open_unit(unit, self.hierarchies)
        self.keep(group)
        return group

    def spawn_in(self, group: Cgroup) -> int:  # noqa: ARG002  it can't be
        pytest.skip("a unit comes after its first process, so none is born in it")

    def close(self) -> None:
        super().close()
        slice_folder = f"{self._unified.mountpoint}/system.slice"
        left = [name for name in os.listdir(slice_folder) if name.startswith(BASE[1:])]
        assert not left, "the test left a unit"


def open_world(name: str) -> World:
    """Return the world, or skip the test and say what the host lacks."""
    if name == "fake":
        return FakeWorld()
    if os.geteuid() != 0:
        pytest.skip("needs root to make control groups")
    host = read_hierarchies()
    if name == "hybrid":
        if host.mode != "hybrid":
            pytest.skip(f"this host's control groups are {host.mode}, not hybrid")
        return KernelWorld(name, host)
    if name == "v1":
        if host.mode not in {"v1", "hybrid"}:
            pytest.skip(f"this host's control groups are {host.mode}: no v1 hierarchy")
        return KernelWorld(name, Hierarchies(mode="v1", mounts=host.v1_mounts))
    if host.unified is None:
        pytest.skip("this host has no unified hierarchy mounted")
    if name == "systemd":
        if not os.path.isdir(BOOTED):
            pytest.skip("systemd isn't running on this host")
        if host.mode != "v2":
            pytest.skip(f"this host's control groups are {host.mode}: systemd's need pure v2")
        return SystemdWorld(host.unified)
    return KernelWorld(name, Hierarchies(mode="v2", mounts=(host.unified,)))


WORLDS = [
    "fake",
    pytest.param("v1", marks=pytest.mark.kernel),
    pytest.param("hybrid", marks=pytest.mark.kernel),
    pytest.param("v2", marks=pytest.mark.kernel),
    pytest.param("systemd", marks=pytest.mark.kernel),
]
KERNEL_WORLDS = WORLDS[1:]
FOLDER_WORLDS = WORLDS[1:-1]
"""Where groups are folders that we make ourselves."""


def need(world: World, *controllers: str) -> None:
    """Skip the test unless this world has these controllers."""
    missing = [name for name in controllers if not world.has(name)]
    if missing:
        pytest.skip(f"{world.name} here lacks the controller {', '.join(missing)}")
