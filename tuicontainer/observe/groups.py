"""A container's control groups with their limits, as the kernel's files say them.

Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/ for the files.
"""

from __future__ import annotations

import os

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_FILES = {
    1: (
        "cpu.cfs_quota_us",
        "cpu.cfs_period_us",
        "cpu.shares",
        "cpuset.cpus",
        "cpuset.mems",
        "memory.limit_in_bytes",
        "memory.soft_limit_in_bytes",
        "memory.memsw.limit_in_bytes",
        "memory.swappiness",
        "pids.max",
        "blkio.weight",
        "freezer.state",
    ),
    2: (
        "cpu.max",
        "cpu.weight",
        "cpuset.cpus",
        "cpuset.mems",
        "memory.min",
        "memory.low",
        "memory.high",
        "memory.max",
        "memory.swap.max",
        "memory.oom.group",
        "pids.max",
        "io.max",
        "io.weight",
        "cgroup.freeze",
    ),
}
"""By version: the limits that are shown where the kernel has them."""
_MOST_GROUPS = 200
"""A container may make as many groups as it likes; a screen needn't."""


class GroupView(Record):
    """One control group in one hierarchy."""

    hierarchy: str
    """`v2`, or the controllers of a hierarchy of version 1."""
    path: str
    """From the hierarchy's root."""
    depth: int
    """Below the container's own group, which has 0."""
    processes: int
    """In this group itself."""
    controllers: tuple[str, ...]
    """Those that act on it."""
    limits: Mapping[str, str]
    """By file name, what the file says."""


def observe_groups(group: Mapping[str, Any]) -> tuple[GroupView, ...]:
    """Return a container's groups, in each hierarchy parents before children.

    Args:
        group: the state document's `cgroup`: `path`, and `hierarchies` with `mountpoint`, `root`,
            `version` and `controllers`.
    """
    views: list[GroupView] = []
    for hierarchy in group.get("hierarchies", ()):
        version = int(hierarchy["version"])
        root = hierarchy.get("root", "/")
        path = group["path"]
        # What is mounted may be a part of the hierarchy: paths begin at that part's root.
        below = path[len(root) :] if root != "/" and path.startswith(root) else path
        top = os.path.join(hierarchy["mountpoint"], below.lstrip("/"))
        controllers = tuple(hierarchy["controllers"])
        name = "v2" if version == 2 else ",".join(controllers) or hierarchy.get("name", "")
        for folder, depth in _folders(top):
            view = _group(folder, depth, version, name, path, top, controllers)
            if view is not None and len(views) < _MOST_GROUPS:
                views.append(view)
    return tuple(views)


def _folders(top: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    waiting = [(top, 0)]
    while waiting and len(found) < _MOST_GROUPS:
        folder, depth = waiting.pop()
        found.append((folder, depth))
        try:
            with os.scandir(folder) as entries:
                inside = sorted(
                    entry.name for entry in entries if entry.is_dir(follow_symlinks=False)
                )
        except OSError:
            continue
        waiting += [(os.path.join(folder, name), depth + 1) for name in reversed(inside)]
    return found


def _group(
    folder: str,
    depth: int,
    version: int,
    name: str,
    path: str,
    top: str,
    controllers: tuple[str, ...],
) -> GroupView | None:
    processes = _read(folder, "cgroup.procs")
    if processes is None:
        return None
    limits = {}
    for file in _FILES[version]:
        text = _read(folder, file)
        if text is not None and text.strip():
            limits[file] = " ".join(text.split())
    acting = _read(folder, "cgroup.controllers") if version == 2 else None
    return GroupView(
        hierarchy=name,
        path=path + folder[len(top) :],
        depth=depth,
        processes=len(processes.split()),
        controllers=controllers if acting is None else tuple(acting.split()),
        limits=limits,
    )


def _read(folder: str, name: str) -> str | None:
    """Return a file's text; None where the kernel hasn't this file, or not any more."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None
