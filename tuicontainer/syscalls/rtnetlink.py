"""Network interfaces and their addresses: the few requests of rtnetlink(7) that we need.

A socket belongs to the network namespace it was made in, for ever. pyroute2 can do the same and a
hundred times as much; a runtime that starts anew for each container doesn't import that much.

    request    nlmsghdr, a structure by the kind of request, then attributes
    attribute  length, type, value, padded to four bytes
    answer     one message or, to a dump, many and NLMSG_DONE; NLMSG_ERROR has an errno and, with
               NETLINK_EXT_ACK, why in words

Sources: netlink(7), rtnetlink(7), linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h.
"""

from __future__ import annotations

import _socket
import os
import struct
from errno import EINTR

from tuicontainer.errors import SyscallError
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

IFF_UP = 0x1
IFA_F_PERMANENT = 0x80
RT_SCOPE_UNIVERSE = 0

_AF_NETLINK, _NETLINK_ROUTE = 16, 0
_SOL_NETLINK, _NETLINK_EXT_ACK = 270, 11
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_DUMP = 0x1, 0x4, 0x300
_NLM_F_CREATE, _NLM_F_EXCL = 0x400, 0x200
_NLM_F_CAPPED, _NLM_F_ACK_TLVS, _NLM_F_DUMP_INTR = 0x100, 0x200, 0x10
_RTM_NEWLINK, _RTM_GETLINK = 16, 18
_RTM_NEWADDR, _RTM_GETADDR = 20, 22
_IFLA_IFNAME, _IFLA_NET_NS_FD = 3, 28
_IFA_LABEL, _IFA_FLAGS = 3, 8
_NLMSGERR_ATTR_MSG = 1
_TYPE = 0x3FFF
"""The upper two bits of an attribute's type are flags."""

_HEADER = struct.Struct("=IHHII")
_LINK = struct.Struct("=BxHiII")
_ADDRESS = struct.Struct("=BBBBi")
_ATTRIBUTE = struct.Struct("=HH")
_WORD = struct.Struct("=I")
_ERRNO = struct.Struct("=i")
_LARGEST_ANSWER = 65536

# What the kernel finds out about an address itself: secondary or temporary, being tested or failed.
_KERNELS_FLAGS = 0x01 | 0x08 | 0x40 | IFA_F_PERMANENT


class Link(Record):
    """A network interface."""

    index: int
    name: str
    flags: int
    """IFF_… bits."""


class Address(Record):
    """An address of an interface, as the kernel told it and takes it again elsewhere."""

    family: int
    prefix: int
    """Length in bits."""
    scope: int
    """RT_SCOPE_…."""
    flags: int
    """IFA_F_… bits."""
    attributes: bytes
    """All others; not its label, which begins with the interface's name."""


