"""Moves network interfaces of ours into the container's network namespace.

Done by the runtime, before any hook and before the init looks at its network. An interface keeps
its settings (MTU, hardware address), but the kernel takes its addresses away, so those that were
configured for good are given back. It isn't brought back at the end: the kernel removes a virtual
interface with its namespace and returns a physical one to the first. Only a failing create takes
its moves back. Sources: config-linux.md#network-devices, network_namespaces(7).
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from errno import EEXIST, EPERM

from tuicontainer.errors import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    SyscallError,
    describe_failure,
)
from tuicontainer.record import Record
from tuicontainer.syscalls.namespaces import CLONE_NEWNET, setns
from tuicontainer.syscalls.rtnetlink import (
    IFA_F_PERMANENT,
    IFF_UP,
    RT_SCOPE_UNIVERSE,
    RouteSocket,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tuicontainer.syscalls.rtnetlink import Address

_TEMPLATE = "%d"


class _Move(Record):
    """One interface that is in the container, and how it was."""

    outside: str
    inside: str
    up: bool
    addresses: tuple[Address, ...]
    """All of them."""


class NetworkDevices:
    """The interfaces of one container on their way."""

    def __init__(self, pid: int) -> None:
        """Take hold of both network namespaces.

        Args:
            pid: a process in the container's.

        Raises:
            OSError: it has ended.
        """
        self._ours = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._theirs = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            os.close(self._ours)
            raise
        self._moved: list[_Move] = []

    @property
    def fds(self) -> tuple[int, int]:
        """Descriptors that the caller closes in the end."""
        return self._ours, self._theirs

    def move(self, names: Mapping[str, str]) -> None:
        """Move interfaces into the container's namespace and bring them up there.

        Args:
            names: those inside, by those outside.

        Raises:
            NotFound: no such interface.
            AlreadyExists: the name is taken inside.
            InvalidArgument: both namespaces are the same.
            PermissionDenied: only who has CAP_NET_ADMIN over both namespaces may.
        """
        if os.path.sameopenfile(self._ours, self._theirs):
            raise InvalidArgument(
                "`linux.netDevices`: the container's network namespace is the runtime's own"
            )
        for outside, inside in names.items():
            try:
                self._move(outside, inside)
            except OSError as error:
                while_ = f"moving network interface `{outside}` into the container"
                failure = describe_failure(error, while_=while_)
                if error.errno == EPERM:
                    failure.hint = "it takes CAP_NET_ADMIN where the interface is: be root"
                raise failure from error

    def take_back(self) -> None:
        """Undo all moves: name, addresses, and whether it was up.

        Raises:
            SyscallError: an interface couldn't be brought back.
        """
        with self._inside() as theirs:
            while self._moved:
                move = self._moved.pop()
                index = _find(theirs, move.inside)
                if index is None:
                    # Moved, but not yet named.
                    index = _find(theirs, move.outside)
                if index is None:
                    continue
                theirs.move_link(index, move.outside, self._ours)
                with RouteSocket() as ours:
                    back = _find(ours, move.outside)
                    if back is not None:
                        ours.set_up(back, up=move.up)
                        _give_addresses(ours, back, move.addresses)

    def _move(self, outside: str, inside: str) -> None:
        with RouteSocket() as ours, self._inside() as theirs:
            link = next((each for each in ours.links() if each.name == outside), None)
            if link is None:
                raise NotFound(
                    f"`linux.netDevices`: no network interface `{outside}` here",
                    hint="/proc/net/dev lists them",
                )
            taken = {each.name for each in theirs.links()}
            inside = choose_name(inside, taken)
            addresses = tuple(ours.addresses(link.index))
            # Written down first: a move can fail half way.
            up = bool(link.flags & IFF_UP)
            self._moved.append(_Move(outside=outside, inside=inside, up=up, addresses=addresses))
            ours.move_link(link.index, inside, self._theirs)
            index = _find(theirs, inside)
            if index is None:
                raise NotFound(f"interface `{inside}` has vanished from the container")
            theirs.set_up(index, up=True)
            _give_addresses(theirs, index, filter(is_kept, addresses))

    @contextmanager
    def _inside(self) -> Iterator[RouteSocket]:
        """Yield a socket of the container's namespace; we stay where we are."""
        setns(self._theirs, CLONE_NEWNET)
        try:
            socket = RouteSocket()
        finally:
            setns(self._ours, CLONE_NEWNET)
        with socket:
            yield socket


def choose_name(wanted: str, taken: Collection[str]) -> str:
    """Return the name to use: a `%d` becomes the least number that makes it a new one.

    Checked here, as the kernel moves an interface before it finds the name taken.

    Raises:
        AlreadyExists: the name is taken.
    """
    if _TEMPLATE in wanted:
        number = 0
        while (name := wanted.replace(_TEMPLATE, str(number))) in taken:
            number += 1
        return name
    if wanted in taken:
        raise AlreadyExists(
            f"`linux.netDevices`: the container has a network interface `{wanted}` already",
            hint="give it another `name`, or one with `%d` for a free number",
        )
    return wanted


def is_kept(address: Address) -> bool:
    """Tell whether an address goes along: configured for good and valid everywhere."""
    return bool(address.flags & IFA_F_PERMANENT) and address.scope == RT_SCOPE_UNIVERSE


def _give_addresses(socket: RouteSocket, index: int, addresses: Iterable[Address]) -> None:
    for address in addresses:
        try:
            socket.add_address(index, address)
        except SyscallError as error:
            # The kernel gives some itself when an interface comes up.
            if error.errno != EEXIST:
                raise


def _find(socket: RouteSocket, name: str) -> int | None:
    return next((each.index for each in socket.links() if each.name == name), None)
