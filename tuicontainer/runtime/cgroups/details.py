"""What a control group counts beyond a `sample`: for `events`, whose readers know runc's names.

Whatever a host doesn't have is absent. Sources: cgroup-v1/memory.rst, cpuacct.rst, cpusets.rst,
hugetlb.rst; cgroup-v2.rst; runc libcontainer/cgroups/fs.
"""

from __future__ import annotations

import os

from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.files import read_if_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.runtime.cgroups.api import Cgroup

_PARTS = {"usage": "memory.", "swap": "memory.memsw.", "kernel": "memory.kmem."}
_TCP = "memory.kmem.tcp."
_CPUSET = (
    "cpu_exclusive",
    "mem_hardwall",
    "mem_exclusive",
    "memory_migrate",
    "memory_spread_page",
    "memory_spread_slab",
    "memory_pressure",
    "sched_load_balance",
    "sched_relax_domain_level",
)
_HUGETLB = {"usage": "usage_in_bytes", "max": "max_usage_in_bytes", "failcnt": "failcnt"}
_HUGETLB_V2 = {"usage": "current"}


class CgroupDetails(Record):
    """Numbers by the kernel's or runc's names; times in nanoseconds, sizes in bytes."""

    memory: Mapping[str, int] = {}
    """All of memory.stat."""
    memory_parts: Mapping[str, Mapping[str, int]] = {}
    """v1: by `usage`, `swap`, `kernel`, `kernelTCP`: `limit usage max failcnt`."""
    cpu_by_cpu: Mapping[str, tuple[int, ...]] = {}
    """v1: by `percpu`, `percpu_kernel`, `percpu_user`: one number a CPU."""
    cpuset: Mapping[str, int | tuple[int, ...]] = {}
    """v1: its switches, and lists of CPUs and memory nodes."""
    hugetlb: Mapping[str, Mapping[str, int]] = {}
    """By page size: `usage max failcnt`."""


def read_details(group: Cgroup) -> CgroupDetails:
    """Return what the group tells now."""
    state = group.to_state()
    folders: dict[str, str] = {}
    unified = ""
    for hierarchy in state["hierarchies"]:
        folder = hierarchy["mountpoint"] + state["path"]
        if hierarchy["version"] == 2:
            unified = folder
        else:
            folders |= dict.fromkeys(hierarchy["controllers"], folder)
    return CgroupDetails(
        memory=_table(os.path.join(folders.get("memory", unified), "memory.stat")),
        memory_parts=_memory_parts(folders.get("memory")),
        cpu_by_cpu=_cpu_by_cpu(folders.get("cpuacct")),
        cpuset=_cpuset(folders.get("cpuset")),
        hugetlb=_hugetlb(folders.get("hugetlb"), unified),
    )


def _memory_parts(folder: str | None) -> dict[str, dict[str, int]]:
    if folder is None:
        return {}
    parts = {}
    for part, prefix in {**_PARTS, "kernelTCP": _TCP}.items():
        files = {
            "limit": "limit_in_bytes",
            "usage": "usage_in_bytes",
            "max": "max_usage_in_bytes",
            "failcnt": "failcnt",
        }
        numbers = {name: _number(f"{folder}/{prefix}{file}") for name, file in files.items()}
        parts[part] = {name: number for name, number in numbers.items() if number is not None}
    return parts


def _cpu_by_cpu(folder: str | None) -> dict[str, tuple[int, ...]]:
    if folder is None:
        return {}
    files = {"percpu": "", "percpu_kernel": "_sys", "percpu_user": "_user"}
    found = {}
    for name, suffix in files.items():
        text = read_if_there(f"{folder}/cpuacct.usage_percpu{suffix}")
        if text is not None:
            found[name] = tuple(map(int, text.split()))
    return found


def _cpuset(folder: str | None) -> dict[str, int | tuple[int, ...]]:
    if folder is None:
        return {}
    found: dict[str, int | tuple[int, ...]] = {}
    for name in ("cpus", "mems"):
        text = read_if_there(f"{folder}/cpuset.{name}")
        if text is not None:
            found[name] = _list(text)
    for name in _CPUSET:
        number = _number(f"{folder}/cpuset.{name}")
        if number is not None:
            found[name] = number
    return found


def _hugetlb(folder: str | None, unified: str) -> dict[str, dict[str, int]]:
    where, files = (folder, _HUGETLB) if folder is not None else (unified, _HUGETLB_V2)
    try:
        names = os.listdir(where) if where else []
    except OSError:
        return {}
    mark = f".{files['usage']}"
    sizes = {
        name.removeprefix("hugetlb.").removesuffix(mark)
        for name in names
        if name.startswith("hugetlb.") and name.endswith(mark) and ".rsvd" not in name
    }
    return {
        size: {name: _number(f"{where}/hugetlb.{size}.{file}") or 0 for name, file in files.items()}
        for size in sorted(sizes)
    }


def _table(path: str) -> dict[str, int]:
    fields = [line.split() for line in (read_if_there(path) or "").splitlines()]
    return {name: int(value) for name, value in fields}


def _number(path: str) -> int | None:
    text = read_if_there(path)
    return None if text is None else int(text)


def _list(text: str) -> tuple[int, ...]:
    """Read a list such as `0-2,7`."""
    numbers: list[int] = []
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return tuple(numbers)
