"""All that the kernel says of one container at one moment."""

from __future__ import annotations

import os

from tuicontainer.observe.mounts import MountView, observe_mounts
from tuicontainer.observe.namespaces import (
    IdMap,
    NamespaceView,
    observe_id_maps,
    observe_namespaces,
)
from tuicontainer.observe.processes import ProcessView, observe_processes
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_UNLIMITED = "unlimited"
_LIMIT_NAMES = {
    "Max cpu time": "RLIMIT_CPU",
    "Max file size": "RLIMIT_FSIZE",
    "Max data size": "RLIMIT_DATA",
    "Max stack size": "RLIMIT_STACK",
    "Max core file size": "RLIMIT_CORE",
    "Max resident set": "RLIMIT_RSS",
    "Max processes": "RLIMIT_NPROC",
    "Max open files": "RLIMIT_NOFILE",
    "Max locked memory": "RLIMIT_MEMLOCK",
    "Max address space": "RLIMIT_AS",
    "Max file locks": "RLIMIT_LOCKS",
    "Max pending signals": "RLIMIT_SIGPENDING",
    "Max msgqueue size": "RLIMIT_MSGQUEUE",
    "Max nice priority": "RLIMIT_NICE",
    "Max realtime priority": "RLIMIT_RTPRIO",
    "Max realtime timeout": "RLIMIT_RTTIME",
}


class KernelView(Record):
    """A container with a process."""

    pid: int
    """Of the container's first process, in the reader's PID namespace."""
    processes: tuple[ProcessView, ...]
    """Parents before their children."""
    namespaces: tuple[NamespaceView, ...]
    """Of the first process; so is all that follows."""
    uid_map: tuple[IdMap, ...]
    gid_map: tuple[IdMap, ...]
    mounts: tuple[MountView, ...]
    rlimits: Mapping[str, tuple[int | None, int | None]]
    """Soft and hard limit by the specification's names; None is no limit."""
    oom_score_adj: int

    @property
    def process(self) -> ProcessView | None:
        """The container's first process; None if it has ended meanwhile."""
        return next((view for view in self.processes if view.pid == self.pid), None)


def observe_container(pid: int, pids: Iterable[int]) -> KernelView:
    """Return what the kernel says of the container now.

    Args:
        pid: its first process.
        pids: all its processes, as its control group lists them.

    Raises:
        ProcessLookupError: the first process has ended.
        OSError: it may not be looked at.
    """
    uid_map, gid_map = observe_id_maps(pid)
    return KernelView(
        pid=pid,
        processes=observe_processes({pid, *pids}),
        namespaces=observe_namespaces(pid),
        uid_map=uid_map,
        gid_map=gid_map,
        mounts=observe_mounts(pid),
        rlimits=parse_limits(_read(pid, "limits")),
        oom_score_adj=int(_read(pid, "oom_score_adj")),
    )


def parse_limits(text: str) -> dict[str, tuple[int | None, int | None]]:
    """Return the limits in the text of /proc/PID/limits (proc_pid_limits(5)): fixed columns."""
    limits = {}
    for line in text.splitlines()[1:]:
        name = _LIMIT_NAMES.get(line[:26].strip())
        if name is not None:
            soft, hard = line[26:].split()[:2]
            limits[name] = (_limit(soft), _limit(hard))
    return limits


def _limit(word: str) -> int | None:
    return None if word == _UNLIMITED else int(word)


def _read(pid: int, name: str) -> str:
    try:
        fd = os.open(f"/proc/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        with open(fd, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        raise ProcessLookupError(f"no process {pid}") from None
