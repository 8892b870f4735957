"""Plans the entries of `mounts`, those of type `cgroup` included.

Sources: config.md#mounts; for cgroups, cgroups(7) and what runc shows to its containers.
"""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument, Unsupported
from tuicontainer.runtime.rootfs.devices import MakeLink
from tuicontainer.runtime.rootfs.mounts import (
    MountBind,
    MountFilesystem,
    MountFirstPossible,
    Remount,
)
from tuicontainer.runtime.rootfs.options import MountOptions, parse_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.hierarchies import Hierarchies, HierarchyMount
    from tuicontainer.runtime.rootfs.operations import Operation
    from tuicontainer.spec.config import Linux, Mount

# Files of procfs that systems like lxcfs replace; anything else mounted there could fake what the
# runtime or the container's tools read and write (CVE-2019-16884). The list is runc's.
_REPLACEABLE_IN_PROC = frozenset(
    {
        "/proc/cpuinfo",
        "/proc/diskstats",
        "/proc/loadavg",
        "/proc/meminfo",
        "/proc/slabinfo",
        "/proc/stat",
        "/proc/swaps",
        "/proc/sys/crypto/fips_enabled",
        "/proc/sys/kernel/ns_last_pid",
        "/proc/uptime",
    }
)


_SYSFS = "/sys"
_NO_ROOTS = ("proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue")
"""File systems of the kernel's own, in which nothing can be made."""


def normalize(path: str) -> str:
    """Return a container path as absolute, a relative one from `/` (config.md#mounts)."""
    return os.path.normpath("/" + path.lstrip("/"))


def plan_mount(
    mount: Mount,
    *,
    bundle: str,
    hierarchies: Hierarchies,
    cgroup_path: str | None,
    linux: Linux,
    may_mount_sysfs: bool = True,
) -> list[Operation]:
    """Return the steps of one entry of `mounts`.

    Raises:
        InvalidArgument: it can't be done, or it would be unsafe.
        Unsupported: this version doesn't do it.
    """
    destination = normalize(mount.destination)
    options = parse_options(mount.options)
    if options.remount:
        return [Remount(destination=destination, options=options)]
    if destination == "/" and mount.type in _NO_ROOTS:
        raise InvalidArgument(
            f"{mount.type} can't be the container's root",
            hint="set `root.path` to what the container shall see",
        )
    if options.bind or mount.type == "bind":
        return [_plan_bind(mount, destination, options, bundle, linux)]
    if options.mapping or mount.uid_mappings:
        raise InvalidArgument(
            f"the mount on `{destination}` can't be id-mapped: only bind mounts can",
            hint="a new file system belongs to the container's user namespace already",
        )
    if not mount.type:
        raise InvalidArgument(f"the mount on `{destination}` has neither a type nor `bind`")
    if mount.type != "proc":
        _check_proc(destination)
    if mount.type == "cgroup":
        groups = _GroupMounts(
            destination, options, cgroup_path, linux.namespace("cgroup") is not None
        )
        return groups.plan(hierarchies)
    filesystem = _filesystem(destination, mount.type, mount.source, options)
    if mount.type == "sysfs" and not may_mount_sysfs:
        # What the host's shows belongs to the same network namespace.
        whole = options.replace(bind=True, recursive=True, data=())
        bind = MountBind(destination=destination, source=_SYSFS, options=whole)
        return [MountFirstPossible(filesystem=filesystem, bind=bind)]
    return [filesystem]


def _filesystem(
    destination: str, type_: str, source: str | None, options: MountOptions
) -> MountFilesystem:
    # Later mounts need mount points in these, so read-only has to wait.
    late = options.read_only and (type_ == "tmpfs" or destination == "/dev")
    filesystem = MountFilesystem(
        destination=destination,
        type=type_,
        source=source or type_,
        options=options,
        read_only_late=late,
    )
    if not options.copy_up:
        return filesystem
    if type_ != "tmpfs":
        raise InvalidArgument(f"`tmpcopyup` is for tmpfs, not for {type_}")
    from tuicontainer.runtime.rootfs.copy_up import MountCopiedUp  # rare

    return MountCopiedUp(**dict(filesystem.items()))


