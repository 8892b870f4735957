"""Which process is meant: a pid can be reused, so it counts only with its start time and boot.

Sources: proc_pid_stat(5) for the fields, pidfd_open(2), random(4) for boot_id.
"""

from __future__ import annotations

import os

from tuicontainer.record import Record
from tuicontainer.syscalls.signals import pidfd_send_signal

_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_cached_boot_id: list[str] = []


class ProcessIdentity(Record):
    """One process, told apart from every other that has or had its pid."""

    pid: int
    """In the PID namespace of whoever wrote it."""
    start_time: int
    """Clock ticks from boot to the process's start (field 22 of /proc/PID/stat)."""
    boot_id: str


def boot_id() -> str:
    """Return the kernel's random name of this boot."""
    if not _cached_boot_id:
        with open(_BOOT_ID, "rb", buffering=0) as file:
            _cached_boot_id.append(file.read().decode().strip())
    return _cached_boot_id[0]


def read_stat(pid: int) -> tuple[str, int] | None:
    """Return state letter and start time of a process, or None if there is no such process."""
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, ProcessLookupError):
        # The second one where the process goes between the walk to its folder and the opening.
        return None
    try:
        text = os.read(fd, 4096)
    except ProcessLookupError:
        return None
    finally:
        os.close(fd)
    return parse_stat(text)


def parse_stat(text: bytes) -> tuple[str, int]:
    """Return state letter and start time from the text of /proc/PID/stat.

    The second field is the program's name in parentheses and may itself hold spaces and
    parentheses, so counting begins behind the last one.
    """
    fields = text[text.rindex(b")") + 2 :].split()
    return fields[0].decode(), int(fields[19])


def identify(pid: int) -> ProcessIdentity:
    """Return the identity of a process that can't have been reaped yet.

    Raises:
        ProcessLookupError: there is no such process.
    """
    stat = read_stat(pid)
    if stat is None:
        raise ProcessLookupError(f"no process {pid}")
    return ProcessIdentity(pid=pid, start_time=stat[1], boot_id=boot_id())


def is_alive(identity: ProcessIdentity) -> bool:
    """Return whether exactly this process still runs; a zombie doesn't."""
    if identity.boot_id != boot_id():
        return False
    stat = read_stat(identity.pid)
    return stat is not None and stat[1] == identity.start_time and stat[0] not in "ZXx"


def open_pidfd(identity: ProcessIdentity) -> int | None:
    """Return a pidfd of exactly this process, or None if it is gone. A zombie still has one.

    The identity is compared after the descriptor is open: from then on it can't change.
    """
    if identity.boot_id != boot_id():
        return None
    try:
        pidfd = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return None
    stat = read_stat(identity.pid)
    if stat is None or stat[1] != identity.start_time:
        os.close(pidfd)
        return None
    return pidfd


def send_signal(identity: ProcessIdentity, signal: int) -> bool:
    """Send a signal to exactly this process; return False if it has ended."""
    pidfd = open_pidfd(identity)
    if pidfd is None:
        return False
    try:
        pidfd_send_signal(pidfd, signal)
    except ProcessLookupError:
        return False
    finally:
        os.close(pidfd)
    return True
