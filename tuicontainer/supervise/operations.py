"""What the monitor's children do (see `child_operation`): one function an operation.

Imported only there, so that the modules a monitor itself runs lie together in memory and the
runtime's stay shared with the spawner.
"""

from __future__ import annotations

from tuicontainer.errors import NotFound
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.pause import pause as runtime_pause
from tuicontainer.runtime.pause import resume as runtime_resume
from tuicontainer.runtime.start import start as runtime_start
from tuicontainer.runtime.state import state
from tuicontainer.supervise import update
from tuicontainer.supervise.child_operation import Outcome
from tuicontainer.supervise.instances import first_instance, next_instance, remove_instance
from tuicontainer.supervise.records import record_to_document
from tuicontainer.supervise.timelines import Measured, read_timeline, summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.spec.limits import Limits
    from tuicontainer.supervise.instances import Made
    from tuicontainer.supervise.records import ContainerRecord
    from tuicontainer.supervise.requests import CreateRequest


def has_poststop_hooks(locations: Locations, container_id: str) -> bool:
    """Tell whether removing the instance runs hooks."""
    try:
        with StateFolder.open(locations.state_root, container_id, locked=False) as folder:
            return "poststop" in folder.read().late_hooks
    except NotFound:
        return False


def create(locations: Locations, request: CreateRequest, container_id: str) -> Outcome:
    """Make the container: its record, and its first instance."""
    record, made = first_instance(locations, request, container_id)
    return _brought(made, {"record": record_to_document(record)})


def create_next(locations: Locations, record: ContainerRecord) -> Outcome:
    """Delete the old instance and make the next."""
    return _brought(next_instance(locations, record), {})


def start(locations: Locations, container_id: str, instance: int) -> Outcome:
    """Start the instance; the result says how long that and making it took (see `timelines`)."""
    with Measured(locations, container_id, "start", instance) as timeline:
        runtime_start(locations.state_root, container_id, timeline)
    return Outcome(result=summary(read_timeline(locations, container_id)))


def pause(locations: Locations, container_id: str) -> Outcome:
    """Freeze the container."""
    runtime_pause(locations.state_root, container_id)
    return Outcome()


def resume(locations: Locations, container_id: str) -> Outcome:
    """Thaw the container."""
    runtime_resume(locations.state_root, container_id)
    return Outcome()


def thaw(locations: Locations, container_id: str) -> Outcome:
    """Thaw the container if it is paused."""
    if state(locations.state_root, container_id).status == "paused":
        runtime_resume(locations.state_root, container_id)
    return Outcome()


def change_limits(
    locations: Locations, container_id: str, limits: Limits, *, live: bool
) -> Outcome:
    """Change limits; the result has those `in_force`, None without a process."""
    return Outcome(
        result={"in_force": update.change_limits(locations, container_id, limits, live=live)}
    )


def remove(locations: Locations, record: ContainerRecord, *, keep: bool) -> Outcome:
    """Delete the instance; the result has the `warnings` of its poststop hooks.

    With *keep* the times of the steps are written down, for the record outlives them.
    """
    if not keep:
        return Outcome(result={"warnings": remove_instance(locations, record.id)})
    with Measured(locations, record.id, "delete", record.instance) as timeline:
        warnings = remove_instance(locations, record.id, timeline)
    return Outcome(result={"warnings": warnings})


def _brought(made: Made, result: dict[str, Any]) -> Outcome:
    return Outcome(
        result={**result, "pid": made.pid, "names": list(made.descriptors)},
        descriptors=tuple(made.descriptors.values()),
    )
