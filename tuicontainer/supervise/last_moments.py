"""What is kept of a container's end: its control group's last counters, and its last lines.

The group stays until the instance is deleted or the next one is made, so its counters are read when
the process has ended and before anybody may remove it. Then they are final: processor time, peaks,
I/O and kills for want of memory are of the whole run, and memory is what the kernel still holds for
it. Of an end that nobody was there to see they are read by whoever asks, and kept by the first
monitor that comes after it.
"""

from __future__ import annotations

import contextlib
import time

from tuicontainer.errors import TuiContainerError
from tuicontainer.runtime.process.identity import boot_id
from tuicontainer.supervise.files import read_json, write_json
from tuicontainer.supervise.records import lost_exit, sample_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.record import Record
    from tuicontainer.runtime.cgroups.sample import CgroupSample
    from tuicontainer.supervise.records import ContainerRecord
    from tuicontainer.supervise.views import ExitRecord

LINES = 10
"""Lines of the log that `inspect` shows of a container that has ended."""


def keep_last_sample(locations: Locations, record: ContainerRecord) -> CgroupSample | None:
    """Read the control group's counters and keep them; return None if there is no group."""
    last = _read(locations, record)
    if last is not None:
        # What can't be written, on a full disk, can still be told now.
        with contextlib.suppress(OSError):
            write_json(sample_path(locations, record.id), _document(record, last), durable=False)
    return last


def last_sample(locations: Locations, record: ContainerRecord) -> dict[str, Any] | None:
    """Return what was kept of the last end; of one that nobody saw what the group says now."""
    kept = read_json(sample_path(locations, record.id))
    if record.ended or (kept is not None and kept.get("instance") == record.instance):
        return kept
    last = _read(locations, record)
    return kept if last is None else _document(record, last)


def unseen_end(locations: Locations, record: ContainerRecord) -> ExitRecord:
    """Return how the present instance ended, as far as its control group still knows."""
    last = _read(locations, record)
    return lost_exit(record).replace(oom_killed=last is not None and bool(last.memory.oom_kills))


def last_lines(locations: Locations, container_id: str, instance: int) -> list[dict[str, Any]]:
    """Return the last lines that an instance wrote, oldest first, as `logs --format json` has them.

    A log that can't be read has none: there is more to be told of an end.
    """
    from tuicontainer.supervise.logs import read_log

    try:
        lines = list(read_log(locations, container_id, tail=LINES))
    except (OSError, TuiContainerError):
        return []
    return [
        {"time_ns": line.time_ns, "stream": line.stream, "text": line.text}
        for line in lines
        if line.instance == instance
    ]


def _read(locations: Locations, record: ContainerRecord) -> CgroupSample | None:
    # Late: an idle monitor never runs the runtime's code.
    from tuicontainer.runtime.processes import sample

    if record.boot_id != boot_id():
        # Another boot's; a group of that name would be somebody else's.
        return None
    try:
        return sample(locations.state_root, record.id)
    except (OSError, TuiContainerError):
        return None


def _document(record: ContainerRecord, last: CgroupSample) -> dict[str, Any]:
    return {"instance": record.instance, "time_ns": time.time_ns(), "sample": _plain(last)}


def _plain(record: Record) -> dict[str, Any]:
    """Return a record as JSON has it."""
    return {name: _plain_value(value) for name, value in record.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain_value(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain_value(each) for each in value]
    return _plain(value) if hasattr(value, "items") else value
