"""Signals without `signal`, whose enumerations cost 7 ms at start-up: its C half under typed names.

Sources: signal(7), pidfd_send_signal(2), sigprocmask(2), sigwaitinfo(2).
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]

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
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def block_signals(signals: Iterable[int]) -> set[int]:
    """Keep these signals pending instead of acting on them; return what was blocked before."""
    return {int(number) for number in _signal.pthread_sigmask(_signal.SIG_BLOCK, signals)}


def set_blocked_signals(signals: Iterable[int]) -> None:
    """Block exactly these signals."""
    _signal.pthread_sigmask(_signal.SIG_SETMASK, signals)


def wait_for_signal(signals: Iterable[int]) -> int:
    """Take one of these blocked signals, waiting until there is one, and return its number."""
    return int(_signal.sigwaitinfo(signals).si_signo)
