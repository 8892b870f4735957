"""Views and statistics to JSON and back, for recordings. Pure.

Fields that have their default value are left out: a tick of an idle container is short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from tuicontainer.engine.statistics import ContainerStats, HostStats, InterfaceStats, StatsTick
from tuicontainer.observe.container import KernelView
from tuicontainer.observe.mounts import MountView
from tuicontainer.observe.namespaces import IdMap, NamespaceView
from tuicontainer.observe.processes import ProcessView
from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.sample import (
    CgroupSample,
    CpuSample,
    IoDeviceSample,
    MemorySample,
    PidsSample,
    PressureSample,
)
from tuicontainer.supervise.views import ContainerView, ExitRecord

RecordT = TypeVar("RecordT", bound=Record)

_INSIDE: dict[type[Record], dict[str, type[Record]]] = {
    ContainerView: {"exit": ExitRecord},
    KernelView: {
        "processes": ProcessView,
        "namespaces": NamespaceView,
        "uid_map": IdMap,
        "gid_map": IdMap,
        "mounts": MountView,
    },
    StatsTick: {"host": HostStats, "containers": ContainerStats},
    ContainerStats: {"sample": CgroupSample, "interfaces": InterfaceStats},
    CgroupSample: {
        "cpu": CpuSample,
        "memory": MemorySample,
        "pids": PidsSample,
        "io": IoDeviceSample,
        "pressure": PressureSample,
    },
}
"""Which field of which record holds records: one, a tuple of them, or a mapping by name."""

_TUPLES = ((KernelView, "rlimits"), (ProcessView, "capabilities"))
"""Fields that are mappings to tuples of plain values."""


def encode(value: object) -> Any:
    """Return records, tuples and mappings as what JSON knows."""
    if isinstance(value, Record):
        defaults = type(value)._defaults  # noqa: SLF001 - the record's own declaration
        return {
            field: encode(content)
            for field, content in value.items()
            if field not in defaults or content != defaults[field]
        }
    if isinstance(value, Mapping):
        return {key: encode(content) for key, content in value.items()}
    if isinstance(value, tuple | list):
        return [encode(content) for content in value]
    return value


def decode(record_type: type[RecordT], document: Mapping[str, Any]) -> RecordT:
    """Return the record that `encode` wrote.

    Raises:
        TypeError: a field is missing or unknown.
    """
    inside = _INSIDE.get(record_type, {})
    known = record_type._fields
    values = {
        field: _value(record_type, inside.get(field), field, content)
        for field, content in document.items()
        if field in known
    }
    return record_type(**values)


def _value(owner: type[Record], record_type: type[Record] | None, field: str, content: Any) -> Any:
    if isinstance(content, list):
        return tuple(item if record_type is None else decode(record_type, item) for item in content)
    if (owner, field) in _TUPLES:
        return {key: tuple(items) for key, items in content.items()}
    if record_type is None or content is None:
        return content
    if (owner, field) in ((StatsTick, "containers"), (CgroupSample, "pressure")):
        return {key: decode(record_type, item) for key, item in content.items()}
    return decode(record_type, content)
