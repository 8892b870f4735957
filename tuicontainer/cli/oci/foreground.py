"""Staying with a process until it ends: signals go to it, its terminal to ours.

Source: runc signals.go.
"""

from __future__ import annotations

import os
import select

from tuicontainer.syscalls.signals import (
    FORWARDABLE,
    SIGCHLD,
    SIGURG,
    SIGWINCH,
    CaughtSignals,
    pidfd_send_signal,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.notify_socket import NotifySocket
    from tuicontainer.cli.oci.terminal import Terminal


def wait_in_foreground(
    pid: int, pidfd: int, console: int | None, notify: NotifySocket | None = None
) -> int:
    """Return a process's exit status, 128+n for signal n, once it has ended.

    The caller has blocked FORWARDABLE since before the process was made, so that none is lost.

    Args:
        pid: a child of ours; it is reaped.
        pidfd: the same.
        console: the master of its terminal, which is closed at the end.
        notify: where it says that it is ready, which is closed then or at the end.
    """
    signals = CaughtSignals(FORWARDABLE)
    terminal = None
    if console is not None:
        from tuicontainer.cli.oci.terminal import Terminal

        terminal = Terminal(console)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(signals.fd, select.POLLIN)
    if terminal is not None:
        terminal.register(poll)
    if notify is not None:
        poll.register(notify.fd, select.POLLIN)
    try:
        while True:
            ready = dict(poll.poll())
            if terminal is not None:
                terminal.relay(poll, ready)
            if notify is not None and notify.fd in ready and notify.relay(None):
                poll.unregister(notify.fd)
                notify.close()
                notify = None
            if signals.fd in ready:
                _forward(signals, pidfd, terminal)
            if pidfd in ready:
                break
            _reap_others(pid)
    finally:
        if terminal is not None:
            terminal.close()
        if notify is not None:
            notify.close()
        signals.close()
    _, status = os.waitpid(pid, 0)
    return exit_status(status)


def exit_status(status: int) -> int:
    """Return what a shell would show for a wait status."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _forward(signals: CaughtSignals, pidfd: int, terminal: Terminal | None) -> None:
    for number in signals.take():
        if number == SIGWINCH and terminal is not None:
            terminal.resize()
        elif number not in (SIGCHLD, SIGURG):
            # The Go runtimes around us use SIGURG among themselves.
            try:
                pidfd_send_signal(pidfd, number)
            except ProcessLookupError:
                return


def _reap_others(pid: int) -> None:
    """Reap orphans that we have inherited as subreaper, but not the process itself."""
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or found.si_pid == pid:
            return
        os.waitpid(found.si_pid, 0)
