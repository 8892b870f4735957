"""Which control group hierarchies this host has, from /proc/self/mountinfo and /proc/self/cgroup.

    v2       one cgroup2 mount, no v1 controller mounted
    v1       v1 controllers mounted, no cgroup2 mount
    hybrid   v1 controllers mounted, and cgroup2 beside them (systemd: /sys/fs/cgroup/unified)
    none     nothing mounted

The super block's options tell what a v1 mount carries; the mount point's name doesn't, as
`cpu,cpuacct` may be reached by three names and an administrator may mount a controller anywhere.
A controller that /proc/self/cgroup lists but nobody mounted can't be used and is left out; a `0::`
line without a cgroup2 mount means nothing either (kernels always print it).
Sources: proc_pid_mountinfo(5), cgroups(7), cgroup_namespaces(7).
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from tuicontainer.runtime.cgroups.api import CgroupMode

STANDARD_PLACE = "/sys/fs/cgroup"


class HierarchyMount(Record):
    """One mounted hierarchy."""

    controllers: tuple[str, ...]
    """Controllers of a v1 hierarchy, empty for a named one; on v2 those that its mount's root
    group may give to children, which `read_hierarchies` fills in from `cgroup.controllers`."""
    mountpoint: str
    version: Literal[1, 2]
    name: str = ""
    """Name of a v1 hierarchy without controllers, such as `systemd`."""
    root: str = "/"
    """Which group of the hierarchy the mount shows as its root: not `/` in a container that has
    its host's mounts, and `/..` where the mount shows more than our cgroup namespace."""
    own: str = "/"
    """Group of the reading process, from the mount's root; `/` also if the mount doesn't show it."""


class Hierarchies(Record):
    """All hierarchies of the host; v1 ones in the order of their mounts, the unified one last."""

    mode: CgroupMode
    mounts: tuple[HierarchyMount, ...] = ()

    @property
    def v1_mounts(self) -> tuple[HierarchyMount, ...]:
        """The v1 hierarchies, named ones included."""
        return tuple(mount for mount in self.mounts if mount.version == 1)

    @property
    def unified(self) -> HierarchyMount | None:
        """The v2 hierarchy."""
        for mount in self.mounts:
            if mount.version == 2:
                return mount
        return None

    @property
    def controllers(self) -> tuple[str, ...]:
        """Every controller that can be used, sorted."""
        return tuple(sorted({name for mount in self.mounts for name in mount.controllers}))


def read_hierarchies() -> Hierarchies:
    """Read what is mounted now."""
    raise NotImplementedError


def parse_hierarchies(mountinfo: str, own_cgroup: str) -> Hierarchies:
    """Return the hierarchies that these texts tell of; v2 controllers stay empty."""
    raise NotImplementedError
