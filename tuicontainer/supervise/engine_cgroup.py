"""The control group of spawner and monitors, away from the door's login session.

Else a session's end (systemd's KillUserProcesses) or its limits would reach them, and their memory
would be charged to it. On v2 a leaf of its own is needed besides, because a group with processes
can't give controllers to the containers' groups beside it (cgroups(7), no internal processes).
"""

from __future__ import annotations

import os

from tuicontainer.errors import TuiContainerError
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import open_cgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations


def enter(locations: Locations) -> None:
    """Move the caller into the engine's group, made if it is new.

    A host without control groups has none to move to.

    Raises:
        TuiContainerError: the group can't be made or entered.
    """
    hierarchies = read_hierarchies()
    if hierarchies.mode == "none":
        return
    group = open_cgroup(locations.engine_cgroup, hierarchies)
    if not group.exists():
        # Where monitors of a spawner that died live on, the group is there and holds them.
        group.create()
    group.attach(os.getpid())


def leave(locations: Locations) -> None:
    """Move the caller, which is about to end, to the root groups, and remove the engine's group.

    It stays if others are in it, as do its ancestors if containers have groups there.
    """
    hierarchies = read_hierarchies()
    if hierarchies.mode == "none":
        return
    group = open_cgroup(locations.engine_cgroup, hierarchies)
    try:
        for mount in hierarchies.mounts:
            _move_to_root(mount.mountpoint)
        if not group.processes():
            group.remove()
    except (OSError, TuiContainerError):
        # Left behind for the next spawner, which enters it again.
        return


def _move_to_root(mountpoint: str) -> None:
    fd = os.open(os.path.join(mountpoint, "cgroup.procs"), os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, b"%d" % os.getpid())
    finally:
        os.close(fd)
