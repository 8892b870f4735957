"""In which namespaces a process is, and how its user namespace maps ids.

Sources: namespaces(7), user_namespaces(7), time_namespaces(7).
"""

from __future__ import annotations

import os

from tuicontainer.record import Record

_FILES = {
    "user": "user",
    "mount": "mnt",
    "pid": "pid",
    "network": "net",
    "ipc": "ipc",
    "uts": "uts",
    "cgroup": "cgroup",
    "time": "time",
}


class IdMap(Record):
    """A range of ids, of users or of groups."""

    container_id: int
    host_id: int
    """In the reader's user namespace."""
    size: int


class NamespaceView(Record):
    """One namespace of a process."""

    type: str
    """As config.json names it: user mount pid network ipc uts cgroup time."""
    inode: int
    """Its number; two processes with the same are in the same one."""
    host: bool
    """Whether the reader is in it too."""


def observe_namespaces(pid: int) -> tuple[NamespaceView, ...]:
    """Return the namespaces that the process is in; those the kernel hasn't are left out.

    Raises:
        ProcessLookupError: there is no such process.
        OSError: it may not be looked at.
    """
    found = []
    for kind, name in _FILES.items():
        own = _inode("/proc/self", name)
        if own is None:
            continue
        inode = _inode(f"/proc/{pid}", name)
        if inode is None:
            raise ProcessLookupError(f"no process {pid}")
        found.append(NamespaceView(type=kind, inode=inode, host=inode == own))
    return tuple(found)


def observe_id_maps(pid: int) -> tuple[tuple[IdMap, ...], tuple[IdMap, ...]]:
    """Return how the process's user namespace maps users and groups.

    Raises:
        ProcessLookupError: there is no such process.
    """
    return _id_map(pid, "uid_map"), _id_map(pid, "gid_map")


def parse_id_map(text: str) -> tuple[IdMap, ...]:
    """Return the ranges in the text of a uid_map or gid_map file."""
    rows = (map(int, line.split()) for line in text.splitlines())
    return tuple(
        IdMap(container_id=inside, host_id=outside, size=size) for inside, outside, size in rows
    )


def _id_map(pid: int, name: str) -> tuple[IdMap, ...]:
    try:
        with open(f"/proc/{pid}/{name}", encoding="ascii") as file:
            return parse_id_map(file.read())
    except FileNotFoundError:
        raise ProcessLookupError(f"no process {pid}") from None


def _inode(folder: str, name: str) -> int | None:
    try:
        target = os.readlink(f"{folder}/ns/{name}")
    except FileNotFoundError:
        return None
    return int(target.partition("[")[2].rstrip("]"))
