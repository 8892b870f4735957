"""The whole examination of a state root."""

from __future__ import annotations

from tuicontainer.supervise.doctor.host import examine_host
from tuicontainer.supervise.doctor.leftovers import (
    examine_folders,
    examine_groups,
    examine_monitors,
    examine_mounts,
)
from tuicontainer.supervise.doctor.records import examine_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations
    from tuicontainer.supervise.doctor.finding import Finding


def examine(locations: Locations, *, containers: int = 100) -> list[Finding]:
    """Return everything that isn't as it should be, in the order in which it is to be mended.

    Args:
        locations: which state root.
        containers: how many the host should be able to run at once.
    """
    return [
        *examine_records(locations),
        *examine_folders(locations),
        *examine_groups(locations),
        *examine_monitors(locations),
        *examine_mounts(locations),
        *examine_host(containers),
    ]
