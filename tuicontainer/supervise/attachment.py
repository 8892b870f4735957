"""A door's end of an attachment to a container's terminal or standard streams, blocking."""

from __future__ import annotations

from tuicontainer.supervise.attaching import Attaching, Dropped, Ended, Output
from tuicontainer.supervise.converse import converse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Attachment", "Dropped", "Ended", "Output"]


class Attachment:
    """Iterate it for `Output`, at last `Ended` or `Dropped`. Also a context manager.

    Attributes:
        terminal: whether the container has a terminal (then input goes to it unfiltered).
    """

    def __init__(self, attaching: Attaching) -> None:
        self._attaching = attaching
        self.terminal = attaching.terminal

    def fileno(self) -> int:
        """Return the descriptor to poll: readable when `receive` won't block."""
        return self._attaching.channel.fd

    def receive(self) -> Output | Ended | Dropped:
        """Wait for the next thing.

        Raises:
            Unavailable: the monitor died; attach again.
        """
        return converse(self._attaching.receive())

    def __iter__(self) -> Iterator[Output | Ended | Dropped]:
        while True:
            said = self.receive()
            yield said
            if not isinstance(said, Output):
                return

    def send_input(self, data: bytes) -> None:
        """Type; blocks while the container doesn't read.

        Raises:
            BrokenPipeError: the monitor has ended this attachment; `receive` says why.
        """
        converse(self._attaching.send_input(data))

    def close_input(self) -> None:
        """End the container's standard input; not with a terminal (send `^D` there).

        Raises:
            BrokenPipeError: as `send_input`.
        """
        converse(self._attaching.close_input())

    def resize(self, height: int, width: int) -> None:
        """Tell the terminal its size in characters.

        Raises:
            BrokenPipeError: as `send_input`.
        """
        converse(self._attaching.resize(height, width))

    def close(self) -> None:
        """Detach; the container goes on."""
        self._attaching.channel.close()

    def __enter__(self) -> Attachment:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
