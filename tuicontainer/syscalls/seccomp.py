"""seccomp(2): asks what the kernel can do, and lays a filter on the calling process.

Sources: seccomp(2), include/uapi/linux/seccomp.h, kernel/seccomp.c for the order of its checks.
"""

from __future__ import annotations

import errno

from tuicontainer.errors import SyscallError, Unsupported
from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import address, machine, syscall

SET_MODE_FILTER = 1
_GET_ACTION_AVAIL = 2

TSYNC = 1
LOG = 2
SPEC_ALLOW = 4
NEW_LISTENER = 8
TSYNC_ESRCH = 16
WAIT_KILLABLE_RECV = 32

NUMBERS = {
    "x86_64": 317,
    "i386": 354,
    "i686": 354,
    "armv6l": 383,
    "armv7l": 383,
    "armv8l": 383,
    "aarch64": 277,
    "riscv64": 277,
    "loongarch64": 277,
    "ppc": 358,
    "ppc64": 358,
    "ppc64le": 358,
    "s390x": 348,
    "mips": 4352,
    "mips64": 5312,
    "m68k": 380,
    "parisc": 338,
    "parisc64": 338,
}


class _Program(native.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", native.c_ushort), ("filter", native.c_void_p))


def seccomp_number() -> int:
    """Return the number of seccomp(2).

    Raises:
        Unsupported: nobody has told us this architecture's.
    """
    number = NUMBERS.get(machine())
    if number is None:
        raise Unsupported(f"seccomp isn't known for the architecture `{machine()}`")
    return number


def load_filter(program: bytes, flags: int) -> int:
    """Lay a filter on the calling thread, for good and for all its descendants.

    Args:
        program: instructions of 8 bytes.
        flags: the constants of this module.

    Returns:
        With NEW_LISTENER a close-on-exec descriptor, else 0.

    Raises:
        SyscallError: EACCES, neither CAP_SYS_ADMIN nor no_new_privs.
    """
    instructions = native.create_string_buffer(program, len(program))
    argument = _Program(len(program) // 8, address(instructions))
    return syscall("seccomp", seccomp_number(), SET_MODE_FILTER, flags, address(argument))


def has_action(value: int) -> bool:
    """Return whether the kernel knows an action, given as what a filter returns (Linux 4.14)."""
    argument = native.c_uint32(value)
    try:
        syscall("seccomp", seccomp_number(), _GET_ACTION_AVAIL, 0, address(argument))
    except SyscallError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            return False
        raise
    return True


def has_flags(flags: int) -> bool:
    """Return whether the kernel knows all of these flags together.

    It looks at the flags before it reads the program, which we don't give it.
    """
    try:
        syscall("seccomp", seccomp_number(), SET_MODE_FILTER, flags, 0)
    except SyscallError as error:
        return error.errno == errno.EFAULT
    return False
