"""The control group of spawner and monitors, away from the door's login session.

Else a session's end (systemd's KillUserProcesses) or its limits would reach them, and their memory
would be charged to it. On v2 a leaf of its own is needed besides, because a group with processes
can't give controllers to the containers' groups beside it (cgroups(7), no internal processes).
Where systemd owns the tree it is asked for a scope to put all of it in (`engine_scope.py`);
elsewhere, and where systemd can't be reached, it is `/tuicontainer/<key>` in each hierarchy.
"""

from __future__ import annotations

import os

from tuicontainer.errors import TuiContainerError, Unavailable
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import open_cgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.locations import Locations
    from tuicontainer.runtime.cgroups.hierarchies import Hierarchies


_BOOTED = "/run/systemd/system"
"""There if systemd is the host's init (sd_booted(3)); named here, as most hosts of ours load
nothing of systemd's driver."""


def enter(locations: Locations) -> Locations:
    """Move the caller into the engine's group, made if it is new; return where the groups are.

    A host without control groups has none to move to.

    Raises:
        TuiContainerError: the group can't be made or entered.
    """
    hierarchies = read_hierarchies()
    if hierarchies.mode == "none":
        return locations
    if _is_systemds(hierarchies):
        from tuicontainer.supervise.engine_scope import enter_scope

        try:
            return locations.replace(cgroup_scope=enter_scope(locations.root_key))
        except Unavailable:
            # A system bus that is down mustn't keep containers from running: plain groups outlive
            # a session too, only systemd doesn't know whose they are.
            pass
    group = open_cgroup(locations.engine_cgroup, hierarchies)
    if not group.exists():
        # Where monitors of a spawner that died live on, the group is there and holds them.
        group.create()
    group.attach(os.getpid())
    return locations


def possible_places(locations: Locations) -> Iterator[Locations]:
    """Yield the locations with each place where groups of this state root may be.

    More than one: a scope needs systemd to be reachable, which it needn't have been each time.
    """
    yield locations.replace(cgroup_scope="")
    if _is_systemds(read_hierarchies()):
        from tuicontainer.supervise.engine_scope import scope_of

        yield locations.replace(cgroup_scope=scope_of(locations.root_key).path)


def leave(locations: Locations) -> None:
    """Move the caller, which is about to end, to the root groups, and remove the engine's group.

    It stays if others are in it, as do its ancestors if containers have groups there. A scope is
    left to systemd, which removes it when the caller, its last process, has ended.
    """
    if locations.cgroup_scope:
        return
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


def _is_systemds(hierarchies: Hierarchies) -> bool:
    return hierarchies.mode == "v2" and os.path.isdir(_BOOTED)


def _move_to_root(mountpoint: str) -> None:
    fd = os.open(os.path.join(mountpoint, "cgroup.procs"), os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, b"%d" % os.getpid())
    finally:
        os.close(fd)
