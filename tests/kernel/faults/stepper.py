"""Goes with one process of ours from system call to system call, and kills it, or fails one call.

By ptrace(2), which stops a process before each call: whoever is killed there has done everything up
to that call and nothing of it. Who shall be hit is often not there yet when the verb begins, so
processes are followed from one that is, by as many forks as lie between; children of the one that
is hit, and the container's own processes, are let go at once.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import struct
import time
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Self

from tests.patience import patient
from tuicontainer.runtime.seccomp.syscall_tables import syscall_numbers

if TYPE_CHECKING:
    from types import TracebackType

_CONT, _GETREGS, _SETREGS, _DETACH, _SYSCALL = 7, 12, 13, 17, 24
_SETOPTIONS, _GETEVENTMSG, _SEIZE, _INTERRUPT = 0x4200, 0x4201, 0x4206, 0x4207
_GET_SYSCALL_INFO = 0x420E
_SYSGOOD = 0x1
_FOLLOW = 0x2 | 0x4 | 0x8  # TRACEFORK, TRACEVFORK, TRACECLONE
_FORK_EVENTS = (1, 2, 3)  # fork, vfork, clone
_WALL = 0x40000000
_ENTRY, _EXIT = 1, 2
_INFO_SIZE = 88
_REGISTERS = struct.Struct("=27Q")  # x86-64's struct user_regs_struct
_RAX, _ORIG_RAX = 10, 15
_ALL_ONES = 2**64 - 1

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


class Fault(NamedTuple):
    """What happens to whom: before the *step*-th of its calls (from 0) it dies, or the call fails.

    Attributes:
        step: which of the calls that are counted; -1 for none, which only counts.
        number: of the error that the call fails with; None to kill.
        counted: the names of the calls that are counted; None for all.
    """

    step: int = -1
    number: int | None = None
    counted: frozenset[str] | None = None


class Stepper:
    """Traces the process *root*, and hits the one that is so many forks (*depth*) below it.

    Attributes:
        calls: the names of the counted calls that it made, or was about to make.
        hit: whether it came so far.
    """

    def __init__(self, root: int, depth: int, fault: Fault) -> None:
        self.calls: list[str] = []
        self.hit = False
        self._fault = fault
        self._depth = depth
        self._depths = {root: 0}
        self._early: dict[int, int] = {}
        self._failing: set[int] = set()
        self._mask: set[int] = set()

    def __enter__(self) -> Self:
        """Begin to trace; SIGCHLD is kept for `run` until the end."""
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        for root in self._depths:
            _ptrace(_SEIZE, root, data=self._options(0))
            _ptrace(_INTERRUPT, root)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let everybody go on as if nobody had looked."""
        for pid in list(self._depths):
            _ptrace(_INTERRUPT, pid, may_be_gone=True)
        deadline = time.monotonic() + patient(10)
        while self._depths and time.monotonic() < deadline:
            for pid in list(self._depths):
                found, status = _wait(pid)
                if found:
                    self._let_go(pid, status)
            signal.sigtimedwait({signal.SIGCHLD}, 0.01)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        assert not self._depths, f"{self._depths} don't stop"

    def run(self, door: int, *, seconds: float, linger: float) -> int | None:
        """Go on until the child *door* has ended and for a moment after that.

        Returns:
            Its wait status; None if it doesn't end.
        """
        deadline = time.monotonic() + patient(seconds)
        ended: int | None = None
        while (left := deadline - time.monotonic()) > 0:
            pid, status = _wait(-1)
            if pid == door and not os.WIFSTOPPED(status):
                self._depths.pop(pid, None)
                ended = status
                deadline = time.monotonic() + linger
            elif pid in self._depths:
                self._advance(pid, status)
            elif pid and os.WIFSTOPPED(status):
                # Its parent, whose stop says how deep it is, hasn't been seen yet.
                self._early[pid] = status
            elif not pid:
                signal.sigtimedwait({signal.SIGCHLD}, min(left, 0.2))
        return ended

    def _options(self, depth: int) -> int:
        return _SYSGOOD | (_FOLLOW if depth < self._depth else 0)

    def _advance(self, pid: int, status: int) -> None:
        """Let a process that has stopped go on, unless it is the one at its step."""
        if not os.WIFSTOPPED(status):
            self._depths.pop(pid, None)
            return
        stop = os.WSTOPSIG(status)
        if stop == signal.SIGTRAP | 0x80:
            if not self._at_call(pid):
                return
            stop = 0
        elif status >> 16:
            if status >> 16 in _FORK_EVENTS:
                self._follow(pid)
            stop = 0
        how = _SYSCALL if self._depths[pid] == self._depth else _CONT
        _ptrace(how, pid, data=stop, may_be_gone=True)

    def _follow(self, parent: int) -> None:
        """Take in the child that *parent* has just made."""
        message = ctypes.c_ulong()
        _ptrace(_GETEVENTMSG, parent, data=ctypes.addressof(message), may_be_gone=True)
        child = message.value
        self._depths[child] = self._depths[parent] + 1
        if child not in self._early:
            _, status = os.waitpid(child, _WALL)
        else:
            status = self._early.pop(child)
        _ptrace(_SETOPTIONS, child, data=self._options(self._depths[child]), may_be_gone=True)
        self._advance(child, status)

    def _at_call(self, pid: int) -> bool:
        """Note a call; return whether the process may go on."""
        info = ctypes.create_string_buffer(_INFO_SIZE)
        _ptrace(_GET_SYSCALL_INFO, pid, _INFO_SIZE, ctypes.addressof(info), may_be_gone=True)
        if info.raw[0] == _EXIT and pid in self._failing:
            self._failing.discard(pid)
            assert self._fault.number is not None
            _set_register(pid, _RAX, -self._fault.number & _ALL_ONES)
        if info.raw[0] != _ENTRY:
            return True
        name = _call_names().get(struct.unpack_from("=Q", info.raw, 24)[0], "?")
        if self._fault.counted is not None and name not in self._fault.counted:
            return True
        self.calls.append(name)
        if self.hit or len(self.calls) - 1 != self._fault.step:
            return True
        self.hit = True
        if self._fault.number is None:
            os.kill(pid, signal.SIGKILL)
            return False
        self._failing.add(pid)
        _set_register(pid, _ORIG_RAX, _ALL_ONES)
        return True

    def _let_go(self, pid: int, status: int) -> None:
        del self._depths[pid]
        if os.WIFSTOPPED(status):
            stop = os.WSTOPSIG(status)
            passed = 0 if stop == signal.SIGTRAP | 0x80 or status >> 16 else stop
            _ptrace(_DETACH, pid, data=passed, may_be_gone=True)


