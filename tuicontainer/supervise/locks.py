"""Locks held for life by spawner and monitors, which others can look at without taking them.

Open file description locks: unlike flock(2) they can be tested (F_OFD_GETLK), and unlike POSIX
record locks they aren't lost when the process opens and closes the file elsewhere. A forked child
shares them until it closes the descriptor. Source: fcntl(2).
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct

# struct flock: l_type, l_whence, (padding) l_start, l_len, l_pid, (padding)
_FLOCK = struct.Struct("@hhqqi4x")
_F_OFD_GETLK = 36
_F_OFD_SETLK = 37


def hold_lock(path: str) -> int | None:
    """Return a descriptor that holds the lock file at *path*; None if another process holds it.

    Raises:
        OSError: the file can't be made.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.fcntl(fd, _F_OFD_SETLK, _request())
    except OSError as error:
        os.close(fd)
        if error.errno in {errno.EAGAIN, errno.EACCES}:
            return None
        raise
    return fd


def lock_is_held(path: str) -> bool:
    """Return whether any process holds the lock file at *path*."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        answer = fcntl.fcntl(fd, _F_OFD_GETLK, _request())
    finally:
        os.close(fd)
    return bool(_FLOCK.unpack(answer)[0] != fcntl.F_UNLCK)


def _request() -> bytes:
    return _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
