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
_TIME = struct.Struct("@ll")
_LONGEST_ADDRESS = 108
"""Bytes in sockaddr_un.sun_path, its final NUL included."""


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
        OSError: nobody listens there.
    """
    kind = _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC
    connection = _socket.socket(_socket.AF_UNIX, kind)
    if len(os.fsencode(path)) < _LONGEST_ADDRESS:
        connection.connect(path)
        return int(connection.detach())
    folder, name = os.path.split(path)
    fd = os.open(folder or ".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        connection.connect(f"/proc/self/fd/{fd}/{name}")
    finally:
        os.close(fd)
    return int(connection.detach())


def connect_datagram(path: str) -> int:
    """Return a close-on-exec descriptor connected to the Unix datagram socket at *path*.

    Raises:
        OSError: nobody listens there.
    """
    kind = _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC
    connection = _socket.socket(_socket.AF_UNIX, kind)
    try:
        # A name that begins with @ is one of the abstract address space, as systemd writes it.
        connection.connect(f"\0{path[1:]}" if path.startswith("@") else path)
        return int(connection.detach())
    finally:
        connection.close()


def bind_datagram(folder_fd: int, name: str) -> int:
    """Return a close-on-exec datagram socket at *name* in a folder, to which anybody may send.

    A file of that name is replaced.

    Raises:
        OSError: the folder can't be written.
    """
    path = f"/proc/self/fd/{folder_fd}/{name}"
    if os.path.lexists(path):
        os.unlink(path)
    listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC)
    try:
        listener.bind(path)
        os.chmod(path, 0o777)  # noqa: S103 - that is what the caller wants
        return int(listener.detach())
    finally:
        listener.close()


def send_all(fd: int, data: bytes, *, with_fd: int, seconds: int) -> None:
    """Send all of *data* on a stream, with a descriptor that arrives with its first byte.

    Args:
        fd: the stream.
        data: not empty.
        with_fd: the other side gets a copy of it.
        seconds: how long the other side may let each part of it wait.

    Raises:
        OSError: EPIPE, the other side is closed; EAGAIN, it doesn't read.
    """
    attached = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, _FD.pack(with_fd))]
    borrowed = _socket.socket(fileno=fd)
    try:
        limit = _TIME.pack(seconds, 0)
        borrowed.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDTIMEO, limit)
        while data:
            data = data[borrowed.sendmsg([data], attached, _socket.MSG_NOSIGNAL) :]
            attached = []
    finally:
        borrowed.detach()


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

    Raises:
        OSError: the kernel refused.
    """
    borrowed = _socket.socket(fileno=fd)
    space, flags = _socket.CMSG_SPACE(_FD.size), _socket.MSG_CMSG_CLOEXEC
    try:
        try:
            packet, attached, _, _ = borrowed.recvmsg(size, space, flags)
        except ConnectionResetError:
            # The peer was closed with a message of ours unread. The kernel says that once, before
            # what the peer had sent, which may be why it ended.
            packet, attached, _, _ = borrowed.recvmsg(size, space, flags)
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
