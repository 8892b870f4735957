"""Which containers there are: records of the data root joined with the state root's instances.

Reads files and /proc only; needs no helper process, takes no lock, writes nothing.
"""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument, NotFound, TuiContainerError
from tuicontainer.runtime.list import list_instances
from tuicontainer.runtime.process.identity import boot_id
from tuicontainer.runtime.state import state
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.supervise.files import read_json
from tuicontainer.supervise.locks import lock_is_held
from tuicontainer.supervise.names import SPAWNER_LOCK
from tuicontainer.supervise.records import (
    config_path,
    health_path,
    monitor_lock_path,
    read_record,
    record_path,
    sample_path,
)
from tuicontainer.supervise.views import ContainerView

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.runtime.instance import InstanceView
    from tuicontainer.supervise.records import ContainerRecord
    from tuicontainer.supervise.views import ExitRecord, Status


def list_containers(locations: Locations) -> list[ContainerView]:
    """Return all containers of a state root, oldest first.

    Instances in the state root that have no record (the drop-in runtime made them) are included
    with `supervised=False`. A record that can't be read is left out.
    """
    instances = {view.instance.id: view for view in list_instances(locations.state_root)}
    views = []
    for container_id in _recorded_ids(locations):
        try:
            record = read_record(locations, container_id)
        except TuiContainerError:
            # Just being made or removed, or damaged: `find_container` says which.
            continue
        views.append(_join(locations, record, instances.pop(container_id, None)))
    views += [_foreign(locations, instance) for instance in instances.values()]
    views.sort(key=lambda view: (view.created_ns, view.id))
    return views


def find_container(locations: Locations, reference: str) -> ContainerView:
    """Return the container with this id or unique id prefix.

    Raises:
        NotFound: none matches.
        InvalidArgument: the reference is no legal id, or several ids begin with it (the text
            names them).
    """
    container_id = _resolve(locations, check_container_id(reference))
    instance = _instance(locations, container_id)
    try:
        record = read_record(locations, container_id)
    except NotFound:
        if instance is None:
            raise
        return _foreign(locations, instance)
    return _join(locations, record, instance)


def inspect_container(locations: Locations, reference: str) -> dict[str, Any]:
    """Return all that is known of a container as one JSON document.

    Its keys are those of ContainerView, and `state` (the OCI state document, None without an
    instance), `options` (of a container with a record), `config` (the snapshot), `last_sample`
    (counters at the end of the last instance), `timeline` (what was done to the instance and how
    long each step took, see `timelines.Operation`) and `paths` (`data`, `log`, `state`, `cgroup`).

    Of one that has ended it has what it wrote last too (`last_lines`).

    Raises:
        NotFound, InvalidArgument: as `find_container`.
    """
    # Only here: other verbs that list containers need none of it.
    from tuicontainer.supervise.timelines import read_timeline

    view = find_container(locations, reference)
    instance = _instance(locations, view.id)
    document: dict[str, Any] = dict(view.items())
    document["exit"] = None if view.exit is None else dict(view.exit.items())
    document["args"] = list(view.args)
    document["annotations"] = dict(view.annotations)
    document["state"] = None if instance is None else instance.document()
    paths: dict[str, str | None] = {"state": locations.container_state_dir(view.id)}
    if view.supervised:
        record = read_record(locations, view.id)
        document["options"] = {
            "auto_remove": record.auto_remove,
            "restart": record.restart,
            "stdin_open": record.stdin_open,
            "stop_signal": record.stop_signal,
            "stop_timeout": record.stop_timeout,
        }
        document["config"] = read_json(config_path(locations, view.id))
        document["health_status"] = view.health
        document["health"] = read_json(health_path(locations, view.id))
        document["timeline"] = [each.to_document() for each in read_timeline(locations, view.id)]
        document |= _last_moments(locations, record, view)
        data = locations.container_data_dir(view.id)
        paths |= {"data": data, "log": os.path.join(data, "log"), "cgroup": record.cgroup_path}
    document["paths"] = paths
    return document


