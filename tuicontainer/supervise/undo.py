"""Records of deleted containers that wait a while for a change of mind.

A delete with `keep` removes processes, control groups and state as any other does, but moves the
record with its log from `containers/<id>/` to `deleted/<id>/`, where nothing looks for containers.
`restore` moves it back, `forget` removes it. What nobody forgot is removed by later deletes.
"""

from __future__ import annotations

import os
import time
from errno import EEXIST, ENOTEMPTY

from tuicontainer.errors import AlreadyExists, NotFound
from tuicontainer.supervise.files import remove_flat_folder, sync_folder
from tuicontainer.supervise.journal import append_event
from tuicontainer.supervise.records import read_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations

LONGEST_NS = 3600 * 1_000_000_000
"""A record waits no longer than this, whatever became of who might have wanted it back."""


def set_aside(locations: Locations, container_id: str) -> None:
    """Take a record away so that it can be restored; an older one of the same id goes for good.

    Raises:
        OSError: it couldn't be moved.
    """
    _sweep(locations)
    folder = locations.deleted_data_dir(container_id)
    os.makedirs(os.path.dirname(folder), mode=0o700, exist_ok=True)
    remove_flat_folder(folder)
    source = locations.container_data_dir(container_id)
    # The time counts from now, not from the container's last line.
    os.utime(source)
    os.rename(source, folder)
    sync_folder(os.path.dirname(folder))
    sync_folder(locations.containers_dir)


def restore(locations: Locations, container_id: str) -> None:
    """Bring a container back that was deleted with `keep`; it is stopped, with its log.

    Raises:
        NotFound: none of this id waits.
        AlreadyExists: another container has the id by now.
    """
    taken = AlreadyExists(
        f"container `{container_id}` exists already", hint="rename or delete that one first"
    )
    if os.path.lexists(locations.container_state_dir(container_id)):
        raise taken
    try:
        os.rename(
            locations.deleted_data_dir(container_id), locations.container_data_dir(container_id)
        )
    except FileNotFoundError as error:
        raise NotFound(
            f"no deleted container `{container_id}` can be brought back", errno=error.errno
        ) from error
    except OSError as error:
        if error.errno in (EEXIST, ENOTEMPTY):
            raise taken from error
        raise
    sync_folder(locations.containers_dir)
    record = read_record(locations, container_id)
    append_event(locations, "restored", container_id, instance=record.instance)


def forget(locations: Locations, container_id: str) -> None:
    """Remove a record that waited, for good; nothing happens if there is none.

    Raises:
        OSError: something couldn't be removed.
    """
    remove_flat_folder(locations.deleted_data_dir(container_id))


def _sweep(locations: Locations) -> None:
    folder = os.path.dirname(locations.deleted_data_dir("_"))
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        path = os.path.join(folder, name)
        try:
            old = time.time_ns() - os.stat(path).st_mtime_ns > LONGEST_NS
        except FileNotFoundError:
            continue
        if old:
            remove_flat_folder(path)
