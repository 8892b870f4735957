"""Which containers their restart policy wants to run after the host has booted."""

from __future__ import annotations

from tuicontainer.errors import TuiContainerError
from tuicontainer.runtime.process.identity import boot_id
from tuicontainer.spec.restart import parse_restart_policy
from tuicontainer.supervise.inventory import list_containers
from tuicontainer.supervise.records import read_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations
    from tuicontainer.supervise.views import ContainerView


def containers_to_boot(locations: Locations) -> list[ContainerView]:
    """Return the stopped containers to start, oldest first.

    Only those that haven't run since the host booted: what somebody stopped today stays stopped,
    however often this is asked.
    """
    found = []
    for view in list_containers(locations):
        if view.status != "stopped" or not view.supervised:
            continue
        try:
            record = read_record(locations, view.id)
        except TuiContainerError:
            # Removed meanwhile.
            continue
        status = None if view.exit is None else view.exit.status
        policy = parse_restart_policy(record.restart)
        if record.boot_id != boot_id() and policy.applies_at_boot(
            status=status, wanted=record.wanted
        ):
            found.append(view)
    return found
