"""A host with v1 controllers and a unified tree beside them.

The container's group is made in both. v1 has the controllers; the unified tree adds pressure
information, killing in one step, and whatever controller isn't mounted as v1. Pausing is done by
v1's freezer, where everybody looks for it on such hosts. `unified` entries are for controllers that
the unified tree has; for others the error says that they are mounted as v1.
"""

from __future__ import annotations

from tuicontainer.runtime.cgroups.state import group_to_state
from tuicontainer.runtime.cgroups.v1.group import V1Cgroup
from tuicontainer.runtime.cgroups.v1.plan import plan_limits as plan_v1_limits
from tuicontainer.runtime.cgroups.v2.group import V2Cgroup
from tuicontainer.runtime.cgroups.v2.plan import plan_limits as plan_v2_limits
from tuicontainer.spec.config import Cpu, Resources
from tuicontainer.syscalls.signals import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tuicontainer.runtime.cgroups.api import CgroupMode
    from tuicontainer.runtime.cgroups.hierarchies import HierarchyMount
    from tuicontainer.runtime.cgroups.hybrid_sampler import HybridSampler
    from tuicontainer.runtime.cgroups.sample import CgroupSample


class HybridCgroup:
    """Answers `api.Cgroup` by a v1 group and a v2 group of the same path."""

    mode: CgroupMode = "hybrid"
    joinable = True

    def __init__(
        self, path: str, first: tuple[HierarchyMount, ...], unified: HierarchyMount
    ) -> None:
        """Make the handle from the v1 hierarchies and the unified one."""
        self.path = path
        self._mounts = (*first, unified)
        self._first = V1Cgroup(path, first)
        # The unified tree's few controllers are handed down only when a limit names them: what
        # its root hands down is the host's setting and outlives the container.
        self._unified = V2Cgroup(path, unified, controllers=())
        self._unified_controllers = unified.controllers

    def exists(self) -> bool:
        return self._first.exists() or self._unified.exists()

    def create(self) -> None:
        existed = self._unified.exists()
        self._unified.create()
        try:
            self._first.create()
        except BaseException:
            if not existed:
                self._unified.remove()
            raise

    def attach(self, pid: int, *, beside: int | None = None) -> None:
        self._first.attach(pid)
        self._unified.attach(pid, beside=beside)

    def birthplace(self) -> int | None:
        return self._unified.birthplace()

    def join(self) -> None:
        self._first.join()

    def entries(self) -> list[int] | None:
        # In a group that has groups of the container's own, `attach` finds the one to be in.
        if "memory" in self._unified_controllers or not self._unified.is_leaf():
            return None
        return self._first.entries()

    def limit(self, resources: Resources) -> None:
        first, second = split(resources, self._is_only_unified)
        first_writes, second_writes = plan_v1_limits(first), plan_v2_limits(second)
        self._limit_devices(resources)
        self._first.apply(first_writes)
        self._unified.apply(second_writes)

    def limit_memory(self, resources: Resources) -> None:
        first, second = split(resources, self._is_only_unified)
        self._first.limit_memory(first)
        self._unified.limit_memory(second)

    def update(self, resources: Resources) -> None:
        first, second = split(resources, self._is_only_unified)
        plan_v1_limits(first)
        second = self._unified.prepare_update(second)
        from tuicontainer.runtime.cgroups.undo import Undo

        with Undo() as undo:
            self._first.write_update(first, undo)
            self._unified.write_update(second, undo)
            if resources.devices:
                self._limit_devices(resources)

    def delegate(self, uid: int) -> None:
        """Nothing: the controllers are on v1, where the limits would be given away too."""
        del uid

    def processes(self) -> list[int]:
        return self._first.processes()

    def freeze(self) -> None:
        self._freezing.freeze()

    def thaw(self) -> None:
        self._freezing.thaw()

    def frozen(self) -> bool:
        return self._freezing.frozen()

    def kill(self, signal: int) -> None:
        if signal != SIGKILL or not self._unified.exists() or not self._unified.kill_at_once():
            self._first.kill(signal)
            return
        # Tasks that v1 has frozen die when they are thawed.
        self._freezing.thaw()
        # A privileged container may have moved processes out of the unified group; v1 is read
        # first, so that one that ends in between costs a needless look and no more.
        if set(self._first.processes()) - set(self._unified.processes()):
            self._first.kill(signal)

    def remove(self) -> None:
        self._first.remove()
        self._unified.remove()

    def sample(self) -> CgroupSample:
        with self.open_sampler() as sampler:
            return sampler.sample()

    def open_sampler(self) -> HybridSampler:
        # Imported here: who makes and removes groups reads no counters.
        from tuicontainer.runtime.cgroups.hybrid_sampler import HybridSampler

        complete = all(self._first.has(name) for name in ("cpuacct", "memory", "pids", "blkio"))
        return HybridSampler(
            self._first.open_sampler(), self._unified.open_sampler(), complete=complete
        )

    def oom_kills(self) -> int | None:
        return (self._first if self._first.has("memory") else self._unified).oom_kills()

    def to_state(self) -> dict[str, Any]:
        return group_to_state(self.path, self.mode, self._mounts)

    def _limit_devices(self, resources: Resources) -> None:
        if self._first.has("devices"):
            self._first.limit_devices(resources)
        else:
            self._unified.limit_devices(resources)

    @property
    def _freezing(self) -> V1Cgroup | V2Cgroup:
        return self._first if self._first.has("freezer") else self._unified

    def _is_only_unified(self, first: str, second: str) -> bool:
        return not self._first.has(first) and second in self._unified_controllers


def split(
    resources: Resources, only_unified: Callable[[str, str], bool]
) -> tuple[Resources, Resources]:
    """Return what is for the v1 group and what is for the unified one, devices in neither.

    Args:
        resources: all limits.
        only_unified: tells of a controller's name in v1 and in v2 whether only the unified
            hierarchy has it.
    """
    second = Resources(unified=resources.unified)
    first = resources.replace(unified={}, devices=())
    for field, v1_name, v2_name, nothing in (
        ("memory", "memory", "memory", None),
        ("pids", "pids", "pids", None),
        ("block_io", "blkio", "io", None),
        ("hugepage_limits", "hugetlb", "hugetlb", ()),
        ("rdma", "rdma", "rdma", ()),
    ):
        if only_unified(v1_name, v2_name):
            second = second.replace(**{field: getattr(resources, field)})
            first = first.replace(**{field: nothing})
    if resources.cpu is None:
        return first, second
    sets = {"cpus": resources.cpu.cpus, "mems": resources.cpu.mems}
    time = resources.cpu.replace(cpus=None, mems=None)
    nowhere = Cpu()
    cpu = {True: nowhere, False: nowhere}
    cpu[only_unified("cpu", "cpu")] = time
    on_unified = only_unified("cpuset", "cpuset")
    cpu[on_unified] = cpu[on_unified].replace(**sets)
    return first.replace(cpu=cpu[False]), second.replace(cpu=cpu[True])
