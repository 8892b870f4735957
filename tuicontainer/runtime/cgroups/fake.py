"""Control groups in memory: the same answers as the kernel's, for tests of what stands above.

`FakeHost` is the host: it makes pids, and tells what became of processes. The contract suite in
tests/contracts/cgroups runs on it as on the real drivers.
"""

from __future__ import annotations

import time

from tuicontainer.errors import FailedPrecondition, NotFound
from tuicontainer.runtime.cgroups.open import check_group_path
from tuicontainer.runtime.cgroups.sample import CgroupSample
from tuicontainer.runtime.cgroups.v2.plan import plan_limits, plan_memory
from tuicontainer.runtime.cgroups.v2.present import complete

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from tuicontainer.runtime.cgroups.api import Cgroup, CgroupMode
    from tuicontainer.spec.config import Resources

SIGKILL = 9
# Signals whose default action doesn't end a process: CHLD CONT STOP TSTP TTIN TTOU URG WINCH.
HARMLESS = frozenset({17, 18, 19, 20, 21, 22, 23, 28})
FIRST_PID = 1000


class FakeHost:
    """The processes and groups of one imaginary host; fields are open for tests to read."""

    def __init__(self) -> None:
        self.processes: dict[int, list[int]] = {}
        """Signals that wait for each living process, as its group is frozen."""
        self.groups: dict[str, FakeGroup] = {}
        self.caller = 0
        """The process in whose name `join` is called."""
        self._next_pid = FIRST_PID

    def group(self, path: str) -> Cgroup:
        """Return the handle on a group of this host, as `open.open_cgroup` does."""
        return FakeCgroup(path, self)

    def spawn(self, *, like: int | None = None) -> int:
        """Start a process and return its pid; it is born in the group of the process *like*."""
        pid = self._next_pid
        self._next_pid += 1
        self.processes[pid] = []
        for group in self.groups.values():
            if like in group.members:
                group.members.add(pid)
        return pid

    def exit(self, pid: int) -> None:
        """End a process."""
        self.processes.pop(pid, None)
        for group in self.groups.values():
            group.members.discard(pid)

    def inside(self, path: str) -> list[FakeGroup]:
        """Return a group, if it exists, and all below it."""
        return [
            group
            for name, group in self.groups.items()
            if name == path or name.startswith(f"{path}/")
        ]

    def is_stopped(self, pid: int) -> bool:
        """Tell whether a group above the process is frozen."""
        homes = [name for name, group in self.groups.items() if pid in group.members]
        return any(
            group.frozen
            for home in homes
            for name, group in self.groups.items()
            if f"{home}/".startswith(f"{name}/")
        )


class FakeGroup:
    """What the imaginary kernel knows of one group."""

    def __init__(self, *, ours: bool) -> None:
        self.ours = ours
        """Made on demand as somebody's ancestor."""
        self.members: set[int] = set()
        self.frozen = False
        self.owner = 0
        """User that the group was handed to."""
        self.writes: dict[str, str] = {}
        """Last value of each v2 file written."""
        self.counters = CgroupSample(monotonic_ns=0)
        """What `sample` returns, with the limits filled in."""


