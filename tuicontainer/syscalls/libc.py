"""The C library's entry points and the one way a failed call becomes an exception.

`PyDLL` holds the interpreter lock during a call, so that a forking call returns in the child with
the lock in a known state; none of our blocking calls go through it.
"""

from __future__ import annotations

import errno
import os

from tuicontainer.errors import SyscallError
from tuicontainer.syscalls import native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_NARROWED = {"i686": "x86_64", "armv8l": "aarch64", "ppc": "ppc64", "ppcle": "ppc64le"}
"""What a 64-bit architecture is called under the personality LINUX32."""
_MACHINE = os.uname().machine
# Asked once: the init takes on its program's personality, and goes on with its own calls.
if native.sizeof(native.c_void_p) == 8:
    _MACHINE = _NARROWED.get(_MACHINE, _MACHINE)

libc = native.CDLL(None, use_errno=True)
libc_holding_lock = native.PyDLL(None, use_errno=True)

# Every argument of syscall(2) is passed as a full machine word: an int without a declared type
# would be cut to 32 bits. Pass pointers as native.addressof(...) or `address(buffer)`.
libc.syscall.restype = native.c_long
libc_holding_lock.syscall.restype = native.c_long


def check(call: str, result: int, path: str | bytes | None = None) -> int:
    """Return *result*, or raise the SyscallError that errno tells of when it is negative."""
    if result < 0:
        raise SyscallError(call, native.get_errno(), path)
    return result


def syscall(call: str, number: int, *words: int, path: str | bytes | None = None) -> int:
    """Do system call *number*, again if a signal interrupts it.

    Args:
        call: its name, for the error.
        number: its number; those above 424 are equal on all architectures.
        words: integers and addresses, at most six.
        path: what it works on, for the error.

    Raises:
        SyscallError: the kernel refused.
    """
    arguments = [native.c_long(word) for word in words]
    while True:
        result: int = libc.syscall(native.c_long(number), *arguments)
        if result >= 0:
            return result
        if native.get_errno() != errno.EINTR:
            raise SyscallError(call, native.get_errno(), path)


def bind_syscall(number: int, *types: Any) -> Callable[..., int]:
    """Return system call *number* as a function whose arguments are converted to these types.

    For calls that take text or happen often: ctypes converts by the declared types in C.
    """
    function = libc["syscall"]  # by item, each access makes another object with its own types
    function.argtypes = (native.c_long, *types)
    function.restype = native.c_long
    return lambda *words: function(number, *words)


def repeat(
    call: str, function: Callable[..., int], *words: Any, path: str | bytes | None = None
) -> int:
    """Call *function* with *words*, again if a signal interrupts it, and return its result.

    Args:
        call: its name, for the error.
        function: what `bind_syscall` returned.
        words: its arguments.
        path: what it works on, for the error.

    Raises:
        SyscallError: the kernel refused.
    """
    while True:
        result = function(*words)
        if result >= 0:
            return result
        if native.get_errno() != errno.EINTR:
            raise SyscallError(call, native.get_errno(), path)


def buffer_type(size: int) -> type[native.Array[native.c_char]]:
    """Return the type of buffers of so many bytes; keep it for as long as there may be another.

    ctypes makes a class of it, which takes longer than the call that the buffer is for, and forgets
    it when nobody has it: so `create_string_buffer` is for what is done once.
    """
    return native.c_char * size


ZEROS = buffer_type(64)()
"""For structures that ask for nothing, such as a sigaction (at most 32 bytes) for the default."""


def address(buffer: Any) -> int:
    """Return the address of a ctypes object; the caller keeps the object alive."""
    return native.addressof(buffer)


def machine() -> str:
    """Return the kernel's name of this architecture, such as `x86_64` or `aarch64`."""
    return _MACHINE
