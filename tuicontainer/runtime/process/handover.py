"""Takes the listener of a filter that notifies out of the process that loaded it.

The process itself can't pass it on: the filter may have every further system call wait for an
answer, and nobody can answer without the descriptor; the next exec would close it. So the runtime
traces the process, stops it at the end of its seccomp(2), copies the descriptor with
pidfd_getfd(2), sends it to the recipient, and only then lets the process go on.
"""

from __future__ import annotations

import os

from tuicontainer.errors import Internal, describe_failure
from tuicontainer.record import Record
from tuicontainer.syscalls.ptrace import (
    ALL_CHILDREN,
    ENTRY,
    SYSCALL_STOP,
    TracedProcess,
    take_descriptor,
)
from tuicontainer.syscalls.seccomp import seccomp_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_SIGTRAP = 5


class Recipient(Record):
    """Who answers notifications, and what he is told."""

    path: str
    metadata: str | None
    state: Mapping[str, Any]
    """The container's state document."""


def hand_over(pid: int, pidfd: int, resume: Callable[[], None], recipient: Recipient) -> None:
    """Give the recipient the listener that a child of ours is about to make.

    Returns early if the child can't load its filter; it says why itself.

    Args:
        pid: the child, which waits for `resume` and loads a filter next.
        pidfd: the same.
        resume: lets it go on.
        recipient: who gets the listener.

    Raises:
        TuiContainerError: the child can't be traced, or the recipient isn't there.
    """
    try:
        traced = TracedProcess(pid)
        traced.interrupt()
        _await_stop(pid)
        resume()
        listener = _await_listener(traced, pidfd)
    except OSError as error:
        raise describe_failure(error, while_="taking over the seccomp listener") from error
    if listener is None:
        traced.detach()
        return
    from tuicontainer.runtime.seccomp.listener import send_listener

    try:
        state = {**recipient.state, "pid": recipient.state["pid"] or pid}
        send_listener(recipient.path, listener, pid=pid, metadata=recipient.metadata, state=state)
    finally:
        os.close(listener)
    traced.detach()


def _await_listener(traced: TracedProcess, pidfd: int) -> int | None:
    """Follow the process to the end of its seccomp(2); return our copy of the descriptor."""
    number, signal = seccomp_number(), 0
    loading = False
    while True:
        traced.run_to_syscall(signal)
        stopped_by = _await_stop(traced.pid)
        if stopped_by != SYSCALL_STOP:
            # A signal, which it shall have, or an event, which is none.
            signal = 0 if stopped_by == _SIGTRAP else stopped_by
            continue
        signal = 0
        where, word = traced.syscall_stop()
        if where == ENTRY:
            loading = word == number
        elif loading:
            return None if word < 0 else take_descriptor(pidfd, word)


def _await_stop(pid: int) -> int:
    """Return the signal by which it stopped."""
    _, status = os.waitpid(pid, ALL_CHILDREN)
    if not os.WIFSTOPPED(status):
        raise Internal("the process ended before its seccomp filter was loaded")
    return os.WSTOPSIG(status)
