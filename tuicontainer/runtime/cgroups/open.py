"""Choose the driver for this host, and say where a container's group is."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.cgroups.hierarchies import Hierarchies


def open_cgroup(path: str, hierarchies: Hierarchies | None = None) -> Cgroup:
    """Return the handle on the group at *path*; nothing is made yet.

    Raises:
        InvalidArgument: the path isn't absolute or has a `..` in it.
        Unsupported: no hierarchy is mounted.
    """
    raise NotImplementedError


def cgroup_from_state(state: dict[str, Any]) -> Cgroup:
    """Return the handle that `Cgroup.to_state` described."""
    raise NotImplementedError


def container_cgroup_path(cgroups_path: str | None, *, parent: str, container_id: str) -> str:
    """Return the group's path for a config's `linux.cgroupsPath` (config-linux.md#cgroups-path).

    An absolute one counts from the hierarchy's root, a relative one from *parent*; without one it
    is `parent/container_id`.

    Raises:
        InvalidArgument: it has a `..` or NUL, is the root, or is in the systemd form
            `slice:prefix:name`.
    """
    raise NotImplementedError
