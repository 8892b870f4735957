"""Staying with a process until it ends: signals go to it, its terminal to ours.

Source: runc signals.go, tty.go.
"""

from __future__ import annotations

import os
import select
import termios

from tuicontainer.syscalls.process import set_child_subreaper
from tuicontainer.syscalls.signals import (
    FORWARDABLE,
    SIGCHLD,
    SIGURG,
    SIGWINCH,
    CaughtSignals,
    block_signals,
    pidfd_send_signal,
)

_CHUNK = 32768
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL
_STDIN, _STDOUT = 0, 1


class Foreground:
    """One process in the foreground. Make it before the process, so that no signal is lost."""

    def __init__(self, *, subreaper: bool = False) -> None:
        block_signals(FORWARDABLE)
        if subreaper:
            set_child_subreaper(subreaper=True)

    def wait(self, pid: int, pidfd: int, console: int | None) -> int:
        """Return the process's exit status, 128+n for signal n, once it has ended.

        Args:
            pid: a child of ours; it is reaped.
            pidfd: the same.
            console: the master of its terminal, which is closed at the end.
        """
        signals = CaughtSignals(FORWARDABLE)
        terminal = None if console is None else _Terminal(console)
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        poll.register(signals.fd, select.POLLIN)
        if terminal is not None:
            terminal.register(poll)
        try:
            while True:
                ready = dict(poll.poll())
                if terminal is not None:
                    terminal.relay(poll, ready)
                if signals.fd in ready:
                    _forward(signals, pidfd, terminal)
                if pidfd in ready:
                    break
                _reap_others(pid)
        finally:
            if terminal is not None:
                terminal.close()
            signals.close()
        _, status = os.waitpid(pid, 0)
        return exit_status(status)


def exit_status(status: int) -> int:
    """Return what a shell would show for a wait status."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _forward(signals: CaughtSignals, pidfd: int, terminal: _Terminal | None) -> None:
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


class _Terminal:
    """Our terminal in raw mode, and the container's behind it."""

    def __init__(self, console: int) -> None:
        self._console = console
        self._pending = b""
        self._hung_up = False
        self._before = None
        os.set_blocking(console, False)
        if os.isatty(_STDIN):
            self._before = termios.tcgetattr(_STDIN)
            self.resize()
            import tty

            tty.setraw(_STDIN, termios.TCSANOW)

    def register(self, poll: select.poll) -> None:
        """Say what is waited for."""
        poll.register(self._console, select.POLLIN)
        poll.register(_STDIN, select.POLLIN)

    def relay(self, poll: select.poll, ready: dict[int, int]) -> None:
        """Move what can be moved without waiting."""
        if self._hung_up:
            return
        if _STDIN in ready:
            chunk = os.read(_STDIN, _CHUNK)
            self._pending += chunk
            # Read on only when this is written: the container may be slow to take it.
            poll.unregister(_STDIN)
            if chunk:
                poll.modify(self._console, select.POLLIN | select.POLLOUT)
        state = ready.get(self._console, 0)
        if state & select.POLLOUT and self._pending:
            self._pending = self._pending[os.write(self._console, self._pending) :]
            if not self._pending:
                poll.modify(self._console, select.POLLIN)
                poll.register(_STDIN, select.POLLIN)
        if state & select.POLLIN:
            self._copy_output()
        elif state & _GONE:
            # Nobody has the slave open any more. Polling on would be a busy loop.
            self._hung_up = True
            poll.unregister(self._console)
            if not self._pending:
                poll.unregister(_STDIN)

    def resize(self) -> None:
        """Give the container's terminal the size of ours."""
        if os.isatty(_STDIN):
            termios.tcsetwinsize(self._console, termios.tcgetwinsize(_STDIN))

    def close(self) -> None:
        """Copy what is left, and give our terminal its mode back."""
        while self._copy_output():
            continue
        os.close(self._console)
        if self._before is not None:
            termios.tcsetattr(_STDIN, termios.TCSADRAIN, self._before)

    def _copy_output(self) -> bool:
        try:
            chunk = os.read(self._console, _CHUNK)
        except OSError:
            # EAGAIN: nothing more; EIO: the slave is closed.
            return False
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(_STDOUT, rest) :]
        return bool(chunk)