class FakeCgroup:
    """Answers `api.Cgroup` from a FakeHost."""

    mode: CgroupMode = "v2"
    joinable = True

    def __init__(self, path: str, host: FakeHost) -> None:
        self.path = check_group_path(path)
        self._host = host

    def exists(self) -> bool:
        return self.path in self._host.groups

    def create(self) -> None:
        if pids := self.processes():
            raise FailedPrecondition(f"control group `{self.path}` is in use by `{pids[0]}`")
        if self.frozen():
            raise FailedPrecondition(f"control group `{self.path}` exists and is frozen")
        names = self.path.strip("/").split("/")
        for depth in range(1, len(names)):
            ancestor = "/" + "/".join(names[:depth])
            self._host.groups.setdefault(ancestor, FakeGroup(ours=True))
        self._host.groups.setdefault(self.path, FakeGroup(ours=False))

    def attach(self, pid: int, *, beside: int | None = None) -> None:
        del beside
        group = self._group()
        if pid not in self._host.processes:
            raise NotFound(f"moving process `{pid}` into `{self.path}`: no such process")
        for other in self._host.groups.values():
            other.members.discard(pid)
        group.members.add(pid)

    def birthplace(self) -> int | None:
        self._group()
        return None

    def join(self) -> None:
        self.attach(self._host.caller)

    def entries(self) -> None:
        self._group()

    def limit(self, resources: Resources) -> None:
        planned = plan_limits(resources)
        self._group().writes.update({write.file: write.value for write in planned})

    def limit_memory(self, resources: Resources) -> None:
        planned = plan_memory(resources)
        memory, group = resources.memory, self._group()
        used = group.counters.memory.usage or 0
        if memory and memory.check_before_update and 0 <= (memory.limit or -1) < used:
            raise FailedPrecondition(f"`linux.resources.memory.limit`: `{used}` bytes are in use")
        group.writes.update({write.file: write.value for write in planned})

    def update(self, resources: Resources) -> None:
        writes = self._group().writes
        completed = complete(
            resources,
            cpu_max=writes.get("cpu.max", "max 100000"),
            memory_max=writes.get("memory.max", "max"),
        )
        planned = plan_limits(completed)
        self.limit_memory(completed)
        writes.update({write.file: write.value for write in planned})

    def delegate(self, uid: int) -> None:
        self._group().owner = uid

    def processes(self) -> list[int]:
        return sorted({pid for group in self._host.inside(self.path) for pid in group.members})

    def freeze(self) -> None:
        self._group().frozen = True

    def thaw(self) -> None:
        if not self.exists():
            return
        self._group().frozen = False
        for pid in self.processes():
            if self._host.processes[pid] and not self._host.is_stopped(pid):
                self._host.exit(pid)

    def frozen(self) -> bool:
        return self.exists() and self._group().frozen

    def kill(self, signal: int) -> None:
        for pid in self.processes():
            if signal in HARMLESS:
                continue
            if signal != SIGKILL and self._host.is_stopped(pid):
                self._host.processes[pid].append(signal)
            else:
                self._host.exit(pid)
        if signal == SIGKILL:
            self.thaw()

    def remove(self) -> None:
        if pids := self.processes():
            raise FailedPrecondition(
                f"removing control group `{self.path}`: processes {', '.join(map(str, pids))} "
                "still in it"
            )
        groups = self._host.groups
        for name in [name for name in groups if f"{name}/".startswith(f"{self.path}/")]:
            del groups[name]
        parent = self.path.rpartition("/")[0]
        while parent in groups and groups[parent].ours:
            if groups[parent].members or len(self._host.inside(parent)) > 1:
                return
            del groups[parent]
            parent = parent.rpartition("/")[0]

    def sample(self) -> CgroupSample:
        group = self._group()
        counters, writes = group.counters, group.writes
        quota, _, period = writes.get("cpu.max", "max 100000").partition(" ")
        return counters.replace(
            monotonic_ns=time.monotonic_ns(),
            cpu=counters.cpu.replace(quota_us=_limit(quota), period_us=int(period)),
            memory=counters.memory.replace(
                limit=_limit(writes.get("memory.max", "max")),
                swap_limit=_limit(writes.get("memory.swap.max", "max")),
            ),
            pids=counters.pids.replace(
                current=len(self.processes()), limit=_limit(writes.get("pids.max", "max"))
            ),
        )

    def open_sampler(self) -> FakeSampler:
        self._group()
        return FakeSampler(self)

    def oom_kills(self) -> int | None:
        return self._group().counters.memory.oom_kills if self.exists() else None

    def to_state(self) -> dict[str, Any]:
        return {"path": self.path, "mode": "fake"}

    def _group(self) -> FakeGroup:
        try:
            return self._host.groups[self.path]
        except KeyError:
            raise NotFound(f"control group `{self.path}` doesn't exist") from None


class FakeSampler:
    """Answers `api.Sampler`."""

    def __init__(self, group: FakeCgroup) -> None:
        self._group = group

    def sample(self) -> CgroupSample:
        return self._group.sample()

    def close(self) -> None:
        """There is nothing to close."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _limit(word: str) -> int | None:
    return None if word == "max" else int(word)
