"""Bare socket descriptors without `socket`, whose enumerations cost 4 ms at start-up.

Uses the interpreter's C half, `_socket`, and hands out descriptors. Sources: socket(2), unix(7),
cmsg(3), netdevice(7).
"""

from __future__ import annotations

import _socket
import fcntl
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1
_IFREQ = struct.Struct("16sH22x")
_FD = struct.Struct("=i")


def packet_pair() -> tuple[int, int]:
    """Return two connected, close-on-exec descriptors that keep the borders of messages.

    Raises:
        OSError: the kernel refused.
    """
    kind = _socket.SOCK_SEQPACKET | _socket.SOCK_CLOEXEC
    one, other = _socket.socketpair(_socket.AF_UNIX, kind, 0)
    return one.detach(), other.detach()


def connect_stream(path: str) -> int:
    """Return a close-on-exec descriptor connected to the Unix stream socket at *path*.

    Raises:
        OSError: nobody listens there, or the path is longer than 107 bytes.
    """
    kind = _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC
    connection = _socket.socket(_socket.AF_UNIX, kind)
    connection.connect(path)
    return int(connection.detach())


def send_packet(fd: int, packet: bytes, with_fd: int | None = None) -> None:
    """Send one message, with a descriptor if one is given.

    Raises:
        OSError: EPIPE, the other side is closed (no signal is raised).
    """
    attached = []
    if with_fd is not None:
        attached.append((_socket.SOL_SOCKET, _socket.SCM_RIGHTS, _FD.pack(with_fd)))
    borrowed = _socket.socket(fileno=fd)
    try:
        borrowed.sendmsg([packet], attached, _socket.MSG_NOSIGNAL)
    finally:
        borrowed.detach()


def receive_packet(fd: int, size: int) -> tuple[bytes, int | None]:
    """Return one message, empty at the stream's end, and the close-on-exec descriptor it carries.

    A peer that was closed with messages unread (ECONNRESET) counts as the stream's end.

    Raises:
        OSError: the kernel refused.
    """
    borrowed = _socket.socket(fileno=fd)
    try:
        flags = _socket.MSG_CMSG_CLOEXEC
        packet, attached, _, _ = borrowed.recvmsg(size, _socket.CMSG_SPACE(_FD.size), flags)
    except ConnectionResetError:
        return b"", None
    finally:
        borrowed.detach()
    return packet, _first_fd(attached)


def _first_fd(attached: list[Any]) -> int | None:
    for level, kind, data in attached:
        if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS and len(data) >= _FD.size:
            return int(_FD.unpack(data[: _FD.size])[0])
    return None


def bring_interface_up(name: str) -> None:
    """Bring a network interface of this process's namespace up.

    Raises:
        OSError: ENODEV, no such interface; EPERM, not ours.
    """
    kind = _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC
    fd = _socket.socket(_socket.AF_INET, kind).detach()
    try:
        encoded = name.encode()
        answer = fcntl.ioctl(fd, _SIOCGIFFLAGS, _IFREQ.pack(encoded, 0))
        flags = _IFREQ.unpack(answer)[1]
        fcntl.ioctl(fd, _SIOCSIFFLAGS, _IFREQ.pack(encoded, flags | _IFF_UP))
    finally:
        os.close(fd)
