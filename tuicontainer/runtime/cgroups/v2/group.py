"""One container's control group in the unified hierarchy.

Source: Documentation/admin-guide/cgroup-v2.rst.
"""

from __future__ import annotations

import os
from errno import EBUSY, EINVAL, EOPNOTSUPP

from tuicontainer.errors import FailedPrecondition, NotFound
from tuicontainer.runtime.cgroups.files import (
    failure,
    is_gone,
    read_file,
    read_if_there,
    write_file,
)
from tuicontainer.runtime.cgroups.formats import flat_keyed
from tuicontainer.runtime.cgroups.hierarchies import path_in_mount
from tuicontainer.runtime.cgroups.memory_check import check_memory_before_update
from tuicontainer.runtime.cgroups.ownership import (
    make_group,
    processes_inside,
    prune,
    remove_groups,
)
from tuicontainer.runtime.cgroups.signalling import signal_all
from tuicontainer.runtime.cgroups.state import group_to_state
from tuicontainer.runtime.cgroups.v2 import freezer
from tuicontainer.runtime.cgroups.v2.controllers import (
    USUAL,
    explain_missing,
    hand_down,
    hand_down_once,
)
from tuicontainer.runtime.cgroups.v2.plan import plan_limits, plan_memory
from tuicontainer.runtime.cgroups.v2.present import complete
from tuicontainer.runtime.cgroups.writes import apply_writes
from tuicontainer.syscalls.signals import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tuicontainer.errors import TuiContainerError
    from tuicontainer.runtime.cgroups.api import CgroupMode
    from tuicontainer.runtime.cgroups.hierarchies import HierarchyMount
    from tuicontainer.runtime.cgroups.sample import CgroupSample
    from tuicontainer.runtime.cgroups.undo import Undo
    from tuicontainer.runtime.cgroups.v2.sampler import V2Sampler
    from tuicontainer.runtime.cgroups.writes import Write
    from tuicontainer.spec.config import Resources


_LINKS_OF_LEAF = 2
"""Of a folder without folders in it: its name and its `.` (fs/kernfs/inode.c)."""


