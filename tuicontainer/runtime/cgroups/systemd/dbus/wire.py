"""D-Bus values as bytes and back. Pure.

A Python value stands for each type:

    y n q i u x t   int        s o g   str      ay   bytes        a…      list
    b               bool       d       float    v    Variant      (…) {…} tuple

Each value is aligned to its size, counted from the beginning of the message. Descriptors (`h`) are
left out: no call of ours has one. Source: D-Bus Specification, "Marshaling (Wire Format)".
"""

from __future__ import annotations

import struct

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

NUMBERS = {"y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d"}
ALIGNMENTS = {"y": 1, "g": 1, "v": 1, "n": 2, "q": 2, "x": 8, "t": 8, "d": 8, "(": 8, "{": 8}
"""Everything else is aligned to 4."""
DEEPEST = 64
"""Nesting that the specification allows; more would only be meant to exhaust our stack."""


class Variant(Record):
    """A value that carries its own type."""

    signature: str
    """Of one complete type, such as `t` or `a(ss)`."""
    value: Any


def alignment(signature: str) -> int:
    """Return the alignment of a type, in bytes."""
    return ALIGNMENTS.get(signature[0], 4)


def split_signature(signature: str) -> list[str]:
    """Return the complete types that a signature lists: `sa(sv)u` is `s`, `a(sv)`, `u`.

    Raises:
        ValueError: a bracket is missing, or an array has no type.
    """
    types = []
    start = 0
    while start < len(signature):
        end = _end_of_type(signature, start)
        types.append(signature[start:end])
        start = end
    return types


def _end_of_type(signature: str, start: int) -> int:
    while start < len(signature) and signature[start] == "a":
        start += 1
    if start == len(signature):
        raise ValueError(f"signature `{signature}` ends too early")
    closing = {"(": ")", "{": "}"}.get(signature[start])
    position = start + 1
    if closing is None:
        return position
    while position < len(signature):
        if signature[position] == closing:
            return position + 1
        position = _end_of_type(signature, position)
    raise ValueError(f"signature `{signature}` has an open bracket")


class Writer:
    """Collects the bytes of little-endian values."""

    def __init__(self) -> None:
        self.data = bytearray()

    def pad(self, size: int) -> None:
        """Add zeros up to the next multiple of *size*."""
        self.data += bytes(-len(self.data) % size)

    def write_all(self, signature: str, values: Sequence[Any]) -> None:
        """Add one value for each type of *signature*.

        Raises:
            ValueError: the numbers of types and values differ.
        """
        for kind, value in zip(split_signature(signature), values, strict=True):
            self.write(kind, value)

    def write(self, kind: str, value: Any) -> None:
        """Add one value of one complete type.

        Raises:
            ValueError: the type isn't known or the value has a NUL in it.
            struct.error: the value is out of the type's range.
        """
        self.pad(alignment(kind))
        first = kind[0]
        if first in NUMBERS:
            self.data += struct.pack(f"<{NUMBERS[first]}", value)
        elif first == "b":
            self.data += struct.pack("<I", bool(value))
        elif first in "sog":
            self._write_text(first, value)
        elif first == "v":
            self._write_text("g", value.signature)
            self.write(value.signature, value.value)
        elif first == "a":
            self._write_array(kind[1:], value)
        elif first in "({":
            self.write_all(kind[1:-1], value)
        else:
            raise ValueError(f"type `{kind}` isn't supported")

    def _write_text(self, kind: str, text: str) -> None:
        encoded = text.encode()
        if b"\0" in encoded:
            raise ValueError(f"{text!r} has a NUL in it")
        self.data += struct.pack("<B" if kind == "g" else "<I", len(encoded)) + encoded + b"\0"

    def _write_array(self, kind: str, items: Any) -> None:
        length_at = len(self.data)
        self.data += bytes(4)
        # The padding before the first element doesn't count, and is there even without elements.
        self.pad(alignment(kind))
        start = len(self.data)
        for item in items:
            self.write(kind, item)
        struct.pack_into("<I", self.data, length_at, len(self.data) - start)


class Reader:
    """Takes values out of bytes; what doesn't fit is a ValueError."""

    def __init__(self, data: bytes, *, byteorder: str = "<", position: int = 0) -> None:
        self.data = data
        self.position = position
        self._byteorder = byteorder
        self._depth = 0

    def pad(self, size: int) -> None:
        """Go to the next multiple of *size*."""
        self.position += -self.position % size

    def read_all(self, signature: str) -> tuple[Any, ...]:
        """Return one value for each type of *signature*."""
        return tuple(self.read(kind) for kind in split_signature(signature))

    def read(self, kind: str) -> Any:
        """Return the next value, of one complete type.

        Raises:
            ValueError: the bytes are no such value.
        """
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError("values are nested too deeply")
        try:
            return self._read(kind)
        finally:
            self._depth -= 1

    def _read(self, kind: str) -> Any:
        self.pad(alignment(kind))
        first = kind[0]
        if first in NUMBERS:
            return self._unpack(NUMBERS[first])
        if first == "b":
            return bool(self._unpack("I"))
        if first in "sog":
            return self._read_text("B" if first == "g" else "I")
        if first == "v":
            inner = self._read_text("B")
            if len(split_signature(inner)) != 1:
                raise ValueError(f"a variant of `{inner}` is not one value")
            return Variant(signature=inner, value=self.read(inner))
        if first == "a":
            return self._read_array(kind[1:])
        if first in "({":
            return self.read_all(kind[1:-1])
        raise ValueError(f"type `{kind}` isn't supported")

    def _take(self, count: int) -> bytes:
        piece = self.data[self.position : self.position + count]
        if len(piece) < count:
            raise ValueError("the message is too short")
        self.position += count
        return piece

    def _unpack(self, code: str) -> Any:
        code = self._byteorder + code
        (number,) = struct.unpack(code, self._take(struct.calcsize(code)))
        return number

    def _read_text(self, length_code: str) -> str:
        text = self._take(self._unpack(length_code))
        self._take(1)
        return text.decode("utf-8", "surrogateescape")

    def _read_array(self, kind: str) -> Any:
        length = self._unpack("I")
        self.pad(alignment(kind))
        if kind == "y":
            return self._take(length)
        end = self.position + length
        if end > len(self.data):
            raise ValueError("the message is too short")
        items = []
        while self.position < end:
            items.append(self.read(kind))
        if self.position != end:
            raise ValueError("an array ends amid an element")
        return items
