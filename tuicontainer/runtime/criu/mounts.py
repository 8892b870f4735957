"""Which mounts of a container aren't its own, so that criu doesn't save what is in them.

Those show file systems of the host: bind mounts, devices in a user namespace, v1 hierarchies. At
the dump their mount points are listed in the images; at the restore each gets its source from the
configuration there, which may be another host's. Sources: criu.org, "External bind mounts";
runc libcontainer/criu_linux.go.
"""

from __future__ import annotations

import os
import posixpath

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.rootfs.devices import BindDevice
from tuicontainer.runtime.rootfs.inside import make_file, make_folder, open_inside
from tuicontainer.runtime.rootfs.mountinfo import parse_mounts
from tuicontainer.runtime.rootfs.mounts import MountBind, MountFilesystem, MountFirstPossible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tuicontainer.runtime.rootfs.mountinfo import MountInfo
    from tuicontainer.runtime.rootfs.plan import RootfsPlan

# Criu mounts these anew; that the host has the same one mounted says nothing.
_REMADE = frozenset({"proc", "sysfs", "mqueue"})
_GROUPS = frozenset({"cgroup", "cgroup2"})


def mounts_of(pid: int | str) -> list[MountInfo]:
    """Return the mounts of a process as it sees them.

    Raises:
        OSError: it has ended.
    """
    with open(f"/proc/{pid}/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        return parse_mounts(file.read())


def external_points(
    theirs: Iterable[MountInfo], ours: Iterable[MountInfo], *, cgroup_namespace: bool
) -> list[str]:
    """Return the container's mount points that show a file system of the host. Pure.

    Args:
        theirs: the container's mounts.
        ours: the host's.
        cgroup_namespace: whether the container has one, and so mounts groups of its own.
    """
    hosts = {mount.device for mount in ours}
    own = _REMADE | _GROUPS if cgroup_namespace else _REMADE
    points = []
    for mount in theirs:
        known = mount.device in hosts and mount.type not in own
        if known and mount.point != "/" and mount.point not in points:
            points.append(mount.point)
    return points


def sources(points: Iterable[str], plan: RootfsPlan, masked: Iterable[str]) -> dict[str, str]:
    """Return what is to be mounted at each of these mount points.

    Args:
        points: of the dump.
        plan: of the container to be made of it.
        masked: the paths that the null device hides.

    Raises:
        InvalidArgument: the configuration has nothing for one of them.
    """
    known = dict(_known(plan))
    hidden = set(masked)
    chosen: dict[str, str] = {}
    for point in points:
        place = point
        while place != "/" and place not in known:
            place = posixpath.dirname(place)
        if place != "/":
            # A mount inside of what is bound with all that is in it.
            chosen[point] = os.path.normpath(known[place] + point[len(place) :])
        elif point in hidden:
            chosen[point] = os.devnull
        elif os.path.lexists(plan.root + point):
            # The root filesystem itself consists of several mounts.
            chosen[point] = plan.root + point
        else:
            raise InvalidArgument(
                f"the checkpoint has a mount of the host's on `{point}`, for which this bundle's "
                "configuration has no source",
                hint="restore with the configuration that the container was made with",
            )
    return chosen


def make_points(root: int, plan: RootfsPlan) -> None:
    """Make the mount points that are missing in the root, but not those on a tmpfs, which is saved.

    Raises:
        OSError, TuiContainerError: one can't be made.
    """
    volatile: list[str] = []
    for step in plan.build:
        mount = step.filesystem if isinstance(step, MountFirstPossible) else step
        if not isinstance(mount, (MountBind, MountFilesystem)):
            continue
        if any(f"{mount.destination}/".startswith(f"{each}/") for each in volatile):
            continue
        is_file = isinstance(mount, MountBind) and not os.path.isdir(mount.source)
        make = make_file if is_file else make_folder
        os.close(make(root, mount.destination))
        if isinstance(mount, MountFilesystem) and mount.type not in _GROUPS:
            volatile.append(mount.destination)


def _known(plan: RootfsPlan) -> Iterator[tuple[str, str]]:
    """Yield real mount points with their sources: links in the root are followed inside of it."""
    folder = os.open(plan.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        top = os.readlink(f"/proc/self/fd/{folder}")
        for step in plan.build:
            bind = step.bind if isinstance(step, MountFirstPossible) else step
            if isinstance(bind, MountBind):
                yield _real(folder, top, bind.destination), bind.source
            elif isinstance(step, BindDevice):
                yield _real(folder, top, step.path), step.path
    finally:
        os.close(folder)


def _real(folder: int, top: str, path: str) -> str:
    try:
        place = open_inside(folder, path)
    except OSError:
        # On a file system that is yet to be mounted.
        return path
    try:
        return os.readlink(f"/proc/self/fd/{place}")[len(top.rstrip("/")) :] or "/"
    finally:
        os.close(place)
