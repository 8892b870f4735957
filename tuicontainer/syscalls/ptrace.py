"""Stopping a process of ours between two of its system calls: ptrace(2), and pidfd_getfd(2).

Sources: ptrace(2) "PTRACE_SEIZE", "Syscall-stops", PTRACE_GET_SYSCALL_INFO (Linux 5.3).
"""

from __future__ import annotations

import struct

from tuicontainer.errors import SyscallError
from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import address, libc, syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

ENTRY: Final = 1
EXIT: Final = 2

ALL_CHILDREN = 0x40000000
"""__WALL, for waitpid: traced processes too whose exit signal isn't SIGCHLD."""
SYSCALL_STOP = 0x80 | 5
"""The signal that a stop at a system call shows, after `seize`."""

_SYS_PIDFD_GETFD = 438
_SYSCALL = 24
_DETACH = 17
_SEIZE = 0x4206
_INTERRUPT = 0x4207
_GET_SYSCALL_INFO = 0x420E
_OPTIONS = 0x1 | 0x100000
"""TRACESYSGOOD, which marks stops at system calls, and EXITKILL."""
_ENTRY_OR_EXIT = struct.Struct("=B3xIQQq")
"""The common head of struct ptrace_syscall_info with op, and the first word of each kind."""
_INFO_SIZE = 88

_ptrace = libc["ptrace"]
_ptrace.argtypes = (native.c_long, native.c_long, native.c_ulong, native.c_ulong)
_ptrace.restype = native.c_long


class TracedProcess:
    """A process that stops when told to. It is killed if we end before `detach`."""

    __slots__ = ("pid",)

    def __init__(self, pid: int) -> None:
        """Begin.

        Raises:
            SyscallError: EPERM, we may not trace it, or somebody else does.
        """
        self.pid = pid
        self._call("ptrace(PTRACE_SEIZE)", _SEIZE, 0, _OPTIONS)

    def interrupt(self) -> None:
        """Make it stop soon; wait for that with waitpid."""
        self._call("ptrace(PTRACE_INTERRUPT)", _INTERRUPT, 0, 0)

    def run_to_syscall(self, signal: int = 0) -> None:
        """Let a stopped process run up to the next beginning or end of a system call."""
        self._call("ptrace(PTRACE_SYSCALL)", _SYSCALL, 0, signal)

    def syscall_stop(self) -> tuple[int, int]:
        """Return where a process stands that has stopped at a system call.

        Returns:
            `(ENTRY, number)`, or `(EXIT, result)` with a negative errno for a failure.
        """
        info = native.create_string_buffer(b"", _INFO_SIZE)
        call = "ptrace(PTRACE_GET_SYSCALL_INFO)"
        self._call(call, _GET_SYSCALL_INFO, _INFO_SIZE, address(info))
        kind, _, _, _, word = _ENTRY_OR_EXIT.unpack_from(info.raw)
        return kind, word

    def detach(self) -> None:
        """Let it go on by itself."""
        self._call("ptrace(PTRACE_DETACH)", _DETACH, 0, 0)

    def _call(self, call: str, request: int, where: int, data: int) -> None:
        if _ptrace(request, self.pid, where, data) < 0:
            raise SyscallError(call, native.get_errno())


def take_descriptor(pidfd: int, fd: int) -> int:
    """Return a close-on-exec copy of another process's descriptor.

    Raises:
        SyscallError: EPERM, we may not trace it; EBADF, it has no such descriptor.
    """
    return syscall("pidfd_getfd", _SYS_PIDFD_GETFD, pidfd, fd, 0)
