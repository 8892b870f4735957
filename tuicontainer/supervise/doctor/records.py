"""Containers whose record, monitor and process don't fit together."""

from __future__ import annotations

import os
import time

from tuicontainer.errors import NotFound, TuiContainerError, Unavailable
from tuicontainer.runtime.process.identity import boot_id
from tuicontainer.runtime.state import state
from tuicontainer.supervise.converse import converse
from tuicontainer.supervise.doctor.finding import Finding
from tuicontainer.supervise.files import remove_flat_folder
from tuicontainer.supervise.instances import remove_instance
from tuicontainer.supervise.launch import reach_spawner
from tuicontainer.supervise.locks import hold_lock, lock_is_held
from tuicontainer.supervise.records import monitor_lock_path, read_record, record_path, recorded_id
from tuicontainer.supervise.renaming import finish
from tuicontainer.supervise.talk import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.talk import Talk

_ASIDE = "set-aside"


def examine_records(locations: Locations) -> Iterator[Finding]:
    """Yield what is wrong with the containers that have a record folder."""
    try:
        ids = sorted(os.listdir(locations.containers_dir))
    except FileNotFoundError:
        return
    for container_id in ids:
        if lock_is_held(monitor_lock_path(locations, container_id)):
            continue
        finding = _examine(locations, container_id)
        # A monitor may have begun its work while we looked.
        if finding is not None and not lock_is_held(monitor_lock_path(locations, container_id)):
            yield finding


def _examine(locations: Locations, container_id: str) -> Finding | None:
    folder = locations.container_data_dir(container_id)
    try:
        record = read_record(locations, container_id)
    except NotFound:
        return Finding(
            kind="record-half-made",
            subject=container_id,
            problem=f"`{folder}` has no record",
            remedy="removes the folder",
            mend=lambda: _remove_half_made(locations, container_id),
        )
    except (TuiContainerError, OSError) as error:
        return Finding(
            kind="record-damaged",
            subject=container_id,
            problem=str(error),
            remedy=f"moves the folder to `{_ASIDE}` beside the others",
            mend=lambda: _set_aside(locations, container_id),
        )
    if recorded_id(locations, container_id) != container_id:
        return Finding(
            kind="rename-unfinished",
            subject=container_id,
            problem="its record still has the name that it had before",
            remedy="writes the new one into it",
            mend=lambda: finish(locations, container_id),
        )
    try:
        alive = state(locations.state_root, container_id).status != "stopped"
    except TuiContainerError:
        alive = False
    if alive:
        kind, problem = "container-without-monitor", "its process runs and nobody supervises it"
    elif not record.ended and record.boot_id == boot_id():
        kind, problem = "end-unrecorded", "it has ended, and nobody wrote down how"
    elif record.ended and record.auto_remove:
        kind, problem = "removal-unfinished", "it was to be removed at its end"
    else:
        return None
    return Finding(
        kind=kind,
        subject=container_id,
        problem=problem,
        remedy="starts a monitor for it",
        mend=lambda: converse(_give_monitor(locations, container_id)),
    )


def _give_monitor(locations: Locations, container_id: str) -> Talk[None]:
    """Ask the spawner about the container: to answer, it gives it a monitor, which does the rest.

    Raises:
        Unavailable: no monitor stays alive.
    """
    connection = yield from reach_spawner(locations)
    try:
        answer = yield from ask(connection.channel, {"verb": "status", "id": container_id})
    finally:
        connection.channel.close()
    if answer is None:
        raise Unavailable(f"no monitor of `{container_id}` answers", hint="look again in a moment")
    answer.close_descriptors()


def _remove_half_made(locations: Locations, container_id: str) -> None:
    try:
        lock = hold_lock(monitor_lock_path(locations, container_id))
    except FileNotFoundError:
        return
    if lock is None:
        return
    try:
        if not os.path.lexists(record_path(locations, container_id)):
            remove_flat_folder(locations.container_data_dir(container_id))
    finally:
        os.close(lock)


def _set_aside(locations: Locations, container_id: str) -> None:
    """Keep what is left of a container, its log above all, and remove an instance that has ended.

    One that runs isn't harmed: without a record it is listed as nobody's, and can still be reached
    by `tuicontainer-runtime`.
    """
    try:
        if state(locations.state_root, container_id).status == "stopped":
            remove_instance(locations, container_id)
    except NotFound:
        pass
    aside = os.path.join(locations.root_data_dir, _ASIDE)
    os.makedirs(aside, mode=0o700, exist_ok=True)
    name = f"{container_id}.{time.strftime('%Y%m%dT%H%M%S')}"
    os.rename(locations.container_data_dir(container_id), os.path.join(aside, name))
