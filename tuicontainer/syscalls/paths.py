"""Paths looked up below a folder without leaving it: openat2(2).

Source: openat2(2), Linux 5.6.
"""

from __future__ import annotations

import os
from errno import EAGAIN, EINTR

from tuicontainer.errors import SyscallError
from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import bind_syscall
from tuicontainer.syscalls.native import c_char_p, c_int, c_size_t, c_void_p

RESOLVE_NO_XDEV = 0x01
RESOLVE_NO_MAGICLINKS = 0x02
RESOLVE_NO_SYMLINKS = 0x04
RESOLVE_BENEATH = 0x08
RESOLVE_IN_ROOT = 0x10

_ATTEMPTS = 128


class _OpenHow(native.Structure):
    _fields_ = (
        ("flags", native.c_uint64),
        ("mode", native.c_uint64),
        ("resolve", native.c_uint64),
    )


_HOW_SIZE = native.sizeof(_OpenHow)
_openat2 = bind_syscall(437, c_int, c_char_p, c_void_p, c_size_t)


def openat2(folder: int, path: str, flags: int, *, resolve: int, mode: int = 0) -> int:
    """Open *path* from *folder*; the descriptor is close-on-exec.

    Args:
        folder: where the path starts, and with RESOLVE_IN_ROOT or RESOLVE_BENEATH ends.
        path: the path.
        flags: O_… bits.
        resolve: RESOLVE_… bits.
        mode: permissions of a file that O_CREAT makes.

    Raises:
        SyscallError: ELOOP, a link that *resolve* forbids; EXDEV, the path leaves the folder;
            EAGAIN, folders moved during every one of many attempts (a `..` in the path, or in a
            link, can't be followed safely while somebody renames).
    """
    how = _OpenHow(flags | os.O_CLOEXEC, mode, resolve)
    name, start = os.fsencode(path), native.addressof(how)
    for _ in range(_ATTEMPTS):
        result = _openat2(folder, name, start, _HOW_SIZE)
        if result >= 0:
            return result
        if native.get_errno() not in (EINTR, EAGAIN):
            break
    raise SyscallError("openat2", native.get_errno(), path)
