"""An attachment as conversations, for the blocking and the asyncio door (see `talk`).

The monitor answers `attach` with the place in the log at which the live output begins, followed by
a `live` notice. What came before that place the door reads from the log itself, so that replaying
it costs the monitor nothing and no byte is seen twice or missed.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record
from tuicontainer.supervise.channel import Received
from tuicontainer.supervise.logs import read_written
from tuicontainer.supervise.talk import PeerLost, receive, receive_any, send, send_stream
from tuicontainer.supervise.views import ExitRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tuicontainer.supervise.channel import Channel
    from tuicontainer.supervise.talk import Talk
    from tuicontainer.supervise.views import Stream

_CHUNK = 32 * 1024


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


class Attaching:
    """The state of one attachment.

    Attributes:
        channel: to the monitor.
        terminal: whether the container has a terminal.
    """

    def __init__(self, channel: Channel, *, terminal: bool, replay: Iterator[Output]) -> None:
        self.channel = channel
        self.terminal = terminal
        self._replay = replay
        self._replayed: Output | None = None

    def receive(self) -> Talk[Output | Ended | Dropped]:
        """Return the next thing the monitor says."""
        if self._replayed is not None:
            output = self._replayed
            yield from self.advance()
            return output
        while True:
            received = yield from receive_any(self.channel)
            if received is None:
                raise PeerLost("the monitor died", hint="attach again")
            if not isinstance(received, Received):
                if received.stream == "stdin":
                    raise InvalidArgument("the monitor sent what should go to it")
                return Output(stream=received.stream, data=received.data)
            received.close_descriptors()
            if "exit" in received.message:
                return Ended(exit=ExitRecord(**received.message["exit"]))
            if "dropped" in received.message:
                return Dropped(reason=str(received.message["dropped"]))

    @property
    def replaying(self) -> bool:
        """Whether what `receive` returns next was written before the attachment was made."""
        return self._replayed is not None

    def advance(self) -> Talk[None]:
        """Fetch the next replayed output; after the last one take the `live` notice away.

        The notice keeps the descriptor readable as long as there is something to replay.
        """
        self._replayed = next(self._replay, None)
        if self._replayed is None:
            yield from receive(self.channel)

    def send_input(self, data: bytes) -> Talk[None]:
        """Type; waits while the container doesn't read."""
        yield from send_stream(self.channel, "stdin", data)

    def close_input(self) -> Talk[None]:
        """End the container's standard input."""
        yield from send(self.channel, {"notice": "close-stdin"})

    def resize(self, height: int, width: int) -> Talk[None]:
        """Tell the terminal its size."""
        yield from send(self.channel, {"notice": "resize", "height": height, "width": width})


def begin(channel: Channel, answer: dict[str, Any], folder: str | None) -> Talk[Attaching]:
    """Return the attachment that the monitor's *answer* grants.

    Args:
        channel: to the monitor; it belongs to the attachment from now on.
        answer: `terminal`, `instance` and the place in the log (`log`: inode and size).
        folder: of the container's record, to replay the log from; None: no replay.
    """
    replay: Iterator[Output] = iter(())
    if folder is not None:
        inode, size = answer["log"]
        replay = _replay(folder, answer["instance"], inode, size)
    attaching = Attaching(channel, terminal=answer["terminal"], replay=replay)
    yield from attaching.advance()
    return attaching


def _replay(folder: str, instance: int, inode: int, size: int) -> Iterator[Output]:
    stream: Stream = "stdout"
    pending = b""
    for line in read_written(folder, instance, inode, size):
        if pending and (line.stream != stream or len(pending) >= _CHUNK):
            yield Output(stream=stream, data=pending)
            pending = b""
        stream = line.stream
        pending += line.written()
    if pending:
        yield Output(stream=stream, data=pending)
