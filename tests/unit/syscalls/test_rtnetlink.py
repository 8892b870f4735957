"""The messages of rtnetlink, there and back, and a real question to the kernel."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.syscalls.rtnetlink import (
    RouteSocket,
    explain,
    pack_attribute,
    split_attributes,
    split_messages,
)


@given(st.lists(st.tuples(st.integers(0, 0x3FFF), st.binary(max_size=40)), max_size=6))
def test_attributes_there_and_back(attributes: list[tuple[int, bytes]]) -> None:
    packed = b"".join(pack_attribute(kind, value) for kind, value in attributes)
    assert len(packed) % 4 == 0
    assert list(split_attributes(packed)) == attributes


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_hang(data: bytes) -> None:
    list(split_attributes(data))
    list(split_messages(data))


def test_the_kernels_own_words_are_told() -> None:
    request = struct.pack("=IHHII", 16, 16, 0, 1, 0)
    body = struct.pack("=i", -17) + request + pack_attribute(1, b"name is taken\0")
    error = explain("moving the interface", 17, 0x300, body)
    assert str(error) == "moving the interface (name is taken): file exists"


def test_a_refusal_without_words() -> None:
    body = struct.pack("=i", -1) + bytes(16)
    assert str(explain("x", 1, 0x100, body)) == "x: operation not permitted"


def test_the_loopback_is_listed() -> None:
    with RouteSocket() as socket:
        [loopback] = [link for link in socket.links() if link.name == "lo"]
        assert loopback.index == 1