class V2Cgroup:
    """Answers `api.Cgroup` in the unified hierarchy."""

    mode: CgroupMode = "v2"
    joinable = True

    def __init__(
        self, path: str, mount: HierarchyMount, *, controllers: Sequence[str] = USUAL
    ) -> None:
        """Make the handle.

        Args:
            path: of the group.
            mount: the unified hierarchy.
            controllers: what every group gets, if the host has it.
        """
        self.path = path
        self._mount = mount
        self._top = mount.mountpoint
        self._folder = mount.mountpoint + path
        self._controllers = tuple(controllers)

    def exists(self) -> bool:
        return os.path.isdir(self._folder)

    def create(self) -> None:
        self._refuse_if_in_use()
        hand_down_once(self._top, self._controllers)
        made = make_group(self._top, self.path, self._prepare)
        kind = (read_if_there(f"{self._folder}/cgroup.type") or "domain").strip()
        if kind != "domain":
            if made:
                remove_groups([self._folder])
                prune(self._top, self.path)
            raise FailedPrecondition(
                f"control group `{self._folder}` is `{kind}`: a group above it is threaded",
                hint="choose a `linux.cgroupsPath` outside of threaded groups",
            )

    def attach(self, pid: int, *, beside: int | None = None) -> None:
        try:
            write_file(f"{self._folder}/cgroup.procs", str(pid))
        except OSError as error:
            doing = f"moving process `{pid}` into control group `{self._folder}`"
            if error.errno not in (EBUSY, EOPNOTSUPP):
                raise failure(error, doing=doing) from error
            inner = None if beside is None else self._inner_group(beside)
            if inner is None:
                raise FailedPrecondition(
                    f"{doing}: it hands controllers down to groups inside it and can't hold "
                    "processes itself",
                    errno=error.errno,
                ) from error
            try:
                write_file(f"{inner}/cgroup.procs", str(pid))
            except OSError as second:
                doing = f"moving process `{pid}` into control group `{inner}`"
                raise failure(second, doing=doing) from second

    def birthplace(self) -> int | None:
        try:
            return os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise failure(error, doing=f"opening control group `{self._folder}`") from error

    def join(self) -> None:
        """Nothing is left to do for who is born in the group."""

    def is_leaf(self) -> bool:
        """Tell whether there are no groups in this one.

        Raises:
            NotFound: it doesn't exist.
        """
        try:
            return os.stat(self._folder).st_nlink == _LINKS_OF_LEAF
        except OSError as error:
            raise failure(error, doing=f"looking at control group `{self._folder}`") from error

    def entries(self) -> None:
        """None: memory is limited here."""

    def limit(self, resources: Resources) -> None:
        writes = plan_limits(resources)
        self.limit_devices(resources)
        self.apply(writes)

    def limit_devices(self, resources: Resources) -> None:
        """Attach the device filter (imported here: v1 hosts never need bpf(2))."""
        from tuicontainer.runtime.cgroups.v2.devices import limit_devices

        limit_devices(self._folder, resources.devices)

    def limit_memory(self, resources: Resources) -> None:
        writes = plan_memory(resources)
        if resources.memory is not None:
            check_memory_before_update(resources.memory, f"{self._folder}/memory.current")
        self.apply(writes)

    def update(self, resources: Resources) -> None:
        completed = self.prepare_update(resources)
        from tuicontainer.runtime.cgroups.undo import Undo

        with Undo() as undo:
            self.write_update(completed, undo)
            if completed.devices:
                self.limit_devices(completed)

    def prepare_update(self, resources: Resources) -> Resources:
        """Check an update, and complete it from what the group's files say now."""
        if not self.exists():
            raise NotFound(f"control group `{self._folder}` doesn't exist")
        completed = complete(
            resources,
            cpu_max=read_if_there(f"{self._folder}/cpu.max"),
            memory_max=read_if_there(f"{self._folder}/memory.max"),
        )
        plan_limits(completed)
        plan_memory(completed)
        if completed.memory is not None:
            check_memory_before_update(completed.memory, f"{self._folder}/memory.current")
        return completed

    def write_update(self, resources: Resources, undo: Undo) -> None:
        """Write what `prepare_update` returned, but not devices."""
        self.apply(plan_limits(resources) + plan_memory(resources), undo)

    def delegate(self, uid: int) -> None:
        """Give the user the group's folder and files (imported here: few containers ask)."""
        from tuicontainer.runtime.cgroups.v2.delegation import give_to

        give_to(self._folder, uid)

    def apply(self, writes: Sequence[Write], undo: Undo | None = None) -> None:
        """Do the writes, handing down first what they need and the group hasn't got."""
        needed = {write.controller for write in writes} - {"cgroup"}
        if needed:
            present = (read_if_there(f"{self._folder}/cgroup.controllers") or "").split()
            hand_down(self._top, self.path, sorted(needed.difference(present)))
        apply_writes(writes, lambda _: self._folder, self._explain, undo)

    def processes(self) -> list[int]:
        return processes_inside(self._folder)

    def freeze(self) -> None:
        freezer.freeze(self._folder, self.processes)

    def thaw(self) -> None:
        freezer.thaw(self._folder)

    def frozen(self) -> bool:
        return freezer.is_frozen(self._folder)

    def kill(self, signal: int) -> None:
        if not self.exists():
            return
        if signal != SIGKILL or not self.kill_at_once():
            signal_all(self, signal)
        elif self.frozen():
            self.thaw()

    def kill_at_once(self) -> bool:
        """Let the kernel kill all; False if it can't (before 5.14, or a threaded group)."""
        try:
            write_file(f"{self._folder}/cgroup.kill", "1")
        except OSError as error:
            if is_gone(error) or error.errno in (EOPNOTSUPP, EINVAL):
                return not self.exists()
            raise failure(error, doing=f"killing all of `{self._folder}`") from error
        return True

    def remove(self) -> None:
        remove_groups([self._folder])
        prune(self._top, self.path)

    def sample(self) -> CgroupSample:
        with self.open_sampler() as sampler:
            return sampler.sample()

    def open_sampler(self) -> V2Sampler:
        if not self.exists():
            raise NotFound(f"control group `{self.path}` doesn't exist")
        # Imported here: who makes and removes groups reads no counters.
        from tuicontainer.runtime.cgroups.v2.sampler import V2Sampler

        return V2Sampler(self.path, self._folder)

    def oom_kills(self) -> int | None:
        text = read_if_there(f"{self._folder}/memory.events")
        return flat_keyed(text).get("oom_kill") if text else None

    def to_state(self) -> dict[str, Any]:
        return group_to_state(self.path, self.mode, [self._mount])

    def _refuse_if_in_use(self) -> None:
        if pids := processes_inside(self._folder):
            raise FailedPrecondition(
                f"control group `{self._folder}` is in use by process `{pids[0]}`",
                hint="give the container another `linux.cgroupsPath`, or end that process",
            )
        if self.frozen():
            raise FailedPrecondition(
                f"control group `{self._folder}` exists and is frozen",
                hint="remove it, or write 0 to its cgroup.freeze",
            )

    def _prepare(self, folder: str) -> None:
        if folder != self._folder:
            hand_down_once(folder, self._controllers)

    def _explain(self, write: Write) -> TuiContainerError:
        return explain_missing(self._top, self.path, write.controller, write.field)

    def _inner_group(self, beside: int) -> str | None:
        """Return the folder of the group of process *beside* if it lies inside this one."""
        try:
            text = read_file(f"/proc/{beside}/cgroup")
        except OSError:
            return None
        for line in text.splitlines():
            if line.startswith("0::"):
                path = path_in_mount(self._mount.root, line[3:])
                # A namespace shows what lies outside of it by `..`.
                if path.startswith(f"{self.path}/") and "/../" not in f"{path}/":
                    return self._top + path
        return None
