"""Folders, sockets, control groups, processes and mounts of ours that have no owner."""

from __future__ import annotations

import fcntl
import os
import time

from tuicontainer.errors import FailedPrecondition, TuiContainerError
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import open_cgroup
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.rootfs.mountinfo import read_mounts
from tuicontainer.runtime.state import state
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.supervise.doctor.finding import Finding
from tuicontainer.supervise.engine_cgroup import possible_places
from tuicontainer.supervise.files import remove_file
from tuicontainer.supervise.locks import lock_is_held
from tuicontainer.supervise.names import MONITOR_SOCKET, SPAWNER_LOCK, SPAWNER_SOCKET
from tuicontainer.supervise.records import monitor_lock_path, record_path
from tuicontainer.syscalls.mount import MNT_DETACH, umount2
from tuicontainer.syscalls.signals import SIGKILL, pidfd_send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.locations import Locations
    from tuicontainer.runtime.cgroups.api import Cgroup

_KILL_SECONDS = 5.0
_PAUSE = 0.02


def examine_folders(locations: Locations) -> Iterator[Finding]:
    """Yield half-made state folders, and sockets at which nobody listens."""
    engine = os.path.join(locations.engine_dir, SPAWNER_SOCKET)
    lock = os.path.join(locations.engine_dir, SPAWNER_LOCK)
    if os.path.lexists(engine) and not lock_is_held(lock):
        yield _stale(engine)
    for name in _folders(locations.state_root):
        if not _is_id(name) or lock_is_held(monitor_lock_path(locations, name)):
            continue
        folder = os.path.join(locations.state_root, name)
        if not os.path.lexists(os.path.join(folder, "state.json")):
            if not _is_worked_on(folder):
                yield Finding(
                    kind="state-half-made",
                    subject=name,
                    problem=f"`{folder}` holds no state",
                    remedy="removes the folder",
                    mend=lambda name=name: _remove_state(locations, name),  # type: ignore[misc]
                )
            continue
        socket = os.path.join(folder, MONITOR_SOCKET)
        if os.path.lexists(socket) and not lock_is_held(monitor_lock_path(locations, name)):
            yield _stale(socket)


def examine_groups(locations: Locations) -> Iterator[Finding]:
    """Yield control groups below ours that belong to no container, with what runs in them."""
    hierarchies = read_hierarchies()
    for place in possible_places(locations):
        names = set()
        for mount in hierarchies.mounts:
            names.update(_folders(mount.mountpoint + place.cgroup_parent))
        for name in sorted(names):
            if lock_is_held(monitor_lock_path(locations, name)) or _has_instance(locations, name):
                continue
            group = open_cgroup(f"{place.cgroup_parent}/{name}", hierarchies)
            yield _group_finding(group, subject=name)
    # systemd itself removes a scope in which nobody is left.
    engine = open_cgroup(locations.engine_cgroup, hierarchies)
    if engine.exists() and _is_deserted(locations, engine):
        yield Finding(
            kind="cgroup-leftover",
            subject=engine.path,
            problem=f"a spawner died and left the control group `{engine.path}`",
            remedy="removes it",
            mend=lambda: _remove_deserted(locations, engine),
        )


def examine_monitors(locations: Locations) -> Iterator[Finding]:
    """Yield monitors of this state root whose container has no record any more."""
    for pid in _helpers(locations):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
                kind, _, name = file.read().rstrip("\n").partition(":")
        except OSError:
            continue
        # The kernel keeps 15 bytes of a name, so this may be the beginning of the id.
        if kind != "tuic" or name == "new" or _has_record(locations, name):
            continue
        yield Finding(
            kind="monitor-leftover",
            subject=str(pid),
            problem=f"process {pid} supervises `{name}`, which has no record",
            remedy="ends the process",
            mend=lambda pid=pid: _end(pid),  # type: ignore[misc]
        )


def examine_mounts(locations: Locations) -> Iterator[Finding]:
    """Yield mounts inside the state root and the records: ours are in containers' namespaces."""
    homes = (f"{locations.state_root}/", f"{locations.containers_dir}/")
    for mount in read_mounts():
        if mount.point.startswith(homes):
            yield Finding(
                kind="mount-leftover",
                subject=mount.point,
                problem=f"{mount.type} is mounted on `{mount.point}`",
                remedy="unmounts it",
                mend=lambda point=mount.point: umount2(point, MNT_DETACH),  # type: ignore[misc]
            )


def _stale(socket: str) -> Finding:
    return Finding(
        kind="socket-stale",
        subject=socket,
        problem=f"nobody listens at `{socket}`",
        remedy="removes it",
        mend=lambda: remove_file(socket),
    )


def _group_finding(group: Cgroup, *, subject: str) -> Finding:
    try:
        processes = group.processes()
    except (OSError, TuiContainerError):
        processes = []
    if processes:
        return Finding(
            kind="process-leftover",
            subject=subject,
            problem=f"{len(processes)} processes in `{group.path}` belong to no container",
            remedy="kills them and removes the control group",
            mend=lambda: _empty_and_remove(group),
        )
    return Finding(
        kind="cgroup-leftover",
        subject=subject,
        problem=f"the control group `{group.path}` has no container",
        remedy="removes it",
        mend=group.remove,
    )


def _is_deserted(locations: Locations, engine: Cgroup) -> bool:
    """Return whether no spawner lives, and no monitors of one that died, which rightly stay."""
    spawner = os.path.join(locations.engine_dir, SPAWNER_LOCK)
    return not lock_is_held(spawner) and not engine.processes()


def _remove_deserted(locations: Locations, engine: Cgroup) -> None:
    # Mending something else may have started a spawner.
    if _is_deserted(locations, engine):
        engine.remove()


def _empty_and_remove(group: Cgroup) -> None:
    """Kill what is in the group and remove it.

    Raises:
        FailedPrecondition: something doesn't die.
    """
    deadline = time.monotonic() + _KILL_SECONDS
    while group.processes():
        if time.monotonic() > deadline:
            raise FailedPrecondition(
                f"processes in `{group.path}` don't die",
                hint="they may wait for a disk or the network: look with `ps`",
            )
        group.kill(SIGKILL)
        time.sleep(_PAUSE)
    group.remove()


def _remove_state(locations: Locations, name: str) -> None:
    with StateFolder.open(locations.state_root, name, locked=False) as folder:
        if not os.path.lexists(os.path.join(folder.path, "state.json")):
            folder.remove()


def _is_worked_on(folder: str) -> bool:
    """Return whether an operation of the runtime holds the folder's lock."""
    try:
        fd = os.open(os.path.join(folder, "lock"), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _has_instance(locations: Locations, container_id: str) -> bool:
    try:
        state(locations.state_root, container_id)
    except TuiContainerError:
        return _is_worked_on(locations.container_state_dir(container_id))
    return True


def _has_record(locations: Locations, beginning: str) -> bool:
    if os.path.lexists(record_path(locations, beginning)):
        return True
    return any(name.startswith(beginning) for name in _folders(locations.containers_dir))


def _helpers(locations: Locations) -> Iterator[int]:
    """Yield the spawners and monitors of this state root: it is in their command line."""
    mark = b"\0%s\0" % os.fsencode(locations.state_root)
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if mark in words and b"/supervise/__main__.py\0" in words:
            yield int(name)


def _end(pid: int) -> None:
    fd = os.pidfd_open(pid)
    try:
        pidfd_send_signal(fd, SIGKILL)
    finally:
        os.close(fd)


def _is_id(name: str) -> bool:
    try:
        check_container_id(name)
    except TuiContainerError:
        return False
    return True


def _folders(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return []
