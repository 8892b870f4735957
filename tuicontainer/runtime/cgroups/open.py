"""Choose the driver for this host, and say where a container's group is."""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument, Unsupported
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.state import group_from_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.cgroups.hierarchies import Hierarchies

# Of a file name; the kernel's errors would come late and name a folder, not the field.
LONGEST_NAME = 255


def open_cgroup(path: str, hierarchies: Hierarchies | None = None) -> Cgroup:
    """Return the handle on the group at *path*; nothing is made yet.

    Args:
        path: from the hierarchies' root, such as `/tuicontainer/run/c/web-1`.
        hierarchies: the host's; read anew when None.

    Raises:
        InvalidArgument: the path isn't absolute, is the root, or has a `..` in it.
        Unsupported: no hierarchy is mounted.
    """
    if not path.startswith("/"):
        raise InvalidArgument(f"control group path `{path}` isn't absolute")
    checked = check_group_path(path)
    host = read_hierarchies() if hierarchies is None else hierarchies
    unified = host.unified
    # Imported when they are needed: a host has one kind, and the others would only cost time.
    if host.mode == "v2" and unified is not None:
        from tuicontainer.runtime.cgroups.v2.group import V2Cgroup

        return V2Cgroup(checked, unified)
    if host.mode == "hybrid" and unified is not None:
        from tuicontainer.runtime.cgroups.hybrid import HybridCgroup

        return HybridCgroup(checked, host.v1_mounts, unified)
    if host.mode == "v1":
        from tuicontainer.runtime.cgroups.v1.group import V1Cgroup

        return V1Cgroup(checked, host.v1_mounts)
    raise Unsupported(
        "no control group hierarchy is mounted",
        hint="mount one: `mount -t cgroup2 none /sys/fs/cgroup`",
    )


def cgroup_from_state(state: dict[str, Any]) -> Cgroup:
    """Return the handle that `Cgroup.to_state` described."""
    path, hierarchies = group_from_state(state)
    if "unit" in state:
        # Imported when they are needed, as in `open_cgroup`.
        from tuicontainer.runtime.cgroups.systemd.open import unit_group
        from tuicontainer.runtime.cgroups.systemd.units import Unit

        return unit_group(Unit(**state["unit"]), path, hierarchies)
    return open_cgroup(path, hierarchies)


def container_cgroup_path(cgroups_path: str | None, *, parent: str, container_id: str) -> str:
    """Return the group's path for a config's `linux.cgroupsPath` (config-linux.md#cgroups-path).

    An absolute one counts from the hierarchy's root, a relative one from *parent*; without one it
    is `parent/container_id`.

    Raises:
        InvalidArgument: it has a `..`, a NUL or a newline, is the root, or has too long a name.
        Unsupported: it is in the form `slice:prefix:name`, which is meant for systemd.
    """
    if not cgroups_path:
        return check_group_path(f"{parent}/{container_id}")
    if cgroups_path.startswith("/"):
        return check_group_path(cgroups_path)
    if cgroups_path.count(":") == 2:
        raise Unsupported(
            f"`linux.cgroupsPath` is `{cgroups_path}`: a systemd unit's name",
            hint="let systemd make the group (`--systemd-cgroup`), or give a path like `/a/b`",
        )
    return check_group_path(f"{parent}/{cgroups_path}")


def check_group_path(path: str) -> str:
    """Return *path* without doubled and trailing slashes and `.`, after checking it.

    A `..` is refused and not resolved: it could lead out of the parent the caller chose, and means
    something else in each hierarchy that lacks a part of the path.

    Raises:
        InvalidArgument: see `container_cgroup_path`.
    """
    names = [name for name in path.split("/") if name not in ("", ".")]
    for name in names:
        if name == "..":
            raise InvalidArgument(f"control group path `{path}` has a `..` in it")
        if "\0" in name or "\n" in name:
            raise InvalidArgument(f"control group path {path!r} has a control character in it")
        if len(name.encode("utf-8", "surrogateescape")) > LONGEST_NAME:
            raise InvalidArgument(
                f"control group path `{path}`: `{name[:20]}…` is longer than {LONGEST_NAME} bytes"
            )
    if not names:
        raise InvalidArgument(f"control group path `{path}` is the root, which limits nothing")
    return "/" + "/".join(names)