class RouteSocket:
    """A socket for requests to the network namespace that this process is in at its making."""

    def __init__(self) -> None:
        """Open it.

        Raises:
            OSError: the kernel refused.
        """
        kind = _socket.SOCK_RAW | _socket.SOCK_CLOEXEC
        self._socket = _socket.socket(_AF_NETLINK, kind, _NETLINK_ROUTE)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_EXT_ACK, 1)
        self._sequence = 0

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def links(self) -> list[Link]:
        """Return all interfaces.

        Raises:
            SyscallError: the kernel refused.
        """
        request = _LINK.pack(0, 0, 0, 0, 0)
        links = []
        for body in self._ask(_RTM_GETLINK, _NLM_F_DUMP, request, "listing interfaces"):
            _, _, index, flags, _ = _LINK.unpack_from(body)
            attributes = dict(split_attributes(body[_LINK.size :]))
            name = os.fsdecode(attributes[_IFLA_IFNAME].rstrip(b"\0"))
            links.append(Link(index=index, name=name, flags=flags))
        return links

    def addresses(self, index: int) -> list[Address]:
        """Return all addresses of an interface, in the kernel's order.

        Raises:
            SyscallError: the kernel refused.
        """
        request = _ADDRESS.pack(0, 0, 0, 0, 0)
        found = []
        for body in self._ask(_RTM_GETADDR, _NLM_F_DUMP, request, "listing addresses"):
            family, prefix, flags, scope, owner = _ADDRESS.unpack_from(body)
            if owner != index:
                continue
            rest = b""
            for kind, value in split_attributes(body[_ADDRESS.size :]):
                if kind == _IFA_FLAGS:
                    (flags,) = _WORD.unpack(value)
                elif kind != _IFA_LABEL:
                    rest += pack_attribute(kind, value)
            found.append(
                Address(family=family, prefix=prefix, scope=scope, flags=flags, attributes=rest)
            )
        return found

    def move_link(self, index: int, name: str, namespace: int) -> None:
        """Move an interface, which this closes, to another network namespace and name it there.

        Where the name is taken there, it may have been moved and still have its old one.

        Args:
            index: of the interface.
            name: in the other namespace.
            namespace: descriptor of it.

        Raises:
            SyscallError: EEXIST, the name is taken; EINVAL, it can't leave its namespace.
        """
        request = _LINK.pack(0, 0, index, 0, 0)
        request += pack_attribute(_IFLA_IFNAME, os.fsencode(name) + b"\0")
        request += pack_attribute(_IFLA_NET_NS_FD, _WORD.pack(namespace))
        self._do(_RTM_NEWLINK, 0, request, "moving the interface")

    def set_up(self, index: int, *, up: bool) -> None:
        """Bring an interface up or down.

        Raises:
            SyscallError: the kernel refused.
        """
        request = _LINK.pack(0, 0, index, IFF_UP if up else 0, IFF_UP)
        self._do(_RTM_NEWLINK, 0, request, "bringing the interface " + ("up" if up else "down"))

    def add_address(self, index: int, address: Address) -> None:
        """Give an interface an address.

        Raises:
            SyscallError: EEXIST, it has it; else the kernel refused.
        """
        flags = address.flags & ~_KERNELS_FLAGS
        head = (address.family, address.prefix, flags & 0xFF, address.scope, index)
        request = _ADDRESS.pack(*head) + address.attributes
        request += pack_attribute(_IFA_FLAGS, _WORD.pack(flags))
        self._do(_RTM_NEWADDR, _NLM_F_CREATE | _NLM_F_EXCL, request, "adding the address")

    def _do(self, kind: int, flags: int, body: bytes, words: str) -> None:
        for _ in self._ask(kind, flags | _NLM_F_ACK, body, words):
            continue

    def _ask(self, kind: int, flags: int, body: bytes, words: str) -> list[bytes]:
        """Send a request and return the bodies of the answers, again if a dump was disturbed."""
        while True:
            self._sequence += 1
            length = _HEADER.size + len(body)
            header = _HEADER.pack(length, kind, flags | _NLM_F_REQUEST, self._sequence, 0)
            self._socket.send(header + body)
            try:
                return self._receive(words)
            except InterruptedError:
                continue

    def _receive(self, words: str) -> list[bytes]:
        bodies: list[bytes] = []
        disturbed = False
        while True:
            packet = self._socket.recv(_LARGEST_ANSWER)
            for kind, flags, sequence, body in split_messages(packet):
                if sequence != self._sequence:
                    continue
                disturbed |= bool(flags & _NLM_F_DUMP_INTR)
                if kind not in (_NLMSG_DONE, _NLMSG_ERROR):
                    bodies.append(body)
                    continue
                # Both begin with an errno, which is 0 where all went well.
                number = -_ERRNO.unpack_from(body)[0] if len(body) >= _ERRNO.size else 0
                if number:
                    raise explain(words, number, flags, body)
                if disturbed:
                    raise InterruptedError(EINTR, "the list changed while it was read")
                return bodies


def pack_attribute(kind: int, value: bytes) -> bytes:
    """Return an attribute, padded."""
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value + bytes(-length % 4)


def split_attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and value of each attribute."""
    while len(data) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(data)
        if length < _ATTRIBUTE.size:
            return
        yield kind & _TYPE, data[_ATTRIBUTE.size : length]
        data = data[(length + 3) & ~3 :]


def split_messages(packet: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield type, flags, sequence number and body of each message."""
    while len(packet) >= _HEADER.size:
        length, kind, flags, sequence, _ = _HEADER.unpack_from(packet)
        if length < _HEADER.size:
            return
        yield kind, flags, sequence, packet[_HEADER.size : length]
        packet = packet[(length + 3) & ~3 :]


def explain(words: str, number: int, flags: int, body: bytes) -> SyscallError:
    """Return the error for a refusal, with the kernel's own words if it has some."""
    if flags & _NLM_F_ACK_TLVS:
        # After the errno comes our request, or only its header.
        (asked,) = _WORD.unpack_from(body, _ERRNO.size)
        skip = _ERRNO.size + (_HEADER.size if flags & _NLM_F_CAPPED else (asked + 3) & ~3)
        for kind, value in split_attributes(body[skip:]):
            if kind == _NLMSGERR_ATTR_MSG:
                words = f"{words} ({os.fsdecode(value.rstrip(bytes(1)))})"
    return SyscallError(words, number)
