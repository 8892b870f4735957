"""The few shapes of protocol buffers that criu's messages use.

A field is its number and a kind, then a varint (numbers, booleans) or a length and as many bytes
(text, inner messages). Unknown fields are skipped by whoever reads.
Source: protobuf.dev, "Encoding".
"""

from __future__ import annotations

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WORD = 2**64


def number(field: int, value: int) -> bytes:
    """Return a field that holds an integer, a boolean or one of an enumeration."""
    return _varint(field << 3 | _VARINT) + _varint(value % _WORD)


def text(field: int, value: str | bytes) -> bytes:
    """Return a field that holds text or, given as bytes, an inner message."""
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return _varint(field << 3 | _BYTES) + _varint(len(data)) + data


class Message:
    """A message that was received. Absent fields are zero, empty or None, as told below."""

    def __init__(self, data: bytes) -> None:
        """Take it apart.

        Raises:
            ValueError: it isn't well formed.
        """
        self._fields = split(data)

    def number(self, field: int) -> int:
        """Return the last value of an integer field as a signed number; 0 if absent."""
        value = self._fields.get(field, 0)
        if not isinstance(value, int):
            raise ValueError(f"field {field} is no number")  # noqa: TRY004 - bad data, not code
        return value - _WORD if value >= _WORD // 2 else value

    def text(self, field: int) -> str:
        """Return the last value of a text field; empty if absent."""
        return self._bytes(field).decode("utf-8", "surrogateescape")

    def message(self, field: int) -> Message | None:
        """Return an inner message, or None if it is absent."""
        return Message(self._bytes(field)) if field in self._fields else None

    def _bytes(self, field: int) -> bytes:
        value = self._fields.get(field, b"")
        if not isinstance(value, bytes):
            raise ValueError(f"field {field} is no text")  # noqa: TRY004 - bad data, not code
        return value


def split(data: bytes) -> dict[int, int | bytes]:
    """Return the last value of each field; of those with a fixed width, the bytes.

    Raises:
        ValueError: a kind that isn't used any more, or an end in the middle.
    """
    fields: dict[int, int | bytes] = {}
    position = 0
    while position < len(data):
        key, position = _read_varint(data, position)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            fields[field], position = _read_varint(data, position)
            continue
        if kind == _BYTES:
            length, position = _read_varint(data, position)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"field {field} has the unknown kind {kind}")
        if position + length > len(data):
            raise ValueError(f"field {field} ends too early")
        fields[field] = data[position : position + length]
        position += length
    return fields


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise ValueError("a number ends too early or is too large")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value % _WORD, position
        shift += 7
