"""From the configuration to the list of things to do; pure, so it needs no root.

Source: config.md#mounts, config-linux.md, runtime-linux.md.
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.hierarchies import Hierarchies
    from tuicontainer.spec.config import Config


class RootfsPlan(Record):
    """What `Rootfs` will do, in order. Made by `plan_rootfs`, never by hand."""

    root: str
    """Absolute host path of the root filesystem."""

    def describe(self) -> list[str]:
        """Return one line an operation, in the order of execution."""
        raise NotImplementedError


def plan_rootfs(
    config: Config,
    *,
    bundle: str,
    hierarchies: Hierarchies,
    cgroup_path: str,
    no_pivot: bool = False,
) -> RootfsPlan:
    """Compute everything that makes the container's view of the file system.

    Args:
        config: the checked configuration.
        bundle: absolute path of the bundle; relative root and bind sources start there.
        hierarchies: the host's control group hierarchies, for mounts of type `cgroup`.
        cgroup_path: the container's control group, from the hierarchy's root.
        no_pivot: move the root instead of pivoting (`--no-pivot` of the drop-in runtime).

    Raises:
        InvalidArgument: a mount or device that the specification forbids, or an unsafe one.
        Unsupported: something the specification allows that this version doesn't do.
    """
    raise NotImplementedError
