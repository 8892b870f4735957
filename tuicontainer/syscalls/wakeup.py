"""Signals that wake a poll loop instead of running a handler at some instruction.

Uses the interpreter's C half, `_signal`, as `signals` does. Sources: signal(7), Python's
signal.set_wakeup_fd.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def open_wakeup(signals: Iterable[int]) -> int:
    """Return a non-blocking descriptor from which the numbers of these signals can be read."""
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    _signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in signals:
        _signal.signal(number, _leave_to_wakeup)
    return reader


def forget_wakeup(signals: Iterable[int]) -> None:
    """In a forked child: give these signals their default action again."""
    _signal.set_wakeup_fd(-1)
    for number in signals:
        _signal.signal(number, _signal.SIG_DFL)


def ignore_signal(number: int) -> None:
    """Ignore a signal, here and in every program that is executed from here."""
    _signal.signal(number, _signal.SIG_IGN)


def _leave_to_wakeup(number: int, frame: object) -> None:
    """Stand in as the handler: the interpreter has written the number to the pipe."""
