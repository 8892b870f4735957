"""A door's end of an attachment to a container's terminal or standard streams."""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.supervise.views import ExitRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.supervise.views import Stream


class Output(Record):
    """Bytes that the container wrote; with a terminal all are `stdout`."""

    stream: Stream
    data: bytes


class Ended(Record):
    """The instance has ended; the last thing an attachment says."""

    exit: ExitRecord


class Dropped(Record):
    """The monitor has cut this attachment off; the last thing it says."""

    reason: str


class Attachment:
    """Iterate it for `Output`, at last `Ended` or `Dropped`. Also a context manager.

    `fileno()` is readable when `receive` won't block.
    """

    terminal: bool
    """Whether the container has a terminal (then input goes to it unfiltered)."""

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        raise NotImplementedError

    def receive(self) -> Output | Ended | Dropped:
        """Wait for the next thing.

        Raises:
            Unavailable: the monitor died; attach again.
        """
        raise NotImplementedError

    def __iter__(self) -> Iterator[Output | Ended | Dropped]:
        raise NotImplementedError

    def send_input(self, data: bytes) -> None:
        """Type; blocks while the container doesn't read."""
        raise NotImplementedError

    def close_input(self) -> None:
        """End the container's standard input; not with a terminal (send `^D` there)."""
        raise NotImplementedError

    def resize(self, height: int, width: int) -> None:
        """Tell the terminal its size in characters."""
        raise NotImplementedError

    def close(self) -> None:
        """Detach; the container goes on."""
        raise NotImplementedError