def _last_moments(
    locations: Locations, record: ContainerRecord, view: ContainerView
) -> dict[str, Any]:
    """Return what is known of the last end, and what was written before it."""
    # Only here: other verbs that list containers need none of it.
    from tuicontainer.supervise.last_moments import last_lines, last_sample

    if view.status != "stopped":
        return {"last_sample": read_json(sample_path(locations, view.id)), "last_lines": None}
    return {
        "last_sample": last_sample(locations, record),
        "last_lines": last_lines(locations, view.id, view.instance),
    }


def _recorded_ids(locations: Locations) -> list[str]:
    try:
        return os.listdir(locations.containers_dir)
    except FileNotFoundError:
        return []


def _resolve(locations: Locations, reference: str) -> str:
    exact = os.path.lexists(record_path(locations, reference))
    if exact or os.path.lexists(locations.container_state_dir(reference)):
        return reference
    ids = {view.instance.id for view in list_instances(locations.state_root)}
    ids |= {
        container_id
        for container_id in _recorded_ids(locations)
        if os.path.lexists(record_path(locations, container_id))
    }
    matching = sorted(container_id for container_id in ids if container_id.startswith(reference))
    if not matching:
        raise NotFound(
            f"no container matches `{reference}`", hint="`tuicontainer ps -a` lists them"
        )
    if len(matching) > 1:
        names = ", ".join(f"`{name}`" for name in matching[:8])
        raise InvalidArgument(
            f"`{reference}` is the beginning of {len(matching)} container ids: {names}",
            hint="give more of the id",
        )
    return matching[0]


def _instance(locations: Locations, container_id: str) -> InstanceView | None:
    try:
        return state(locations.state_root, container_id)
    except NotFound:
        return None


def _join(
    locations: Locations, record: ContainerRecord, instance: InstanceView | None
) -> ContainerView:
    status: Status = "stopped" if instance is None else instance.status
    if record.made < record.instance and _has_monitor(locations, record):
        status = "creating"
    return ContainerView(
        id=record.id,
        status=status,
        pid=0 if instance is None else instance.pid,
        bundle=record.bundle,
        created_ns=record.created_ns,
        instance=record.instance,
        started_ns=record.started_ns,
        exit=_exit(locations, record, status),
        terminal=record.terminal,
        annotations=record.annotations,
        args=record.args,
        oci_version=record.oci_version,
        rootfs=record.rootfs,
        owner=str(record.owner),
        hostname=record.hostname,
        state_root=locations.state_root,
        auto_remove=record.auto_remove,
        restart=record.restart,
        restarts=record.restarts,
        health=record.health if status in ("running", "paused") else "",
    )


def known_end(locations: Locations, record: ContainerRecord) -> ExitRecord | None:
    """Return how the present instance, which has no process, ended; None: it is being recorded."""
    if record.ended:
        return record.exit
    if _has_monitor(locations, record):
        return None
    # A spawner gives a container whose monitor died another one, which knows or finds out.
    lives = lock_is_held(os.path.join(locations.engine_dir, SPAWNER_LOCK))
    if lives and record.boot_id == boot_id():
        return None
    # Only here: hardly ever does nobody see an end.
    from tuicontainer.supervise.last_moments import unseen_end

    return unseen_end(locations, record)


def _exit(locations: Locations, record: ContainerRecord, status: Status) -> ExitRecord | None:
    """Return how the last instance that ended did so."""
    ending = known_end(locations, record) if status == "stopped" else None
    return record.exit if ending is None else ending


def _has_monitor(locations: Locations, record: ContainerRecord) -> bool:
    return lock_is_held(monitor_lock_path(locations, record.id))


def _foreign(locations: Locations, view: InstanceView) -> ContainerView:
    instance = view.instance
    return ContainerView(
        id=instance.id,
        status=view.status,
        pid=view.pid,
        bundle=instance.bundle,
        created_ns=instance.created_ns,
        terminal=instance.terminal,
        supervised=False,
        annotations=instance.annotations,
        oci_version=instance.oci_version,
        rootfs=instance.rootfs,
        owner=str(instance.owner),
        state_root=locations.state_root,
    )
