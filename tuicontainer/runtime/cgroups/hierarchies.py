"""Which control group hierarchies this host has, from /proc/self/mountinfo and /proc/self/cgroup.

    v2       one cgroup2 mount, no v1 controller mounted
    v1       v1 controllers mounted, no cgroup2 mount
    hybrid   v1 controllers mounted, and cgroup2 beside them (systemd: /sys/fs/cgroup/unified)
    none     nothing that has controllers is mounted

The super block's options tell what a v1 mount carries; the mount point's name doesn't, as
`cpu,cpuacct` may be reached by three names and an administrator may mount a controller anywhere.
A controller that /proc/self/cgroup lists but nobody mounted can't be used and is left out; a `0::`
line without a cgroup2 mount means nothing either (kernels always print it).
Sources: proc_pid_mountinfo(5), cgroups(7), cgroup_namespaces(7).
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from tuicontainer.runtime.cgroups.api import CgroupMode

STANDARD_PLACE = "/sys/fs/cgroup"


class HierarchyMount(Record):
    """One mounted hierarchy."""

    controllers: tuple[str, ...]
    """Controllers of a v1 hierarchy, empty for a named one; on v2 those that the mount's root
    group may give to children, which `read_hierarchies` fills in from `cgroup.controllers`."""
    mountpoint: str
    version: Literal[1, 2]
    name: str = ""
    """Name of a v1 hierarchy without controllers, such as `systemd`."""
    root: str = "/"
    """Which group of the hierarchy the mount shows as its root: not `/` in a container that has
    its host's mounts, and `/..` where the mount shows more than our cgroup namespace."""
    own: str = "/"
    """Group of the reading process, from the mount's root; `/` if the mount doesn't show it."""


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
    """Read what is mounted now, as this process sees it.

    Raises:
        OSError: /proc isn't mounted.
    """
    found = parse_hierarchies(read_file("/proc/self/mountinfo"), read_file("/proc/self/cgroup"))
    mounts = []
    for mount in found.mounts:
        if mount.version == 2:
            names = read_file(f"{mount.mountpoint}/cgroup.controllers").split()
            mounts.append(mount.replace(controllers=tuple(names)))
        else:
            mounts.append(mount)
    return found.replace(mounts=tuple(mounts))


def parse_hierarchies(mountinfo: str, own_cgroup: str) -> Hierarchies:
    """Return the hierarchies that the two texts tell of; `controllers` of v2 stays empty.

    Args:
        mountinfo: /proc/self/mountinfo.
        own_cgroup: /proc/self/cgroup, which also tells which option words are controllers.
    """
    own = _own_groups(own_cgroup)
    known = {name for names in own for name in names if name and not name.startswith("name=")}
    chosen: dict[tuple[str, ...], HierarchyMount] = {}
    for line in _visible(mountinfo):
        fields = line.split(" ")
        dash = fields.index("-", 6)
        options = fields[dash + 3].split(",")
        root, mountpoint = _unescape(fields[3]), _unescape(fields[4])
        name = ""
        controllers: tuple[str, ...] = ()
        if fields[dash + 1] == "cgroup2":
            key: tuple[str, ...] = ("",)
        else:
            controllers = tuple(option for option in options if option in known)
            named = [option for option in options if option.startswith("name=")]
            if named and not controllers:
                name = named[0].removeprefix("name=")
            key = controllers or tuple(named)
            if not key:
                continue
        mount = HierarchyMount(
            controllers=controllers,
            mountpoint=mountpoint,
            version=2 if key == ("",) else 1,
            name=name,
            root=root,
            own=path_in_mount(root, own.get(frozenset(key), "/")),
        )
        if key not in chosen or _rank(mount) < _rank(chosen[key]):
            chosen[key] = mount
    first = [mount for mount in chosen.values() if mount.version == 1]
    unified = [mount for mount in chosen.values() if mount.version == 2]
    mode: CgroupMode = "none"
    if any(mount.controllers for mount in first):
        mode = "hybrid" if unified else "v1"
    elif unified:
        mode = "v2"
    return Hierarchies(mode=mode, mounts=(*first, *unified))


def _rank(mount: HierarchyMount) -> tuple[bool, bool]:
    """Order several mounts of one hierarchy; the lowest is used, the first one among equals."""
    elsewhere = not f"{mount.mountpoint}/".startswith(f"{STANDARD_PLACE}/")
    return mount.root.startswith("/.."), elsewhere


def _own_groups(text: str) -> dict[frozenset[str], str]:
    """Map each line's controllers (or `name=…`, or an empty word for v2) to the group's path."""
    groups = {}
    for line in text.splitlines():
        _, names, path = line.split(":", 2)
        groups[frozenset(names.split(","))] = path.removesuffix(" (deleted)")
    return groups


def path_in_mount(root: str, path: str) -> str:
    """Return a group's path, as /proc/PID/cgroup tells it, as counted from a mount's root.

    `/` if the mount doesn't show it.
    """
    if root == "/":
        return path
    inside = path == root or path.startswith(f"{root}/")
    return path[len(root) :] or "/" if inside else "/"


def _visible(mountinfo: str) -> list[str]:
    """Return the lines of control group mounts that a path walk reaches.

    A mount can lie hidden under a later one on the same place or above it. Line order doesn't tell
    which is on top (a tree made by fsmount is listed by the age of its parts), the parent ids do.
    """
    children: dict[str, list[tuple[str, str]]] = {}
    identities = set()
    candidates = []
    for line in mountinfo.splitlines():
        identity, parent, _, _, mountpoint, _ = line.split(" ", 5)
        identities.add(identity)
        children.setdefault(parent, []).append((identity, mountpoint))
        if " - cgroup " in line or " - cgroup2 " in line:
            candidates.append((identity, mountpoint, line))
    tops = [parent for parent in children if parent not in identities]

    def walk(target: str) -> str | None:
        current: str | None = None
        options = [child for top in tops for child in children[top]]
        while True:
            over = [
                (len(place), identity)
                for identity, place in options
                if target == place or target.startswith(f"{place.rstrip('/')}/")
            ]
            if not over:
                return current
            shortest = min(length for length, _ in over)
            current = [identity for length, identity in over if length == shortest][-1]
            options = [child for child in children.get(current, []) if child[0] != current]

    return [line for identity, mountpoint, line in candidates if walk(mountpoint) == identity]


def _unescape(text: str) -> str:
    """Undo the kernel's octal escapes of blank, tab, newline and backslash."""
    if "\\" not in text:
        return text
    head, *rest = text.split("\\")
    return head + "".join(chr(int(part[:3], 8)) + part[3:] for part in rest)
