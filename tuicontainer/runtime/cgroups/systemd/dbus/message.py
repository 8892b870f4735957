"""D-Bus messages as bytes and back. Pure.

    byte  byte  byte   byte     u32          u32     a(yv)          …        …
    order type  flags  version  body length  serial  header fields  padding  body

Source: D-Bus Specification, "Message Protocol".
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.systemd.dbus.wire import Reader, Variant, Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
"""Types of message."""
HEADER_SIZE = 16
"""Bytes that tell how long the message is."""
LARGEST = 1 << 27
"""Bytes of one message that the specification allows."""

_PATH, _INTERFACE, _MEMBER, _ERROR_NAME, _REPLY_SERIAL, _DESTINATION, _SENDER, _SIGNATURE = range(
    1, 9
)
_FIELD_TYPES = {_PATH: "o", _SIGNATURE: "g"}
"""All other fields that we write are strings."""


class Message(Record):
    """A message that has come."""

    type: int
    serial: int
    path: str = ""
    interface: str = ""
    member: str = ""
    error_name: str = ""
    reply_serial: int = 0
    sender: str = ""
    body: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        """The words of an error message; empty if it has none."""
        return self.body[0] if self.body and isinstance(self.body[0], str) else ""


def encode_call(
    serial: int,
    *,
    destination: str,
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    body: Sequence[Any] = (),
) -> bytes:
    """Return a method call.

    Args:
        serial: not 0; the reply names it.
        destination: the bus name of the service; empty where the peer is the service itself.
        path: of the object.
        interface: of the method.
        member: the method's name.
        signature: the arguments' types.
        body: the arguments.

    Raises:
        ValueError: an argument isn't what *signature* says.
    """
    content = Writer()
    content.write_all(signature, body)
    texts = {
        _PATH: path,
        _INTERFACE: interface,
        _MEMBER: member,
        _DESTINATION: destination,
        _SIGNATURE: signature,
    }
    fields = [
        (code, Variant(signature=_FIELD_TYPES.get(code, "s"), value=text))
        for code, text in texts.items()
        if text
    ]
    head = Writer()
    values = (ord("l"), CALL, 0, 1, len(content.data), serial, fields)
    head.write_all("yyyyuua(yv)", values)
    head.pad(8)
    return bytes(head.data + content.data)


def message_size(header: bytes) -> int:
    """Return how many bytes the message has that begins with these `HEADER_SIZE` bytes.

    Raises:
        ValueError: no message begins so, or it is larger than allowed.
    """
    reader = Reader(header, byteorder=_byteorder(header))
    _, _, _, version, body_size, _, fields_size = reader.read_all("yyyyuuu")
    size: int = HEADER_SIZE + fields_size + -fields_size % 8 + body_size
    if version != 1 or size > LARGEST:
        raise ValueError("this is no D-Bus message")
    return size


def decode_message(data: bytes) -> Message:
    """Return the message that these bytes are.

    Raises:
        ValueError: they aren't one.
    """
    reader = Reader(data, byteorder=_byteorder(data))
    _, kind, _, _, _, serial, pairs = reader.read_all("yyyyuua(yv)")
    fields = {code: variant.value for code, variant in pairs}
    reader.pad(8)
    return Message(
        type=kind,
        serial=serial,
        path=fields.get(_PATH, ""),
        interface=fields.get(_INTERFACE, ""),
        member=fields.get(_MEMBER, ""),
        error_name=fields.get(_ERROR_NAME, ""),
        reply_serial=fields.get(_REPLY_SERIAL, 0),
        sender=fields.get(_SENDER, ""),
        body=reader.read_all(fields.get(_SIGNATURE, "")),
    )


def _byteorder(data: bytes) -> str:
    order = {ord("l"): "<", ord("B"): ">"}.get(data[0] if data else 0)
    if order is None:
        raise ValueError("this is no D-Bus message")
    return order
