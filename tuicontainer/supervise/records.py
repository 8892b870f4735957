"""The durable record of a container, and how its instances ended.

A container is a record plus numbered OCI instances: `start` of a stopped one deletes the old
instance and makes the next. In the data root's `containers/<id>/`:

    record.json        this record; fsynced when the container is made
    config.json        the snapshot of the bundle's configuration, overrides merged
    log log.1 …        what it wrote
    health.json        its last health checks
    timeline.jsonl     how long the steps took by which the instance was made
    last_sample.json   its control group's last counters, read before the group went
    monitor.lock       held by the living monitor

Only the container's monitor writes here.
"""

from __future__ import annotations

import os

from tuicontainer.errors import AlreadyExists, Internal, NotFound
from tuicontainer.record import Record
from tuicontainer.runtime.process.identity import boot_id
from tuicontainer.supervise.files import (
    read_json,
    remove_flat_folder,
    sync_folder,
    write_json,
)
from tuicontainer.supervise.locks import hold_lock
from tuicontainer.supervise.views import ExitRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.locations import Locations

RECORD_VERSION = 1
DEFAULT_STOP_TIMEOUT = 10.0
"""Seconds between the stop signal and KILL."""
_MOST_GENERATED = 100_000


class ContainerRecord(Record):
    """What record.json holds."""

    id: str
    bundle: str
    """Absolute path."""
    rootfs: str
    """Absolute path of the root filesystem as the bundle names it."""
    created_ns: int
    """When the record was made, nanoseconds since the epoch."""
    owner: int
    """User id of who asked for it."""
    oci_version: str = ""
    args: tuple[str, ...] = ()
    hostname: str = ""
    annotations: Mapping[str, str] = {}
    terminal: bool = False
    stdin_open: bool = False
    auto_remove: bool = False
    restart: str = "no"
    """The restart policy (see `spec.restart`)."""
    restarts: int = 0
    """How often in a row the policy has started it again."""
    wanted: bool = False
    """Whether it shall run: started, and not stopped by somebody since."""
    health: str = ""
    """`starting`, `healthy` or `unhealthy`; empty without a health check."""
    stop_signal: int = 15
    stop_timeout: float = DEFAULT_STOP_TIMEOUT
    """Seconds."""
    cgroup_path: str | None = None
    instance: int = 1
    """Number of the present instance."""
    made: int = 0
    """Number of the last instance that was made; less than `instance` while one is being made."""
    boot_id: str = ""
    """Of the boot in which the present instance was made."""
    started_ns: int | None = None
    """When the present instance's program was started."""
    exit: ExitRecord | None = None
    """How the last instance that ended did so."""
    exit_instance: int = 0
    """Which instance that was; 0 for none."""

    @property
    def ended(self) -> bool:
        """Whether the end of the present instance is recorded."""
        return self.exit_instance == self.instance

    def with_exit(self, ending: ExitRecord) -> ContainerRecord:
        """Return the record once the present instance has ended."""
        return self.replace(exit=ending, exit_instance=self.instance)


def lost_exit(record: ContainerRecord) -> ExitRecord:
    """Return how an instance ended whose process is gone and whose end nobody recorded."""
    reason = "unknown" if record.boot_id == boot_id() else "reboot"
    return ExitRecord(status=None, finished_ns=None, reason=reason)  # type: ignore[arg-type]


def record_path(locations: Locations, container_id: str) -> str:
    """Return where the record is."""
    return os.path.join(locations.container_data_dir(container_id), "record.json")


def config_path(locations: Locations, container_id: str) -> str:
    """Return where the snapshot of the configuration is."""
    return os.path.join(locations.container_data_dir(container_id), "config.json")


def sample_path(locations: Locations, container_id: str) -> str:
    """Return where the last sample is."""
    return os.path.join(locations.container_data_dir(container_id), "last_sample.json")


def health_path(locations: Locations, container_id: str) -> str:
    """Return where the last health checks are."""
    return os.path.join(locations.container_data_dir(container_id), "health.json")


def timeline_path(locations: Locations, container_id: str) -> str:
    """Return where the times are that making the instance took."""
    return os.path.join(locations.container_data_dir(container_id), "timeline.jsonl")


def monitor_lock_path(locations: Locations, container_id: str) -> str:
    """Return where the lock is that the living monitor holds."""
    return os.path.join(locations.container_data_dir(container_id), "monitor.lock")


def read_record(locations: Locations, container_id: str) -> ContainerRecord:
    """Return a container's record.

    Raises:
        NotFound: there is none.
        Internal: another version wrote it, or it is damaged.
    """
    try:
        document = read_json(record_path(locations, container_id))
    except ValueError as error:
        raise Internal(f"the record of `{container_id}` is damaged: {error}") from error
    if document is None:
        raise NotFound(
            f"no container has the id `{container_id}`", hint="`tuicontainer ps -a` lists them"
        )
    record = record_from_document(document)
    if record.id == container_id:
        return record
    # Its monitor died while it renamed the container: the folder's name is what counts.
    cgroup_path = record.cgroup_path
    if cgroup_path == f"{locations.cgroup_parent}/{record.id}":
        cgroup_path = f"{locations.cgroup_parent}/{container_id}"
    return record.replace(id=container_id, cgroup_path=cgroup_path)


