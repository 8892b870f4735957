"""The handle on a unit's control group."""

from __future__ import annotations

from tuicontainer.errors import Unsupported
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.systemd.group import SystemdCgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.runtime.cgroups.hierarchies import Hierarchies
    from tuicontainer.runtime.cgroups.systemd.units import Unit


def open_unit(
    unit: Unit, hierarchies: Hierarchies | None = None, *, annotations: Mapping[str, str] = {}
) -> SystemdCgroup:
    """Return the handle on a unit's group; nothing is made yet.

    Args:
        unit: which.
        hierarchies: the host's; read anew when None.
        annotations: the configuration's, for `org.systemd.property.NAME`.

    Raises:
        Unsupported: systemd isn't running, or the host's control groups aren't pure v2.
        Unavailable: the user's systemd can't be asked where its groups are.
    """
    from tuicontainer.runtime.cgroups.systemd.manager import Manager, require_systemd

    require_systemd()
    host = read_hierarchies() if hierarchies is None else hierarchies
    path = unit.path
    if unit.user:
        with Manager(user=True) as manager:
            path = manager.control_group().rstrip("/") + path
    return unit_group(unit, path, host, annotations=annotations)


def unit_group(
    unit: Unit, path: str, hierarchies: Hierarchies, *, annotations: Mapping[str, str] = {}
) -> SystemdCgroup:
    """Return the handle on a unit's group whose path is known.

    Raises:
        Unsupported: the host's control groups aren't pure v2.
    """
    unified = hierarchies.unified
    if hierarchies.mode != "v2" or unified is None:
        # On such a host systemd makes groups in some hierarchies and not in others, differently
        # in each version; systemd itself has given them up in 258.
        raise Unsupported(
            f"control groups of this host are {hierarchies.mode}: systemd's need pure cgroup v2",
            hint="leave out `--systemd-cgroup`, or boot with `systemd.unified_cgroup_hierarchy=1`",
        )
    return SystemdCgroup(unit, path, unified, annotations=annotations)
