"""Signals without `signal`, whose enumerations cost 7 ms at start-up: its C half under typed names.

Sources: signal(7), pidfd_send_signal(2), sigprocmask(2), sigwaitinfo(2).
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SIGKILL = int(_signal.SIGKILL)
SIGTERM = int(_signal.SIGTERM)
SIGCHLD = int(_signal.SIGCHLD)
SIGWINCH = int(_signal.SIGWINCH)
SIGURG = int(_signal.SIGURG)
SIGPIPE = int(_signal.SIGPIPE)
SIGINT = int(_signal.SIGINT)
SIGSTOP = int(_signal.SIGSTOP)

FORWARDABLE: frozenset[int] = frozenset(
    int(number)
    for number in _signal.valid_signals()
    if number
    not in {
        _signal.SIGKILL,
        _signal.SIGSTOP,
        _signal.SIGSEGV,
        _signal.SIGBUS,
        _signal.SIGFPE,
        _signal.SIGILL,
        _signal.SIGTRAP,
        _signal.SIGABRT,
        _signal.SIGSYS,
        _signal.SIGPIPE,
    }
)
"""All but those that can't be caught and those that tell of a fault of the receiver itself."""

_RT_SIGACTION = {"x86_64": 13, "aarch64": 134}
"""Number of the system call by architecture."""
_RESERVED = (32, 33)
_SIGSET_SIZE = 8

ALL_SIGNALS: frozenset[int] = frozenset(int(number) for number in _signal.valid_signals())


def pidfd_send_signal(pidfd: int, signal: int) -> None:
    """Send a signal to the process that *pidfd* names.

    Raises:
        ProcessLookupError: it has ended and been reaped.
        OSError: the kernel refused otherwise.
    """
    _signal.pidfd_send_signal(pidfd, signal)


def reset_signals() -> None:
    """Give every signal its default action and let all of them in.

    An ignored signal stays ignored in the program that is executed next, and the interpreter
    ignores SIGPIPE and SIGXFSZ; a blocked one stays blocked.
    """
    for number in ALL_SIGNALS:
        if number not in (SIGKILL, SIGSTOP):
            _signal.signal(number, _signal.SIG_DFL)
    _reset_reserved()
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def _reset_reserved() -> None:
    """Reset the two signals that the C library keeps for its threads and won't let us name.

    Whoever started us may have ignored them, and so would the program for ever.
    """
    # Here, because most users of this module need no system call of ours.
    from tuicontainer.syscalls.libc import ZEROS, address, machine, syscall

    number = _RT_SIGACTION.get(machine())
    if number is None:
        return
    for signal in _RESERVED:
        syscall("rt_sigaction", number, signal, address(ZEROS), 0, _SIGSET_SIZE)


def block_signals(signals: Iterable[int]) -> set[int]:
    """Keep these signals pending instead of acting on them; return what was blocked before."""
    return {int(number) for number in _signal.pthread_sigmask(_signal.SIG_BLOCK, signals)}


def set_blocked_signals(signals: Iterable[int]) -> None:
    """Block exactly these signals."""
    _signal.pthread_sigmask(_signal.SIG_SETMASK, signals)


class CaughtSignals:
    """These signals are let in, and each writes its number to a pipe instead of acting.

    Attributes:
        fd: the pipe's reading end: non-blocking, close-on-exec, one byte a signal.
    """

    __slots__ = ("_writer", "fd")

    def __init__(self, signals: Iterable[int]) -> None:
        self.fd, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        _signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        caught = list(signals)
        for number in caught:
            _signal.signal(number, _leave_to_pipe)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, caught)

    def take(self) -> bytes:
        """Return the numbers of those that have come, in order; empty if there are none."""
        try:
            return os.read(self.fd, 256)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Close the pipe; from now on these signals are without effect."""
        _signal.set_wakeup_fd(-1)
        os.close(self.fd)
        os.close(self._writer)


def _leave_to_pipe(_number: int, _frame: object) -> None:
    """Do nothing: the interpreter has written the number to the pipe before it calls this."""