def recorded_id(locations: Locations, container_id: str) -> str:
    """Return the id that a container's record itself says; see `renaming`.

    Raises:
        NotFound: there is no record.
        ValueError: it is damaged.
    """
    document = read_json(record_path(locations, container_id))
    if document is None:
        raise NotFound(f"no container has the id `{container_id}`")
    return str(document.get("id"))


def write_record(locations: Locations, record: ContainerRecord, *, durable: bool) -> None:
    """Write a container's record; with *durable* also to disk.

    Raises:
        OSError: it couldn't be written.
    """
    write_json(record_path(locations, record.id), record_to_document(record), durable=durable)


def record_to_document(record: ContainerRecord) -> dict[str, Any]:
    """Return the JSON object of record.json."""
    document: dict[str, Any] = {"version": RECORD_VERSION, **dict(record.items())}
    if record.exit is not None:
        document["exit"] = dict(record.exit.items())
    return document


def record_from_document(document: Mapping[str, Any]) -> ContainerRecord:
    """Rebuild the record that `record_to_document` described.

    Raises:
        Internal: another version wrote it, or it isn't a record.
    """
    values = dict(document)
    if values.pop("version", None) != RECORD_VERSION:
        raise Internal(
            f"the record of `{values.get('id')}` has another version than `{RECORD_VERSION}`"
        )
    try:
        if values.get("exit") is not None:
            values["exit"] = ExitRecord(**values["exit"])
        values["args"] = tuple(values.get("args", ()))
        return ContainerRecord(**values)
    except TypeError as error:
        raise Internal(f"the record of `{values.get('id')}` is damaged: {error}") from error


def reserve_id(locations: Locations, container_id: str) -> None:
    """Make the record's folder and hold the lock in it for life, which makes the id ours.

    The lock decides, not the folder: of two who find a folder that a dying monitor left before
    the record was written, or that the other has just made, only one goes on.

    Raises:
        AlreadyExists: the id is taken, here or in the state root.
    """
    if not _is_taken(locations, container_id):
        os.makedirs(locations.containers_dir, mode=0o700, exist_ok=True)
        folder = locations.container_data_dir(container_id)
        _make(folder)
        try:
            lock = _hold_linked(monitor_lock_path(locations, container_id))
        except OSError:
            _remove_empty(folder)
            raise
        if lock is not None:
            if not _is_taken(locations, container_id):
                _settle(locations, folder, lock)
                return
            os.close(lock)
    raise AlreadyExists(
        f"container with given ID already exists: `{container_id}`",
        hint="choose another id, or delete that container first",
    )


def _settle(locations: Locations, folder: str, lock: int) -> None:
    """Put the name of a folder whose lock we hold on disk; if that fails it goes again."""
    try:
        sync_folder(locations.containers_dir)
    except OSError:
        remove_flat_folder(folder)
        os.close(lock)
        raise


def _is_taken(locations: Locations, container_id: str) -> bool:
    record = record_path(locations, container_id)
    return os.path.lexists(record) or os.path.lexists(locations.container_state_dir(container_id))


def _hold_linked(path: str) -> int | None:
    """Return a descriptor that holds the lock file, unless its folder was removed meanwhile."""
    try:
        lock = hold_lock(path)
    except FileNotFoundError:
        return None
    if lock is None:
        return None
    try:
        if os.path.samestat(os.fstat(lock), os.stat(path)):
            return lock
    except FileNotFoundError:
        pass
    os.close(lock)
    return None


def reserve_generated_id(locations: Locations, bundle: str) -> str:
    """Reserve the first free id of the form `<bundle>-<n>` and return it.

    Raises:
        AlreadyExists: there are far too many already.
    """
    stem = id_stem(bundle)
    for number in range(1, _MOST_GENERATED):
        candidate = f"{stem}-{number}"
        try:
            reserve_id(locations, candidate)
        except AlreadyExists:
            continue
        return candidate
    raise AlreadyExists(f"all ids from `{stem}-1` to `{stem}-{_MOST_GENERATED - 1}` are taken")


def id_stem(bundle: str) -> str:
    """Return what generated ids of a bundle begin with: its folder's name made legal."""
    name = os.path.basename(bundle.rstrip("/"))
    legal = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "_+.-") else "-"
        for letter in name
    )
    return legal[:200].strip(".-") or "container"


def remove_record(locations: Locations, container_id: str) -> None:
    """Remove the record with everything in its folder; the record itself goes first.

    Raises:
        OSError: something couldn't be removed.
    """
    folder = locations.container_data_dir(container_id)
    path = record_path(locations, container_id)
    if os.path.lexists(path):
        os.unlink(path)
    remove_flat_folder(folder)


def _make(folder: str) -> None:
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return


def _remove_empty(folder: str) -> None:
    try:
        os.rmdir(folder)
    except OSError:
        # Another one has made its lock in it: it is theirs now.
        return
