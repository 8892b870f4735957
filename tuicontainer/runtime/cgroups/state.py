"""A group's handle as the JSON object that state.json keeps, and back. Pure.

The mounts are kept with the path, so that a later verb needs no look at the mount table, finds the
same folders, and still does after a hierarchy was mounted or unmounted meanwhile.
"""

from __future__ import annotations

from tuicontainer.runtime.cgroups.hierarchies import Hierarchies, HierarchyMount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tuicontainer.runtime.cgroups.api import CgroupMode


def group_to_state(path: str, mode: CgroupMode, mounts: Iterable[HierarchyMount]) -> dict[str, Any]:
    """Return the object."""
    return {
        "path": path,
        "mode": mode,
        "hierarchies": [
            {
                "controllers": list(mount.controllers),
                "mountpoint": mount.mountpoint,
                "version": mount.version,
                "name": mount.name,
                "root": mount.root,
            }
            for mount in mounts
        ],
    }


def group_from_state(state: dict[str, Any]) -> tuple[str, Hierarchies]:
    """Return the path and the hierarchies that `group_to_state` was given."""
    mounts = tuple(
        HierarchyMount(
            controllers=tuple(entry["controllers"]),
            mountpoint=entry["mountpoint"],
            version=entry["version"],
            name=entry["name"],
            root=entry["root"],
        )
        for entry in state["hierarchies"]
    )
    return state["path"], Hierarchies(mode=state["mode"], mounts=mounts)
