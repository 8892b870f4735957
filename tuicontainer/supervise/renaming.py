"""Another id for a container that has no process.

One that runs is refused, by decision: its control group, its state folder and whatever its hooks
made go by its id, and none of them can be renamed under a process. So what the ended instance left
in the state root goes first, with its poststop hooks, which know the old id; then one rename(2) of
the record's folder gives all that is durable (record, configuration, log) the new one. Whoever dies
before it leaves the old container, whoever dies after it the new one: `read_record` goes by the
folder, and `doctor` names a record that still says otherwise.
"""

from __future__ import annotations

import os
from errno import EEXIST, ENOTEMPTY

from tuicontainer.errors import AlreadyExists, InvalidArgument
from tuicontainer.runtime.cgroups.open import container_cgroup_path
from tuicontainer.supervise.files import sync_folder
from tuicontainer.supervise.instances import read_snapshot
from tuicontainer.supervise.records import read_record, write_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations
    from tuicontainer.supervise.records import ContainerRecord


def check_free(locations: Locations, container_id: str, present: str) -> None:
    """Refuse an id that another container has, or *present* itself.

    Raises:
        InvalidArgument: it is the present one.
        AlreadyExists: it is taken, here or in the state root.
    """
    if container_id == present:
        raise InvalidArgument(f"`{present}` is the container's name already")
    places = (
        locations.container_data_dir(container_id),
        locations.container_state_dir(container_id),
    )
    if any(os.path.lexists(place) for place in places):
        raise _taken(container_id)


def move_record(
    locations: Locations, record: ContainerRecord, container_id: str
) -> ContainerRecord:
    """Give the record's folder another name; return the record that is on disk then.

    Its monitor's lock goes along, so that nobody who makes a container of this id gets in between.

    Raises:
        AlreadyExists: the id was taken meanwhile.
        InvalidArgument, NotFound: the snapshot of the configuration is damaged or missing.
        OSError: it couldn't be moved; nothing has changed.
    """
    cgroup_path = record.cgroup_path
    if cgroup_path is not None:
        wanted = read_snapshot(locations, record.id).linux.cgroups_path
        cgroup_path = container_cgroup_path(
            wanted, parent=locations.cgroup_parent, container_id=container_id
        )
    try:
        # An empty folder is replaced (rename(2)): whoever has just made it finds our lock in it.
        os.rename(
            locations.container_data_dir(record.id), locations.container_data_dir(container_id)
        )
    except OSError as error:
        if error.errno in (EEXIST, ENOTEMPTY):
            raise _taken(container_id) from error
        raise
    sync_folder(locations.containers_dir)
    renamed = record.replace(id=container_id, cgroup_path=cgroup_path)
    write_record(locations, renamed, durable=True)
    return renamed


def finish(locations: Locations, container_id: str) -> None:
    """Write into the record what its folder says, after a monitor that died in between.

    Raises:
        TuiContainerError, OSError: the record can't be read or written.
    """
    write_record(locations, read_record(locations, container_id), durable=True)


def _taken(container_id: str) -> AlreadyExists:
    return AlreadyExists(
        f"container with given ID already exists: `{container_id}`", hint="choose another name"
    )
