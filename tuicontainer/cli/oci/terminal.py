"""Our terminal in raw mode, and the container's terminal behind it.

Source: runc tty.go.
"""

from __future__ import annotations

import os
import select
import termios
import tty

from tuicontainer.spec.config import ConsoleSize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Process

_CHUNK = 32768
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL
_STDIN, _STDOUT = 0, 1


def with_our_size(process: Process) -> Process:
    """Return the process with a terminal of the size of ours, if we have one.

    Set when the terminal is made: the program may ask for it before we are back here.
    """
    if not os.isatty(_STDIN):
        return process
    height, width = termios.tcgetwinsize(_STDIN)
    return process.replace(console_size=ConsoleSize(height=height, width=width))


class Terminal:
    """Our terminal in raw mode, and the container's behind it."""

    def __init__(self, console: int) -> None:
        self._console = console
        self._pending = b""
        self._watched: set[int] = set()
        self._before = None
        os.set_blocking(console, False)
        if os.isatty(_STDIN):
            self._before = termios.tcgetattr(_STDIN)
            tty.setraw(_STDIN, termios.TCSANOW)

    def register(self, poll: select.poll) -> None:
        """Say what is waited for."""
        poll.register(self._console, select.POLLIN)
        poll.register(_STDIN, select.POLLIN)
        self._watched = {self._console, _STDIN}

    def relay(self, poll: select.poll, ready: dict[int, int]) -> None:
        """Move what can be moved without waiting."""
        state = ready.get(self._console, 0)
        if _STDIN in ready:
            self._pending = os.read(_STDIN, _CHUNK)
            # Read on only when this is written: the container may be slow to take it.
            self._unwatch(poll, _STDIN)
            if self._pending and self._console in self._watched:
                poll.modify(self._console, select.POLLIN | select.POLLOUT)
        elif state & select.POLLOUT:
            self._pending = self._pending[os.write(self._console, self._pending) :]
            if not self._pending:
                poll.modify(self._console, select.POLLIN)
                poll.register(_STDIN, select.POLLIN)
                self._watched.add(_STDIN)
        if state & select.POLLIN:
            self._copy_output()
        elif state & _GONE:
            # Nobody has the slave open any more. Polling on would be a busy loop.
            self._unwatch(poll, self._console)
            self._unwatch(poll, _STDIN)

    def _unwatch(self, poll: select.poll, fd: int) -> None:
        if fd in self._watched:
            self._watched.remove(fd)
            poll.unregister(fd)

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
