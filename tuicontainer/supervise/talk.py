"""Conversations with spawner and monitors, written once for the blocking and the asyncio client.

A *talk* is a generator. Whatever it would have to wait for it yields (`Readable`, `Writable`,
`Pause`), and it is sent back whether that came true in time; everything else in it never blocks.
`client` drives talks with poll(2), `aclient` with an event loop.
"""

from __future__ import annotations

from tuicontainer.errors import Unavailable, from_wire
from tuicontainer.record import Record
from tuicontainer.supervise.channel import Channel, Received, connect
from tuicontainer.supervise.handshake import check_protocol, greeting
from tuicontainer.supervise.wire import STREAM_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from typing import Any, TypeAlias, TypeVar

    from tuicontainer.supervise.wire import StreamData, StreamName

    T = TypeVar("T")
    Step: TypeAlias = "Readable | Writable | Pause"
    Talk: TypeAlias = Generator[Step, bool, T]

HANDSHAKE_SECONDS = 30.0
"""A monitor may be busy with a hook."""
_CONNECT_PAUSE = 0.01


class Readable(Record):
    """Wait until a descriptor can be read; False after so many seconds."""

    fd: int
    seconds: float | None = None


class Writable(Record):
    """Wait until a descriptor can be written; False after so many seconds."""

    fd: int
    seconds: float | None = None


class Pause(Record):
    """Wait so many seconds."""

    seconds: float


class PeerLost(Unavailable):
    """The peer died, or left, without an answer; whether it did what was asked isn't known."""


class Connection(Record):
    """A channel after the handshake."""

    channel: Channel
    version: str
    """Of the peer's program."""


def open_connection(folder: str, name: str) -> Talk[Connection | None]:
    """Connect and greet; None if nobody listens, or the listener ended meanwhile.

    Raises:
        FailedPrecondition: another protocol, or other namespaces.
        PermissionDenied: it belongs to another user.
        Unavailable: it doesn't answer.
    """
    while True:
        try:
            channel = connect(folder, name)
        except BlockingIOError:
            yield Pause(seconds=_CONNECT_PAUSE)
            continue
        break
    if channel is None:
        return None
    try:
        answer = yield from ask(channel, greeting(), seconds=HANDSHAKE_SECONDS)
        if answer is None:
            channel.close()
            return None
        check_protocol(answer.message)
    except PeerLost:
        channel.close()
        return None
    except BaseException:
        channel.close()
        raise
    return Connection(channel=channel, version=str(answer.message.get("version")))


def ask(
    channel: Channel,
    message: Mapping[str, Any],
    descriptors: Sequence[int] = (),
    *,
    seconds: float | None = None,
) -> Talk[Received | None]:
    """Send a message and return the answer; None if the peer ended before it read the message.

    Raises:
        TuiContainerError: the peer reports a failure.
        PeerLost: it died with the message.
        Unavailable: no answer after so many *seconds*.
    """
    try:
        channel.send(message, descriptors)
    except (BrokenPipeError, ConnectionResetError):
        return None
    answer = yield from receive(channel, seconds=seconds)
    return None if "bye" in answer.message else answer


def receive(channel: Channel, *, seconds: float | None = None) -> Talk[Received]:
    """Return the next message; stream data doesn't belong here.

    Raises:
        TuiContainerError: the peer reports a failure.
        PeerLost: the stream has ended.
        Unavailable: nothing came in so many *seconds*.
    """
    received = yield from receive_any(channel, seconds=seconds)
    if not isinstance(received, Received):
        raise PeerLost("the other side died before it answered", hint="look at the state first")
    if "error" in received.message:
        received.close_descriptors()
        raise from_wire(received.message["error"])
    return received


def receive_any(
    channel: Channel, *, seconds: float | None = None
) -> Talk[Received | StreamData | None]:
    """Return the next message or stream data, None at the stream's end.

    Raises:
        Unavailable: nothing came in so many *seconds*.
    """
    while True:
        try:
            return channel.receive()
        except BlockingIOError:
            if not (yield Readable(fd=channel.fd, seconds=seconds)):
                raise Unavailable(
                    "the other side doesn't answer", hint="it may be busy with a hook; try again"
                ) from None


def send_stream(channel: Channel, stream: StreamName, data: bytes) -> Talk[None]:
    """Send stream data of any length, waiting while the peer doesn't read.

    Raises:
        BrokenPipeError: the peer is gone.
    """
    for start in range(0, len(data), STREAM_LIMIT):
        while True:
            try:
                channel.send_stream(stream, data[start : start + STREAM_LIMIT])
            except BlockingIOError:
                yield Writable(fd=channel.fd)
                continue
            break


def send(channel: Channel, message: Mapping[str, Any]) -> Talk[None]:
    """Send a message that has no answer, waiting while the peer doesn't read.

    Raises:
        BrokenPipeError: the peer is gone.
    """
    while True:
        try:
            channel.send(message)
        except BlockingIOError:
            yield Writable(fd=channel.fd)
            continue
        return
