"""Making and removing a container's instances: records and snapshot above, the runtime below."""

from __future__ import annotations

import os
import time

from tuicontainer.bundles.load import load_bundle, rootfs_path
from tuicontainer.errors import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    describe_failure,
)
from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import container_cgroup_path
from tuicontainer.runtime.create import create
from tuicontainer.runtime.delete import delete
from tuicontainer.runtime.process.identity import boot_id
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.health import health_check_of
from tuicontainer.spec.overrides import apply_overrides
from tuicontainer.spec.restart import ANNOTATION, RestartPolicy, parse_restart_policy
from tuicontainer.spec.signals import parse_signal
from tuicontainer.supervise.files import read_json, sync_file, write_json
from tuicontainer.supervise.records import (
    DEFAULT_STOP_TIMEOUT,
    ContainerRecord,
    config_path,
    write_record,
)
from tuicontainer.supervise.stdio import discard_streams, make_streams, settle_streams
from tuicontainer.supervise.timelines import Measured

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations
    from tuicontainer.runtime.timeline import Timeline
    from tuicontainer.spec.config import Config
    from tuicontainer.supervise.requests import CreateRequest
    from tuicontainer.supervise.stdio import Streams

STOP_SIGNAL = "io.tuicontainer.stop-signal"
STOP_TIMEOUT = "io.tuicontainer.stop-timeout"


class Made(Record):
    """A new instance; the descriptors are the caller's."""

    pid: int
    descriptors: dict[str, int]
    """`pidfd`, and our side of the streams: `console`, or `stdout`, `stderr` and maybe `stdin`
    (non-blocking)."""

    def undo(self, locations: Locations, container_id: str) -> None:
        """Remove the instance again and give the descriptors back."""
        for fd in self.descriptors.values():
            os.close(fd)
        remove_instance(locations, container_id)


def first_instance(
    locations: Locations, request: CreateRequest, container_id: str
) -> tuple[ContainerRecord, Made]:
    """Make a container whose id is reserved: its first instance, then its durable record.

    Raises:
        TuiContainerError: why not; nothing is left but the reserved folder.
        OSError: the same.
    """
    config = plan_container(request)
    record = new_record(locations, request, container_id, config)
    # If all of us die now, what is in the state root can still be found and removed by this.
    write_json(config_path(locations, container_id), config.document, durable=False)
    write_record(locations, record, durable=False)
    made = make_instance(locations, record, config)
    record = record.replace(made=record.instance)
    try:
        sync_file(config_path(locations, container_id))
        write_record(locations, record, durable=True)
    except OSError:
        made.undo(locations, container_id)
        raise
    return record, made


def next_instance(locations: Locations, record: ContainerRecord) -> Made:
    """Delete the old instance, whose poststop hooks run, and make the one that *record* numbers.

    Raises:
        TuiContainerError: why not.
    """
    config = read_snapshot(locations, record.id)
    with Measured(locations, record.id, "delete", record.made, anew=True) as timeline:
        remove_instance(locations, record.id, timeline)
    return make_instance(locations, record, config)


def plan_container(request: CreateRequest) -> Config:
    """Return the checked configuration for a request: the bundle's with the overrides merged.

    Raises:
        NotFound, InvalidArgument, Unsupported: what is wrong with the bundle or the request.
    """
    if not os.path.isabs(request.bundle):
        raise InvalidArgument(f"bundle path `{request.bundle}` isn't absolute")
    config = load_bundle(request.bundle)
    document = apply_overrides(
        config.document,
        args=request.args,
        env=request.env,
        cwd=request.cwd,
        user=request.user,
        terminal=request.terminal,
        console_size=request.console_size,
        annotations=dict(request.annotations),
        limits=request,
    )
    return config if document == config.document else decode_config(document)


