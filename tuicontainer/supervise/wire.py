"""The protocol between doors, spawner and monitors: messages to packets and back, without I/O.

A packet of a Unix SOCK_SEQPACKET socket is one of

    {…}         a JSON object: a request, an answer, a notice
    o… e…       what the container wrote to its output (or terminal) or error stream, to a door
    i…          what a person types, from a door

    door                                    spawner or monitor
      ── {"hello": 1, "version", "namespaces"} ──▶
      ◀── {"hello": 1, "version", "pid"} or {"error": …} ──
      ── {"verb": "stop", "id": "web-1", …} ──▶           any number, one at a time
      ◀── {"ok": {…}} or {"error": …} ──

A JSON object longer than INLINE_LIMIT travels as `{"payload": size}` with a sealed memfd as its
first descriptor: the kernel bounds packets by the socket's buffer, and a sealed file can't change
under the reader. `hello` counts changes that break old peers; the monitor's verbs
`status kill stop attach reopen-log` stay as they are for ever.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.jsontext import dumps, loads
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    StreamName = Literal["stdin", "stdout", "stderr"]

PROTOCOL = 1
INLINE_LIMIT = 64 * 1024
"""Bytes of a JSON object that are sent in the packet itself."""
PAYLOAD_LIMIT = 16 * 1024 * 1024
"""Bytes of a JSON object at most."""
STREAM_LIMIT = 32 * 1024
"""Bytes of stream data in one packet."""
PACKET_SIZE = INLINE_LIMIT
"""The longest packet."""

_LETTERS: dict[StreamName, bytes] = {"stdin": b"i", "stdout": b"o", "stderr": b"e"}
_STREAMS: dict[bytes, StreamName] = {letter: name for name, letter in _LETTERS.items()}


class Encoded(Record):
    """A message ready to be sent."""

    packet: bytes
    payload: bytes | None = None
    """Content of the memfd that goes with it."""


class StreamData(Record):
    """Bytes on one of the container's streams."""

    stream: StreamName
    data: bytes


class Announced(Record):
    """A message whose text is in the memfd that came with the packet."""

    size: int


def encode(message: Mapping[str, Any]) -> Encoded:
    """Return the packet for a message.

    Raises:
        InvalidArgument: it is longer than PAYLOAD_LIMIT.
    """
    text = dumps(message).encode()
    if len(text) <= INLINE_LIMIT:
        return Encoded(packet=text)
    if len(text) > PAYLOAD_LIMIT:
        raise InvalidArgument(f"a message of {len(text)} bytes is too long for the monitor")
    return Encoded(packet=b'{"payload":%d}' % len(text), payload=text)


def encode_stream(stream: StreamName, data: bytes) -> bytes:
    """Return the packet for 1 to STREAM_LIMIT bytes of stream data."""
    if not 0 < len(data) <= STREAM_LIMIT:
        raise ValueError(f"{len(data)} bytes of stream data")
    return _LETTERS[stream] + data


def decode(packet: bytes) -> dict[str, Any] | StreamData | Announced:
    """Return what a packet says.

    Raises:
        InvalidArgument: it isn't of this protocol.
    """
    stream = _STREAMS.get(packet[:1])
    if stream is not None and len(packet) > 1:
        return StreamData(stream=stream, data=packet[1:])
    message = decode_text(packet)
    size = message.get("payload")
    if size is None:
        return message
    if type(size) is not int or not 0 < size <= PAYLOAD_LIMIT:
        raise InvalidArgument(f"a message announces a payload of `{size}` bytes")
    return Announced(size=size)


def decode_text(text: bytes) -> dict[str, Any]:
    """Return the JSON object in *text*.

    Raises:
        InvalidArgument: there is none.
    """
    try:
        message = loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidArgument("a message isn't JSON") from error
    if not isinstance(message, dict):
        raise InvalidArgument("a message isn't a JSON object")
    return message
