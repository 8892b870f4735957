"""One container's control group in the hierarchies of version 1.

Sources: Documentation/admin-guide/cgroup-v1/{cgroups,cpusets,devices,freezer-subsystem,memory}.rst.
"""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition, NotFound, Unsupported
from tuicontainer.runtime.cgroups.device_rules import effective_rules, v1_commands
from tuicontainer.runtime.cgroups.files import (
    failure,
    read_file,
    read_if_there,
    write_file,
)
from tuicontainer.runtime.cgroups.formats import flat_keyed
from tuicontainer.runtime.cgroups.memory_check import check_memory_before_update
from tuicontainer.runtime.cgroups.ownership import (
    make_group,
    processes_inside,
    prune,
    remove_groups,
)
from tuicontainer.runtime.cgroups.signalling import signal_all
from tuicontainer.runtime.cgroups.state import group_to_state
from tuicontainer.runtime.cgroups.v1 import freezer
from tuicontainer.runtime.cgroups.v1.plan import plan_limits, plan_memory
from tuicontainer.runtime.cgroups.writes import Write, apply_writes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tuicontainer.errors import TuiContainerError
    from tuicontainer.runtime.cgroups.api import CgroupMode
    from tuicontainer.runtime.cgroups.hierarchies import HierarchyMount
    from tuicontainer.runtime.cgroups.sample import CgroupSample
    from tuicontainer.runtime.cgroups.undo import Undo
    from tuicontainer.runtime.cgroups.v1.sampler import V1Sampler
    from tuicontainer.spec.config import Resources