def can_fail_calls() -> bool:
    """Tell whether a call's result can be changed here: registers are the processor's own."""
    return platform.machine() == "x86_64"


def _wait(pid: int) -> tuple[int, int]:
    try:
        return os.waitpid(pid, os.WNOHANG | _WALL)
    except ChildProcessError:
        # It ended, and its parent has reaped it already.
        return (pid, 0) if pid > 0 else (0, 0)


@cache
def _call_names() -> dict[int, str]:
    return {number: name for name, number in syscall_numbers(platform.machine()).items()}


def _set_register(pid: int, index: int, value: int) -> None:
    buffer = ctypes.create_string_buffer(_REGISTERS.size)
    _ptrace(_GETREGS, pid, data=ctypes.addressof(buffer))
    values = list(_REGISTERS.unpack(buffer.raw))
    values[index] = value
    buffer.raw = _REGISTERS.pack(*values)
    _ptrace(_SETREGS, pid, data=ctypes.addressof(buffer))


def _ptrace(
    request: int, pid: int, address: int = 0, data: int = 0, *, may_be_gone: bool = False
) -> None:
    if _libc.ptrace(request, pid, address, data) < 0:
        number = ctypes.get_errno()
        # A process in a stop can still be killed, by whoever else has a reason to.
        if not (may_be_gone and number == errno.ESRCH):
            raise OSError(number, os.strerror(number), f"ptrace {request:#x} of {pid}")
