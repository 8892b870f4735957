"""Where a state root's control groups are, so that tests can look for them without asking it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.systemd.manager import BOOTED

if TYPE_CHECKING:
    from tuicontainer.locations import Locations


def cgroup_home(locations: Locations) -> str:
    """Return the group above supervisors and containers, from the hierarchies' root."""
    if os.path.isdir(BOOTED) and read_hierarchies().mode == "v2":
        return f"/system.slice/tuicontainer-{locations.root_key}.scope"
    return f"/tuicontainer/{locations.root_key}"


def home_folders(locations: Locations) -> list[Path]:
    """Return the folders of that group in all hierarchies, as far as they exist."""
    top, place = Path("/sys/fs/cgroup"), cgroup_home(locations).lstrip("/")
    return [*top.glob(f"*/{place}/"), *top.glob(f"{place}/")]
