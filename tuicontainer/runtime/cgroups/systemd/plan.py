"""What systemd is told to start a container's unit, and to change it. Pure.

Apart from the group, so that the verbs that only read or signal don't load the tables.
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.systemd.annotations import annotation_properties
from tuicontainer.runtime.cgroups.systemd.devices import device_properties
from tuicontainer.runtime.cgroups.systemd.properties import (
    limit_properties,
    memory_properties,
    start_properties,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.runtime.cgroups.systemd.properties import Properties
    from tuicontainer.runtime.cgroups.systemd.units import Unit
    from tuicontainer.spec.config import Resources


class Beginning(Record):
    """A unit that waits for its first process, with what has been asked for by then."""

    from_annotations: Properties
    limits: tuple[Resources, ...] = ()
    memory_limits: tuple[Resources, ...] = ()


def plan_beginning(annotations: Mapping[str, str]) -> Beginning:
    """Return the beginning of a unit.

    Raises:
        InvalidArgument: an annotation asks for what it may not.
    """
    return Beginning(from_annotations=annotation_properties(annotations))


def plan_start(unit: Unit, beginning: Beginning, *, pid: int, version: int) -> Properties:
    """Return all properties that the unit starts with; annotations have the last word.

    Raises:
        InvalidArgument: a limit can't be read.
    """
    name = unit.name.rpartition(".")[0]
    properties = start_properties(unit, description=f"container {name}", pid=pid)
    for resources in beginning.limits:
        properties |= plan_limits(resources, version)
    for resources in beginning.memory_limits:
        properties |= memory_properties(resources)
    return {**properties, **beginning.from_annotations}


def plan_limits(resources: Resources, version: int) -> Properties:
    """Return the properties of all limits but those of memory; devices always are among them."""
    return device_properties(resources.devices) | limit_properties(resources, version)


def plan_update(resources: Resources, version: int) -> Properties:
    """Return the properties of an update: devices only if it has some."""
    properties = limit_properties(resources, version) | memory_properties(resources)
    if resources.devices:
        properties |= device_properties(resources.devices)
    return properties