def new_record(
    locations: Locations, request: CreateRequest, container_id: str, config: Config
) -> ContainerRecord:
    """Return the record of a container that is about to be made.

    Raises:
        InvalidArgument: an annotation of ours has a bad value.
    """
    process = config.process
    cgroup = container_cgroup_path(
        config.linux.cgroups_path, parent=locations.cgroup_parent, container_id=container_id
    )
    return ContainerRecord(
        id=container_id,
        bundle=request.bundle,
        rootfs=rootfs_path(request.bundle, config),
        created_ns=time.time_ns(),
        owner=os.geteuid(),
        oci_version=config.oci_version,
        args=process.args if process is not None else (),
        hostname=config.hostname or "",
        annotations=config.annotations,
        terminal=process is not None and process.terminal,
        stdin_open=request.stdin_open,
        auto_remove=request.auto_remove,
        health="" if health_check_of(config.annotations) is None else "starting",
        restart=str(_restart_policy(request, config)),
        stop_signal=parse_signal(config.annotations.get(STOP_SIGNAL, "TERM")),
        stop_timeout=_seconds(config.annotations.get(STOP_TIMEOUT)),
        cgroup_path=None if read_hierarchies().mode == "none" else cgroup,
        boot_id=boot_id(),
    )


def read_snapshot(locations: Locations, container_id: str) -> Config:
    """Return the container's own configuration, whatever its bundle says by now.

    Raises:
        NotFound: the snapshot is missing.
        InvalidArgument: it is damaged.
    """
    document = read_json(config_path(locations, container_id))
    if document is None:
        raise NotFound(f"the configuration of `{container_id}` is missing in its record")
    return decode_config(document)


def make_instance(locations: Locations, record: ContainerRecord, config: Config) -> Made:
    """Create the OCI instance that *record* describes; a failure leaves nothing behind.

    Raises:
        AlreadyExists: the state root has a container of this id.
        TuiContainerError: the runtime's reason.
    """
    streams = _streams(locations, record)
    try:
        with Measured(locations, record.id, "create", record.instance) as timeline:
            created = create(
                locations.state_root,
                record.id,
                bundle=record.bundle,
                config=config,
                stdio=None if streams is None else streams.theirs,
                cgroup_path=record.cgroup_path,
                timeline=timeline,
            )
    except BaseException as error:
        if streams is not None:
            streams.close_all()
            discard_streams(locations, record.id)
        if isinstance(error, AlreadyExists):
            raise AlreadyExists(
                f"container with given ID already exists: `{record.id}`", hint=error.hint
            ) from error
        raise
    if created.console is not None:
        os.set_blocking(created.console, False)
        streams_by_name = {"console": created.console}
    else:
        assert streams is not None
        streams.close_theirs()
        settle_streams(locations, record.id)
        streams_by_name = streams.ours
    return Made(pid=created.pid, descriptors={"pidfd": created.pidfd, **streams_by_name})


def remove_instance(
    locations: Locations, container_id: str, timeline: Timeline | None = None
) -> list[str]:
    """Delete the OCI instance with whatever still runs in it; one that is gone is no error.

    *timeline* takes the steps' times.

    Returns:
        Warnings of poststop hooks that failed.

    Raises:
        TuiContainerError: something can't be removed.
    """
    try:
        return delete(locations.state_root, container_id, force=True, timeline=timeline)
    except NotFound:
        return []
    finally:
        discard_streams(locations, container_id)


def _streams(locations: Locations, record: ContainerRecord) -> Streams | None:
    if record.terminal:
        return None
    try:
        return make_streams(locations, record.id, stdin_open=record.stdin_open)
    except OSError as error:
        raise describe_failure(error, while_=f"making the streams of `{record.id}`") from error


def _restart_policy(request: CreateRequest, config: Config) -> RestartPolicy:
    policy = parse_restart_policy(request.restart or config.annotations.get(ANNOTATION, "no"))
    if request.auto_remove and policy.kind != "no":
        if request.restart:
            raise InvalidArgument(
                f"restart policy `{policy}` makes no sense for a container that is removed at its"
                " end",
                hint="leave out one of both",
            )
        return RestartPolicy()
    return policy


def _seconds(text: str | None) -> float:
    if text is None:
        return DEFAULT_STOP_TIMEOUT
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86400:
        raise InvalidArgument(
            f"annotation `{STOP_TIMEOUT}` is `{text}`", hint="give seconds, from 0 to 86400"
        )
    return seconds
