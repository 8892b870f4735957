"""Named Unix packet sockets with several descriptors a message, as bare descriptors.

They are bound and reached by a descriptor of their folder, because a socket's path may have only
107 bytes; none is abstract, for those can be reached from any container that shares the host's
network namespace (CVE-2020-15257). Like `sockets`, this uses the interpreter's C half, `_socket`.
Sources: unix(7), cmsg(3), SO_PEERCRED in socket(7).
"""

from __future__ import annotations

import _socket
import errno
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

MOST_DESCRIPTORS = 8
"""In one message."""
_BACKLOG = 64
_FD_SIZE = struct.calcsize("=i")
_CREDENTIALS = struct.Struct("=3i")
_KIND = _socket.SOCK_SEQPACKET | _socket.SOCK_CLOEXEC | _socket.SOCK_NONBLOCK


def listen_at(folder_fd: int, name: str) -> int:
    """Return a non-blocking listener at *name* in a folder, which only its owner may connect to.

    A file of that name is replaced.

    Raises:
        OSError: the folder can't be written.
    """
    path = f"/proc/self/fd/{folder_fd}/{name}"
    if os.path.lexists(path):
        os.unlink(path)
    listener = _socket.socket(_socket.AF_UNIX, _KIND)
    old_mask = os.umask(0o177)
    try:
        listener.bind(path)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(old_mask)
    return int(listener.detach())


def connect_at(folder_fd: int, name: str) -> int:
    """Return a non-blocking descriptor connected to the listener at *name* in a folder.

    Raises:
        FileNotFoundError: there is no such socket.
        ConnectionRefusedError: nobody listens on it.
        BlockingIOError: too many wait to be accepted; try again.
    """
    connection = _socket.socket(_socket.AF_UNIX, _KIND)
    try:
        connection.connect(f"/proc/self/fd/{folder_fd}/{name}")
    except OSError:
        connection.close()
        raise
    return int(connection.detach())


def accept(listener: int) -> int:
    """Return a non-blocking descriptor of the next connection.

    Raises:
        BlockingIOError: there is none.
    """
    borrowed: Any = _borrow(listener)
    try:
        fd, _ = borrowed._accept()  # noqa: SLF001 - `accept` exists in the `socket` module only
    finally:
        borrowed.detach()
    os.set_blocking(fd, False)
    return int(fd)


def peer_credentials(fd: int) -> tuple[int, int, int]:
    """Return pid, user id and group id of whoever connected or listened when this was connected."""
    borrowed = _borrow(fd)
    try:
        raw = borrowed.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _CREDENTIALS.size)
    finally:
        borrowed.detach()
    pid, uid, gid = _CREDENTIALS.unpack(raw)
    return pid, uid, gid


def send_packet(fd: int, packet: bytes, attached: Sequence[int] = ()) -> None:
    """Send one message with copies of descriptors.

    Raises:
        BlockingIOError: the other side doesn't read.
        OSError: EPIPE, the other side is closed (no signal is raised); EMSGSIZE.
    """
    ancillary = []
    if attached:
        packed = struct.pack(f"={len(attached)}i", *attached)
        ancillary.append((_socket.SOL_SOCKET, _socket.SCM_RIGHTS, packed))
    borrowed = _borrow(fd)
    try:
        borrowed.sendmsg([packet], ancillary, _socket.MSG_NOSIGNAL)
    finally:
        borrowed.detach()


def receive_packet(fd: int, size: int) -> tuple[bytes, list[int]]:
    """Return one message and the close-on-exec descriptors that came with it.

    The message is empty at the stream's end.

    Raises:
        BlockingIOError: there is none yet.
        OSError: EMSGSIZE, the message is longer than *size* or brought too many descriptors.
    """
    borrowed = _borrow(fd)
    space = _socket.CMSG_SPACE(_FD_SIZE * MOST_DESCRIPTORS)
    try:
        try:
            packet, ancillary, flags, _ = borrowed.recvmsg(size, space, _socket.MSG_CMSG_CLOEXEC)
        except ConnectionResetError:
            # The error comes before what the peer had sent, which may be its last word.
            packet, ancillary, flags, _ = borrowed.recvmsg(size, space, _socket.MSG_CMSG_CLOEXEC)
    finally:
        borrowed.detach()
    received: list[int] = []
    for level, kind, data in ancillary:
        if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
            received += struct.unpack(f"={len(data) // _FD_SIZE}i", data[: len(data) // 4 * 4])
    if flags & (_socket.MSG_TRUNC | _socket.MSG_CTRUNC):
        for extra in received:
            os.close(extra)
        raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
    return packet, received


def _borrow(fd: int) -> _socket.socket:
    # Family and type are given so that the constructor need not ask the kernel for them.
    return _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET, 0, fd)
