"""One end of a connection between doors, spawner and monitors. Never blocks."""

from __future__ import annotations

import fcntl
import os
from errno import EPIPE

from tuicontainer.errors import InvalidArgument, PermissionDenied
from tuicontainer.record import Record
from tuicontainer.supervise import wire
from tuicontainer.syscalls.memfd import sealed_memfd
from tuicontainer.syscalls.packet_sockets import (
    MOST_DESCRIPTORS,
    connect_at,
    listen_at,
    peer_credentials,
    receive_packet,
    send_packet,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_F_GET_SEALS = 1034
_ALL_SEALS = 0x1 | 0x2 | 0x4 | 0x8  # SEAL, SHRINK, GROW, WRITE


class Received(Record):
    """One message with its descriptors, which now are the receiver's."""

    message: dict[str, Any]
    descriptors: tuple[int, ...] = ()

    def close_descriptors(self) -> None:
        """Close all of them."""
        for fd in self.descriptors:
            os.close(fd)


class Channel:
    """Sends and receives messages and stream data on a non-blocking packet socket."""

    __slots__ = ("fd",)

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self.fd

    def send(self, message: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send a message with copies of descriptors.

        Raises:
            BlockingIOError: the peer doesn't read.
            OSError: EPIPE, the peer is gone.
        """
        if self.fd < 0:
            raise BrokenPipeError(EPIPE, os.strerror(EPIPE))
        encoded = wire.encode(message)
        if encoded.payload is None:
            send_packet(self.fd, encoded.packet, descriptors)
            return
        memfd = sealed_memfd("tuicontainer-message", encoded.payload)
        try:
            send_packet(self.fd, encoded.packet, (memfd, *descriptors))
        finally:
            os.close(memfd)

    def send_stream(self, stream: wire.StreamName, data: bytes) -> None:
        """Send stream data; raises as `send`."""
        send_packet(self.fd, wire.encode_stream(stream, data))

    def receive(self) -> Received | wire.StreamData | None:
        """Return the next message or stream data; None at the stream's end.

        Raises:
            BlockingIOError: there is none yet.
            InvalidArgument: the peer doesn't keep to the protocol.
        """
        packet, descriptors = receive_packet(self.fd, wire.PACKET_SIZE)
        if not packet:
            return None
        try:
            return _open(packet, descriptors)
        except BaseException:
            for fd in descriptors:
                os.close(fd)
            raise

    def close(self) -> None:
        """Close this end; twice does no harm."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def detach(self) -> int:
        """Give up the descriptor and return it."""
        fd, self.fd = self.fd, -1
        return fd


MOST_PASSED = MOST_DESCRIPTORS - 1
"""Descriptors in one message; one place is kept for the payload."""


def listen(folder: str, name: str) -> int:
    """Return a listener at *name* in *folder*, however long its path is.

    Raises:
        OSError: the folder is missing or can't be written.
    """
    folder_fd = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return listen_at(folder_fd, name)
    finally:
        os.close(folder_fd)


def connect(folder: str, name: str) -> Channel | None:
    """Return a connection to the listener at *name* in *folder*; None if nobody listens there.

    Raises:
        BlockingIOError: too many wait to be accepted; try again.
        PermissionDenied: the listener belongs to another user.
        OSError: anything else.
    """
    try:
        folder_fd = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        channel = Channel(connect_at(folder_fd, name))
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    finally:
        os.close(folder_fd)
    try:
        check_peer(channel)
    except BaseException:
        channel.close()
        raise
    return channel


def check_peer(channel: Channel) -> int:
    """Return the peer's pid (0 if its PID namespace hides it) if it is of our own user.

    Raises:
        PermissionDenied: it is another user's.
    """
    pid, uid, _ = peer_credentials(channel.fd)
    if uid != os.geteuid():
        raise PermissionDenied(
            f"the process at the other end belongs to user `{uid}`, not to `{os.geteuid()}`"
        )
    return pid


def _open(packet: bytes, descriptors: list[int]) -> Received | wire.StreamData:
    decoded = wire.decode(packet)
    if isinstance(decoded, wire.StreamData):
        if descriptors:
            raise InvalidArgument("stream data came with descriptors")
        return decoded
    if isinstance(decoded, wire.Announced):
        if not descriptors:
            raise InvalidArgument("a message lacks its payload")
        text = _read_payload(descriptors[0], decoded.size)
        os.close(descriptors.pop(0))
        decoded = wire.decode_text(text)
    return Received(message=decoded, descriptors=tuple(descriptors))


def _read_payload(fd: int, size: int) -> bytes:
    try:
        seals = fcntl.fcntl(fd, _F_GET_SEALS)
    except OSError as error:
        raise InvalidArgument("a message's payload is no memfd") from error
    if seals & _ALL_SEALS != _ALL_SEALS or os.fstat(fd).st_size != size:
        raise InvalidArgument("a message's payload isn't sealed, or has another size")
    text = os.pread(fd, size, 0)
    if len(text) != size:
        raise InvalidArgument("a message's payload is cut short")
    return text
