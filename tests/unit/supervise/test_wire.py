"""Packets: what is sent is what is read, and nonsense is refused."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument
from tuicontainer.supervise import wire
from tuicontainer.supervise.channel import Channel, Received, check_peer, connect, listen
from tuicontainer.supervise.wire import Announced, StreamData
from tuicontainer.syscalls.packet_sockets import accept, send_packet
from tuicontainer.syscalls.sockets import packet_pair

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
MESSAGES = st.dictionaries(st.text().filter(lambda name: name != "payload"), VALUES, max_size=6)


@given(MESSAGES)
def test_messages_come_back(message: dict[str, Any]) -> None:
    encoded = wire.encode(message)
    assert encoded.payload is None
    assert wire.decode(encoded.packet) == message


@given(st.integers(wire.INLINE_LIMIT, 3 * wire.INLINE_LIMIT))
def test_long_messages_are_announced(size: int) -> None:
    message = {"text": "x" * size}
    encoded = wire.encode(message)
    assert encoded.payload is not None
    assert wire.decode(encoded.packet) == Announced(size=len(encoded.payload))
    assert wire.decode_text(encoded.payload) == message


def test_a_message_has_a_limit() -> None:
    with pytest.raises(InvalidArgument, match="too long"):
        wire.encode({"text": "x" * wire.PAYLOAD_LIMIT})


@given(
    st.sampled_from(["stdin", "stdout", "stderr"]),
    st.binary(min_size=1, max_size=wire.STREAM_LIMIT),
)
def test_stream_data_comes_back(stream: wire.StreamName, data: bytes) -> None:
    assert wire.decode(wire.encode_stream(stream, data)) == StreamData(stream=stream, data=data)


@pytest.mark.parametrize("data", [b"", b"x" * (wire.STREAM_LIMIT + 1)])
def test_stream_data_has_limits(data: bytes) -> None:
    with pytest.raises(ValueError, match="bytes of stream data"):
        wire.encode_stream("stdout", data)


@given(st.binary(max_size=200))
def test_any_packet_is_understood_or_refused(packet: bytes) -> None:
    try:
        wire.decode(packet)
    except InvalidArgument:
        return


@pytest.mark.parametrize(
    "packet",
    [b"", b"o", b"x", b"[]", b"null", b'"o"', b'{"payload":0}', b'{"payload":-1}',
     b'{"payload":"1"}', b'{"payload":true}', b'{"payload":99999999999}', b"[" * 5000],
)  # fmt: skip
def test_nonsense_is_refused(packet: bytes) -> None:
    with pytest.raises(InvalidArgument):
        wire.decode(packet)


def pair() -> tuple[Channel, Channel]:
    one, other = (Channel(fd) for fd in packet_pair())
    for channel in (one, other):
        os.set_blocking(channel.fd, False)
    return one, other


@pytest.mark.parametrize("size", [10, wire.INLINE_LIMIT * 4])
def test_descriptors_travel_with_messages_of_any_length(size: int) -> None:
    one, other = pair()
    reader, writer = os.pipe()
    one.send({"text": "x" * size}, (writer,))
    os.close(writer)
    received = other.receive()
    assert isinstance(received, Received)
    assert received.message == {"text": "x" * size}
    (copy,) = received.descriptors
    assert not os.get_inheritable(copy)
    os.write(copy, b"through")
    assert os.read(reader, 10) == b"through"
    received.close_descriptors()
    os.close(reader)
    one.close()
    assert other.receive() is None
    other.close()


def test_a_payload_must_be_sealed() -> None:
    one, other = pair()
    memfd = os.memfd_create("open")
    os.write(memfd, b"{}")
    for attached in ([], [memfd], [0]):
        send_packet(one.fd, b'{"payload":2}', attached)
        with pytest.raises(InvalidArgument, match="payload"):
            other.receive()
    os.close(memfd)
    one.close()
    other.close()


def test_stream_data_brings_no_descriptors() -> None:
    one, other = pair()
    send_packet(one.fd, b"odata", (0,))
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(InvalidArgument, match="descriptors"):
        other.receive()
    assert set(os.listdir("/proc/self/fd")) == before
    one.close()
    other.close()


def test_the_last_word_comes_past_a_reset() -> None:
    one, other = pair()
    other.send({"unread": 1})
    one.send({"bye": True})
    one.close()
    received = other.receive()
    assert isinstance(received, Received)
    assert received.message == {"bye": True}
    assert other.receive() is None
    with pytest.raises(BrokenPipeError):
        other.send({})
    other.close()
    with pytest.raises(BrokenPipeError):
        other.send({})


def test_sockets_in_deep_folders(tmp_path: os.PathLike[str]) -> None:
    folder = os.path.join(tmp_path, "d" * 100, "e" * 100)
    assert connect(folder, "sock") is None
    os.makedirs(folder)
    assert connect(folder, "sock") is None
    listener = listen(folder, "sock")
    assert os.stat(os.path.join(folder, "sock")).st_mode & 0o777 == 0o600
    channel = connect(folder, "sock")
    assert channel is not None
    accepted = Channel(accept(listener))
    assert check_peer(accepted) == os.getpid()
    os.close(listener)
    channel.close()
    accepted.close()
    assert connect(folder, "sock") is None
    again = listen(folder, "sock")
    os.close(again)