def _plan_bind(
    mount: Mount, destination: str, options: MountOptions, bundle: str, linux: Linux
) -> MountBind:
    if not mount.source:
        raise InvalidArgument(f"the bind mount on `{destination}` has no source")
    if options.copy_up:
        raise InvalidArgument("`tmpcopyup` is for tmpfs, not for a bind mount")
    if options.data:
        raise InvalidArgument(
            f"a bind mount takes no data for a file system: `{','.join(options.data)}`"
        )
    if destination != "/proc":
        _check_proc(destination)
    bind = MountBind(
        destination=destination,
        source=os.path.join(bundle, mount.source),
        options=options,
        read_only_late=options.read_only and destination == "/dev",
    )
    if options.links:
        if options.mapping or mount.uid_mappings:
            raise InvalidArgument(f"a mount with `{options.links[0]}` can't be id-mapped")
        from tuicontainer.runtime.rootfs.links import plan_link_bind  # rare

        return plan_link_bind(bind)
    if options.mapping or mount.uid_mappings:
        from tuicontainer.runtime.rootfs.idmap import MountMapped, plan_mapping  # rare

        return MountMapped(**dict(bind.items()), mapping=plan_mapping(mount, options, linux))
    return bind


def _check_proc(destination: str) -> None:
    if destination == "/proc":
        raise InvalidArgument("only procfs may be mounted on `/proc`")
    if destination.startswith("/proc/") and destination not in _REPLACEABLE_IN_PROC:
        raise InvalidArgument(
            f"`{destination}` may not be mounted over",
            hint=f"in /proc only these may: {', '.join(sorted(_REPLACEABLE_IN_PROC))}",
        )


class _GroupMounts:
    """A mount of type `cgroup`, which stands for all hierarchies of the host.

    With a cgroup namespace each hierarchy is mounted and shows the container's group as its root;
    without one, the group's folder is bound. The unified tree of a hybrid host isn't shown, as
    programs would take the host for one of version 2.
    """

    def __init__(
        self, destination: str, options: MountOptions, group: str | None, namespace: bool
    ) -> None:
        self._destination = destination
        self._options = options
        self._group = group
        self._namespace = namespace

    def plan(self, hierarchies: Hierarchies) -> list[Operation]:
        if hierarchies.mode == "none":
            raise Unsupported(
                "this host has no control groups mounted",
                hint="mount them, or remove the mount of type `cgroup`",
            )
        if hierarchies.mode == "v2":
            assert hierarchies.unified is not None
            return [self._unified(hierarchies.unified)]
        read_only = ("ro",) if self._options.read_only else ()
        words = ("nosuid", "nodev", "noexec", "mode=755", *read_only)
        tmpfs = _filesystem(self._destination, "tmpfs", "tmpfs", parse_options(words))
        steps: list[Operation] = [
            tmpfs.replace(
                options=tmpfs.options.replace(propagation=self._options.propagation),
            )
        ]
        for mount in hierarchies.v1_mounts:
            steps.append(self._hierarchy(mount))
            if len(mount.controllers) > 1:
                steps += self._links(mount)
        return steps

    def _unified(self, mount: HierarchyMount) -> Operation:
        """Without a cgroup namespace what is mounted already is bound.

        A new mount from the host's own cgroup namespace would show the same and set the options of
        all: without `nsdelegate` and `memory_recursiveprot`, which systemd gave the host's.
        """
        bind = MountBind(
            destination=self._destination,
            source=self._folder(mount) if self._namespace else mount.mountpoint,
            options=self._options.replace(bind=True, recursive=True, data=()),
        )
        if not self._namespace:
            return bind
        filesystem = _filesystem(self._destination, "cgroup2", "cgroup", self._options)
        return MountFirstPossible(filesystem=filesystem, bind=bind)

    def _hierarchy(self, mount: HierarchyMount) -> Operation:
        destination = os.path.join(self._destination, os.path.basename(mount.mountpoint))
        if not self._namespace:
            options = self._options.replace(bind=True, recursive=True, data=())
            return MountBind(destination=destination, source=self._folder(mount), options=options)
        which = mount.controllers or (f"name={mount.name}",)
        read_only = ("ro",) if self._options.read_only else ()
        return MountFilesystem(
            destination=destination,
            type="cgroup",
            source="cgroup",
            options=parse_options(("nosuid", "nodev", "noexec", *read_only, *which)),
        )

    def _links(self, mount: HierarchyMount) -> list[Operation]:
        """Let each of several controllers in one hierarchy be found by its own name."""
        place = os.path.basename(mount.mountpoint)
        return [
            MakeLink(path=os.path.join(self._destination, name), target=place)
            for name in mount.controllers
            if name != place
        ]

    def _folder(self, mount: HierarchyMount) -> str:
        group = mount.own if self._group is None else self._group
        return os.path.join(mount.mountpoint, group.lstrip("/"))
