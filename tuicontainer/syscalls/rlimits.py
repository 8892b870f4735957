"""Resource limits of any process: prlimit(2), without the extension module `resource`.

Sources: prlimit(2), include/uapi/asm-generic/resource.h (equal on x86, arm, riscv; mips, sparc and
alpha number five of them differently and aren't served).
"""

from __future__ import annotations

import struct

from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import buffer_type, check, libc

RLIMITS: dict[str, int] = {
    "RLIMIT_CPU": 0,
    "RLIMIT_FSIZE": 1,
    "RLIMIT_DATA": 2,
    "RLIMIT_STACK": 3,
    "RLIMIT_CORE": 4,
    "RLIMIT_RSS": 5,
    "RLIMIT_NPROC": 6,
    "RLIMIT_NOFILE": 7,
    "RLIMIT_MEMLOCK": 8,
    "RLIMIT_AS": 9,
    "RLIMIT_LOCKS": 10,
    "RLIMIT_SIGPENDING": 11,
    "RLIMIT_MSGQUEUE": 12,
    "RLIMIT_NICE": 13,
    "RLIMIT_RTPRIO": 14,
    "RLIMIT_RTTIME": 15,
}
"""Kernel number by name."""

_LIMIT = struct.Struct("=2Q")
_Limit = buffer_type(_LIMIT.size)


def set_rlimit(pid: int, name: str, soft: int, hard: int) -> None:
    """Set one limit of a process; 2**64-1 means none.

    Args:
        pid: whose; 0 for the caller.
        name: a key of RLIMITS.
        soft: the limit that is enforced.
        hard: how far the process may raise it.

    Raises:
        SyscallError: EPERM, raising the hard limit needs CAP_SYS_RESOURCE; EINVAL, soft > hard.
    """
    limit = _Limit.from_buffer_copy(_LIMIT.pack(soft, hard))
    check("prlimit", libc.prlimit(native.c_int(pid), RLIMITS[name], limit, None), name)


def get_rlimit(pid: int, name: str) -> tuple[int, int]:
    """Return the soft and the hard limit of a process; pid 0 is the caller.

    Raises:
        SyscallError: the kernel refused.
    """
    limit = _Limit()
    check("prlimit", libc.prlimit(native.c_int(pid), RLIMITS[name], None, limit), name)
    soft, hard = _LIMIT.unpack(limit.raw)
    return int(soft), int(hard)