class V1Cgroup:
    """Answers `api.Cgroup` in hierarchies of version 1."""

    mode: CgroupMode = "v1"
    joinable = True

    def __init__(self, path: str, mounts: Sequence[HierarchyMount]) -> None:
        self.path = path
        self._mounts = tuple(mounts)
        self._folders = {
            controller: mount.mountpoint + path
            for mount in mounts
            for controller in mount.controllers
        }
        self._all_folders = [mount.mountpoint + path for mount in mounts]
        # Any hierarchy lists the processes; the freezer's is the one that counts for signals.
        for controller in ("freezer", "pids", "devices", *self._folders):
            if controller in self._folders:
                self._members = self._folders[controller]
                break

    def exists(self) -> bool:
        return any(os.path.isdir(folder) for folder in self._all_folders)

    def create(self) -> None:
        self._refuse_if_in_use()
        made = []
        try:
            for mount in self._mounts:
                fresh = make_group(mount.mountpoint, self.path, self._preparation(mount))
                if fresh:
                    made.append(mount.mountpoint + self.path)
        except BaseException:
            remove_groups(made)
            self._prune()
            raise

    def attach(self, pid: int, *, beside: int | None = None) -> None:
        # `beside` matters only to v2: here a group with groups inside may hold processes.
        del beside
        for folder in self._all_folders:
            try:
                write_file(f"{folder}/cgroup.procs", str(pid))
            except OSError as error:
                doing = f"moving process `{pid}` into control group `{folder}`"
                raise failure(error, doing=doing) from error

    def birthplace(self) -> int | None:
        return None

    def join(self) -> None:
        for folder in self._all_folders:
            try:
                # A thread that moves itself can't fork or end meanwhile: by `tasks`, and only with
                # 0, the kernel takes no lock against that (cgroup_procs_write_start).
                write_file(f"{folder}/tasks", "0")
            except OSError as error:
                raise failure(error, doing=f"joining control group `{folder}`") from error

    def entries(self) -> list[int]:
        opened: list[int] = []
        for folder in self._all_folders:
            try:
                # See `join` for the file and for what is written to it.
                opened.append(os.open(f"{folder}/tasks", os.O_WRONLY | os.O_CLOEXEC))
            except OSError as error:
                for fd in opened:
                    os.close(fd)
                raise failure(error, doing=f"opening control group `{folder}`") from error
        return opened

    def limit(self, resources: Resources) -> None:
        writes = plan_limits(resources)
        self.limit_devices(resources)
        self.apply(writes)

    def has(self, controller: str) -> bool:
        """Tell whether a controller is mounted as v1."""
        return controller in self._folders

    def apply(self, writes: Sequence[Write], undo: Undo | None = None) -> None:
        """Do planned writes."""
        apply_writes(writes, self._locate, self._explain, undo)

    def limit_devices(self, resources: Resources) -> None:
        """Make the rules and the default devices the only ones of the group."""
        folder = self._folders.get("devices")
        if folder is None:
            raise self._explain(
                Write(controller="devices", file="", value="", field="linux.resources.devices")
            )
        for file, text in v1_commands(effective_rules(resources.devices)):
            try:
                write_file(f"{folder}/{file}", text)
            except OSError as error:
                doing = f"`linux.resources.devices`: writing `{text}` to `{folder}/{file}`"
                hint = "the group above may not allow it"
                raise failure(error, doing=doing, hint=hint) from error

    def limit_memory(self, resources: Resources, undo: Undo | None = None) -> None:
        if resources.memory is None:
            return
        writes = plan_memory(resources.memory)
        folder = self._folders.get("memory")
        if folder is not None:
            file = f"{folder}/memory.usage_in_bytes"
            check_memory_before_update(resources.memory, file)
        self.apply(writes, undo)

    def update(self, resources: Resources) -> None:
        from tuicontainer.runtime.cgroups.undo import Undo

        with Undo() as undo:
            self.write_update(resources, undo)
            if resources.devices:
                self.limit_devices(resources)

    def write_update(self, resources: Resources, undo: Undo) -> None:
        """Change limits, but not devices; a refusal in the middle is for *undo*."""
        if not self.exists():
            raise NotFound(f"control group `{self.path}` doesn't exist")
        writes = plan_limits(resources)
        self.limit_memory(resources, undo)
        self.apply(writes, undo)

    def delegate(self, uid: int) -> None:
        """Nothing: on v1 the limits would be given away too."""
        del uid

    def processes(self) -> list[int]:
        return processes_inside(self._members)

    def freeze(self) -> None:
        freezer.freeze(self._freezer(), self.processes)

    def thaw(self) -> None:
        folder = self._folders.get("freezer")
        if folder is not None:
            freezer.thaw(folder)

    def frozen(self) -> bool:
        folder = self._folders.get("freezer")
        return folder is not None and freezer.is_frozen(folder)

    def kill(self, signal: int) -> None:
        if self.exists():
            signal_all(self, signal)

    def remove(self) -> None:
        remove_groups(self._all_folders)
        self._prune()

    def sample(self) -> CgroupSample:
        with self.open_sampler() as sampler:
            return sampler.sample()

    def open_sampler(self) -> V1Sampler:
        if not self.exists():
            raise NotFound(f"control group `{self.path}` doesn't exist")
        # Imported here: who makes and removes groups reads no counters.
        from tuicontainer.runtime.cgroups.v1.sampler import V1Sampler

        return V1Sampler(self.path, self._folders)

    def oom_kills(self) -> int | None:
        folder = self._folders.get("memory")
        text = folder and read_if_there(f"{folder}/memory.oom_control")
        return flat_keyed(text).get("oom_kill") if text else None

    def to_state(self) -> dict[str, Any]:
        return group_to_state(self.path, self.mode, self._mounts)

    def _refuse_if_in_use(self) -> None:
        for folder in self._all_folders:
            if pids := processes_inside(folder):
                raise FailedPrecondition(
                    f"control group `{folder}` is in use by process `{pids[0]}`",
                    hint="give the container another `linux.cgroupsPath`, or end that process",
                )
        if self.frozen():
            raise FailedPrecondition(
                f"control group `{self.path}` exists and is frozen",
                hint="remove it, or write THAWED to its freezer.state",
            )

    def _preparation(self, mount: HierarchyMount) -> Callable[[str], None]:
        return _inherit_cpuset if "cpuset" in mount.controllers else _prepare_nothing

    def _locate(self, write: Write) -> str | None:
        return self._folders.get(write.controller)

    def _explain(self, write: Write) -> TuiContainerError:
        folder = self._folders.get(write.controller)
        if folder is None:
            return Unsupported(
                f"`{write.field}`: controller `{write.controller}` isn't mounted",
                hint="/proc/cgroups tells which controllers the kernel has",
            )
        if not os.path.isdir(folder):
            return NotFound(f"control group `{folder}` doesn't exist")
        return Unsupported(f"`{write.field}`: this kernel has no `{write.file}`")

    def _freezer(self) -> str:
        folder = self._folders.get("freezer")
        if folder is None:
            raise Unsupported("pausing needs the controller `freezer`, which isn't mounted")
        return folder

    def _prune(self) -> None:
        for mount in self._mounts:
            prune(mount.mountpoint, self.path)


def _prepare_nothing(folder: str) -> None:
    """Most controllers' new groups can take processes at once."""
    del folder


def _inherit_cpuset(folder: str) -> None:
    """Give a new group its parent's CPUs and memory nodes: it has none and can't hold processes.

    Ancestors come first, so the parent's are never empty.
    """
    for file in ("cpuset.cpus", "cpuset.mems"):
        if not read_file(f"{folder}/{file}").strip():
            write_file(f"{folder}/{file}", read_file(f"{os.path.dirname(folder)}/{file}").strip())
