"""The mounts of a process's mount namespace as a tree.

Sources: proc_pid_mountinfo(5), mount_namespaces(7) for propagation.
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.runtime.rootfs.mountinfo import parse_mounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.runtime.rootfs.mountinfo import MountInfo


class MountView(Record):
    """One mount, as seen from the process's root."""

    mount_id: int
    parent_id: int
    depth: int
    """Below the root's mount, which has 0."""
    target: str
    type: str
    source: str
    root: str
    """Which part of the file system is mounted; `/` is all of it."""
    options: tuple[str, ...]
    """Of this mount."""
    super_options: tuple[str, ...]
    """Of the file system, shared with its other mounts."""
    propagation: str
    """`private`, or such as `shared:5`, `master:7`, `unbindable`."""
    hidden: bool
    """Another mount lies over it at the same place."""


def observe_mounts(pid: int) -> tuple[MountView, ...]:
    """Return the mounts of a process, parents before what is mounted in them.

    Raises:
        ProcessLookupError: there is no such process.
        OSError: it may not be looked at.
    """
    try:
        with open(f"/proc/{pid}/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return mount_tree(parse_mounts(file.read()))
    except FileNotFoundError:
        raise ProcessLookupError(f"no process {pid}") from None


def mount_tree(mounts: Sequence[MountInfo]) -> tuple[MountView, ...]:
    """Return the mounts, parents before what is mounted in them, else in the order of mounting."""
    known = {mount.mount_id for mount in mounts}
    inside: dict[int, list[MountInfo]] = {}
    roots = []
    for mount in mounts:
        if mount.parent_id in known and mount.parent_id != mount.mount_id:
            inside.setdefault(mount.parent_id, []).append(mount)
        else:
            roots.append(mount)
    views: list[MountView] = []
    waiting = [(mount, 0) for mount in reversed(roots)]
    while waiting:
        mount, depth = waiting.pop()
        below = inside.get(mount.mount_id, [])
        views.append(
            MountView(
                mount_id=mount.mount_id,
                parent_id=mount.parent_id,
                depth=depth,
                target=mount.point,
                type=mount.type,
                source=mount.source,
                root=mount.root,
                options=mount.options,
                super_options=mount.super_options,
                propagation=" ".join(mount.propagation) or "private",
                hidden=any(other.point == mount.point for other in below),
            )
        )
        waiting += [(other, depth + 1) for other in reversed(below)]
    return tuple(views)
