"""A door's end of a program that it runs in a container by `exec`."""

from __future__ import annotations

import os

from tuicontainer.spec.signals import parse_signal
from tuicontainer.supervise.converse import converse
from tuicontainer.supervise.talk import receive, send
from tuicontainer.supervise.window import set_window_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.supervise.channel import Channel
    from tuicontainer.supervise.talk import Talk


class ExecTalks:
    """One running program, as conversations (see `talk`).

    Attributes:
        pid: in our PID namespace.
        console: master side of its terminal; the door reads and writes it.
    """

    def __init__(self, channel: Channel, pid: int, console: int | None) -> None:
        self._channel = channel
        self._status: int | None = None
        self.pid = pid
        self.console = console

    def fileno(self) -> int:
        """Return the descriptor to poll for the program's end."""
        return self._channel.fd

    def waiting(self) -> Talk[int]:
        """Return the exit status once the program has ended."""
        if self._status is None:
            ending = yield from receive(self._channel)
            self._status = int(ending.message["status"])
        return self._status

    def killing(self, signal: str | int) -> Talk[None]:
        """Send the program a signal."""
        number = parse_signal(signal)
        try:
            yield from send(self._channel, {"notice": "kill", "signal": number})
        except BrokenPipeError:
            # The session has ended, and so has the program.
            return

    def resize(self, height: int, width: int) -> None:
        """Tell its terminal the size in characters; nothing without a terminal."""
        if self.console is not None:
            set_window_size(self.console, height, width)

    def close(self) -> None:
        """Give the descriptors back; the program goes on, its terminal hangs up."""
        self._channel.close()
        if self.console is not None:
            os.close(self.console)
            self.console = None


class ExecSession(ExecTalks):
    """One program. `fileno()` is readable when `wait` won't block. Also a context manager."""

    def wait(self) -> int:
        """Wait for the program's end and return its exit status, 128+n for signal n.

        Raises:
            Unavailable: the session's helper process died, so that nobody could see the status.
        """
        return converse(self.waiting())

    def kill(self, signal: str | int) -> None:
        """Send the program a signal; none if it has ended."""
        converse(self.killing(signal))

    def __enter__(self) -> ExecSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
