"""From the configuration to the list of things to do; pure, so it needs no root.

Sources: config.md#mounts, config-linux.md, runtime-linux.md.
"""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument, Unsupported
from tuicontainer.record import Record
from tuicontainer.runtime.rootfs.operations import Operation
from tuicontainer.runtime.rootfs.options import has_mapping, parse_propagation
from tuicontainer.runtime.rootfs.plan_devices import plan_devices
from tuicontainer.runtime.rootfs.plan_mounts import plan_mount
from tuicontainer.runtime.rootfs.plan_protection import plan_protection
from tuicontainer.syscalls.mount import MS_PRIVATE, MS_SHARED, MS_SLAVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.hierarchies import Hierarchies
    from tuicontainer.runtime.rootfs.console import OpenConsole
    from tuicontainer.spec.config import Config


class RootfsPlan(Record):
    """What `Rootfs` will do, in order. Made by `plan_rootfs`, never by hand."""

    root: str
    """Absolute host path of the root filesystem."""
    host_propagation: tuple[int, bool]
    """What the namespace's mounts become before anything else: MS_…, and whether all of them."""
    build: tuple[Operation, ...]
    mapped: tuple[int, ...]
    """Which steps of `build` the runtime has to open: id-mapped mounts."""
    console: OpenConsole | None
    no_pivot: bool
    finish: tuple[Operation, ...]
    masks: bool
    """Whether paths are masked."""

    def describe(self) -> list[str]:
        """Return one line an operation, in the order of execution."""
        lines = [f"take `{self.root}` as root"]
        lines += [operation.describe() for operation in self.build]
        if self.console is not None:
            lines.append(self.console.describe())
        lines.append("move into the root" if self.no_pivot else "pivot into the root")
        lines += [operation.describe() for operation in self.finish]
        return lines


def plan_rootfs(
    config: Config,
    *,
    bundle: str,
    hierarchies: Hierarchies,
    cgroup_path: str | None,
    no_pivot: bool = False,
) -> RootfsPlan:
    """Compute everything that makes the container's view of the file system.

    Args:
        config: the checked configuration.
        bundle: absolute path of the bundle; relative root and bind sources start there.
        hierarchies: the host's control group hierarchies, for mounts of type `cgroup`.
        cgroup_path: the container's control group, from the hierarchy's root; None if it stays in
            ours.
        no_pivot: move the root instead of pivoting (`--no-pivot` of the drop-in runtime).

    Raises:
        InvalidArgument: a mount or device that the specification forbids, or an unsafe one.
        Unsupported: something the specification allows that this version doesn't do.
    """
    build: list[Operation] = []
    for index, mount in enumerate(config.mounts):
        try:
            build += plan_mount(
                mount,
                bundle=bundle,
                hierarchies=hierarchies,
                cgroup_path=cgroup_path,
                linux=config.linux,
                may_mount_sysfs=_may_mount_sysfs(config),
            )
        except (InvalidArgument, Unsupported) as error:
            raise type(error)(f"`mounts[{index}]`: {error.message}", hint=error.hint) from None
    if config.linux.mount_label is not None:
        from tuicontainer.runtime.rootfs.mount_label import label_mounts  # only with SELinux

        build = label_mounts(build, config)
    build += plan_devices(config)
    process = config.process
    console = None
    if process is not None and process.terminal:
        from tuicontainer.runtime.rootfs.console import OpenConsole  # only with a terminal

        console = OpenConsole(size=process.console_size)
    return RootfsPlan(
        root=os.path.normpath(os.path.join(bundle, config.root.path)),
        host_propagation=_host_propagation(config.linux.rootfs_propagation),
        build=tuple(build),
        mapped=_mapped(config, build),
        console=console,
        no_pivot=no_pivot,
        finish=plan_protection(config, build),
        masks=bool(config.linux.masked_paths),
    )


def _may_mount_sysfs(config: Config) -> bool:
    """Tell whether the container's user namespace owns its network one, which sysfs shows."""
    linux = config.linux
    return linux.namespace("user") is None or linux.namespace("network") is not None


def _mapped(config: Config, build: list[Operation]) -> tuple[int, ...]:
    if not any(mount.uid_mappings or has_mapping(mount.options) for mount in config.mounts):
        return ()
    from tuicontainer.runtime.rootfs.idmap import MountMapped

    return tuple(index for index, step in enumerate(build) if isinstance(step, MountMapped))


def _host_propagation(word: str | None) -> tuple[int, bool]:
    """Return what the copied mounts of the host become in the container's mount namespace.

    Slaves, so that nothing reaches the host. With a shared root the configuration asks for bind
    mounts that do reach it, so the copies stay peers of the originals. A private or unbindable
    root receives nothing from the host; it is made unbindable later, as it has to be bound first.
    """
    mode, recursive = (parse_propagation(word) if word else None) or (MS_SLAVE, True)
    if mode in (MS_SHARED, MS_SLAVE):
        return mode, recursive
    return MS_PRIVATE, recursive
