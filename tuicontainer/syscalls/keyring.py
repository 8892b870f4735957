"""Session keyrings: keyctl(2). Sources: keyctl(2), session-keyring(7)."""

from __future__ import annotations

import errno
import os

from tuicontainer.errors import SyscallError
from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import bind_syscall, machine, repeat

_SYS_KEYCTL = {"x86_64": 250, "i686": 288, "armv7l": 311, "ppc64le": 271, "s390x": 280}
_SYS_KEYCTL_GENERIC = 219  # aarch64, riscv64, loongarch64
_KEYCTL_JOIN_SESSION_KEYRING = 1

_keyctl = bind_syscall(
    _SYS_KEYCTL.get(machine(), _SYS_KEYCTL_GENERIC), native.c_int, native.c_char_p
)


def join_session_keyring(name: str) -> int:
    """Leave the inherited session keyring for the one of this name, made if it is new.

    Returns:
        The keyring's serial number.

    Raises:
        SyscallError: ENOSYS without kernel support, EDQUOT when the user has too many.
    """
    words = (_KEYCTL_JOIN_SESSION_KEYRING, os.fsencode(name))
    return repeat("keyctl(JOIN_SESSION_KEYRING)", _keyctl, *words, path=name)


def keyring_is_absent(error: SyscallError) -> bool:
    """Return whether the kernel was built without keyrings."""
    return error.errno == errno.ENOSYS
