"""A blocking connection: authenticate, call, wait for a signal.

Every wait has an end. What comes between a call and its reply is kept, since systemd announces the
end of a job before or after it answers the call that began the job.
Sources: D-Bus Specification, "Authentication Protocol", "Message Bus Messages".
"""

from __future__ import annotations

# The module below `socket`, which would load enum and selectors: as much as all the rest.
import _socket
import os
import time

from tuicontainer.errors import FailedPrecondition, InvalidArgument, Unavailable
from tuicontainer.runtime.cgroups.systemd.dbus.message import (
    ERROR,
    HEADER_SIZE,
    RETURN,
    SIGNAL,
    decode_message,
    encode_call,
    message_size,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Any, Self

    from tuicontainer.runtime.cgroups.systemd.dbus.addresses import Address
    from tuicontainer.runtime.cgroups.systemd.dbus.message import Message

SECONDS = 25.0
"""How long to wait for one answer: what D-Bus clients wait by default."""
LONGEST_LINE = 1024
"""Bytes of one line of the authentication."""


class CallRefused(FailedPrecondition):
    """The service answered a call with an error."""

    def __init__(self, name: str, text: str, *, member: str) -> None:
        super().__init__(f"{member}: {text or name}")
        self.name = name
        """Such as `org.freedesktop.systemd1.NoSuchUnit`."""


class Connection:
    """One connection to a bus or to a service itself; use it in a `with` statement."""

    def __init__(self, address: Address) -> None:
        """Connect and authenticate.

        Raises:
            OSError: nobody listens there.
            Unavailable: who listens doesn't let us in or doesn't answer.
        """
        self.direct = address.direct
        self.peer = ""
        """Who answered last, by the name that only the bus can give out."""
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self._received = bytearray()
        self._kept: list[Message] = []
        self._serial = 0
        self._deadline = time.monotonic() + SECONDS
        try:
            self._socket.settimeout(SECONDS)
            self._socket.connect(address.path)
            self._authenticate()
            if not self.direct:
                self.call("Hello", destination="org.freedesktop.DBus", path="/org/freedesktop/DBus")
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def call(
        self,
        member: str,
        *,
        destination: str,
        path: str,
        interface: str = "",
        signature: str = "",
        body: Sequence[Any] = (),
    ) -> tuple[Any, ...]:
        """Call a method and return what it answers; see `encode_call`.

        Raises:
            CallRefused: the service answered with an error.
            Unavailable: no answer in time, or the connection ended.
        """
        self._serial += 1
        serial = self._serial
        request = encode_call(
            serial,
            destination="" if self.direct else destination,
            path=path,
            interface=interface or destination,
            member=member,
            signature=signature,
            body=body,
        )
        self._deadline = time.monotonic() + SECONDS
        self._send(request)
        reply = self._next(
            lambda message: message.type in (RETURN, ERROR) and message.reply_serial == serial,
            waiting_for=f"an answer to {member}",
        )
        self.peer = reply.sender
        if reply.type == ERROR:
            raise CallRefused(reply.error_name, reply.text, member=member)
        return reply.body

    def listen(self, rule: str) -> None:
        """Ask the bus for signals; a service itself sends all of its own without being asked."""
        if not self.direct:
            self.call(
                "AddMatch",
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                signature="s",
                body=(rule,),
            )

    def wait_for_signal(
        self, member: str, matches: Callable[[tuple[Any, ...]], bool], *, seconds: float
    ) -> tuple[Any, ...]:
        """Return the body of the first signal of this name for which *matches* says yes.

        Only one from who answered last counts: anybody may send a signal to us.

        Raises:
            Unavailable: it didn't come in time, or the connection ended.
        """
        self._deadline = time.monotonic() + seconds
        signal = self._next(
            lambda message: (
                message.type == SIGNAL
                and message.member == member
                and message.sender == self.peer
                and matches(message.body)
            ),
            waiting_for=f"the signal {member}",
        )
        return signal.body

    def _next(self, wanted: Callable[[Message], bool], *, waiting_for: str) -> Message:
        for index, message in enumerate(self._kept):
            if wanted(message):
                return self._kept.pop(index)
        while True:
            message = self._receive(waiting_for)
            if wanted(message):
                return message
            if message.type == SIGNAL:
                self._kept.append(message)

    def _receive(self, waiting_for: str) -> Message:
        try:
            self._fill(HEADER_SIZE, waiting_for)
            size = message_size(bytes(self._received[:HEADER_SIZE]))
            self._fill(size, waiting_for)
            data = bytes(self._received[:size])
            del self._received[:size]
            return decode_message(data)
        except ValueError as error:
            raise Unavailable(f"waiting for {waiting_for} from systemd: {error}") from error

    def _authenticate(self) -> None:
        # An empty identity means "who the kernel says I am", which holds in a user namespace too,
        # where our own number isn't the one the other side sees. All in one piece: a call that
        # reaches systemd's own socket together with BEGIN would lie there until the next one came.
        self._send(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n")
        first = self._line()
        # Older peers are content without DATA, and then complain about it.
        second = b"" if first.startswith(b"REJECTED") else self._line()
        answer = second if first.startswith(b"DATA") else first
        if not answer.startswith(b"OK"):
            raise Unavailable(
                f"systemd's bus doesn't let user {os.geteuid()} in: "
                f"{answer.decode(errors='replace')}"
            )

    def _line(self) -> bytes:
        while b"\r\n" not in self._received:
            if len(self._received) > LONGEST_LINE:
                raise Unavailable("what answers on systemd's bus doesn't speak D-Bus")
            self._fill(len(self._received) + 1, "authentication")
        line, _, rest = bytes(self._received).partition(b"\r\n")
        self._received = bytearray(rest)
        return line

    def _send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(max(0.001, self._deadline - time.monotonic()))
            self._socket.sendall(data)
        except OSError as error:
            reason = "no answer in time" if isinstance(error, TimeoutError) else error.strerror
            raise Unavailable(f"speaking to systemd: {reason}", errno=error.errno) from error

    def _fill(self, size: int, waiting_for: str) -> None:
        """Receive until *size* bytes are there."""
        while len(self._received) < size:
            try:
                self._socket.settimeout(max(0.001, self._deadline - time.monotonic()))
                piece = self._socket.recv(65536)
            except OSError as error:
                late = isinstance(error, TimeoutError)
                reason = "it didn't come in time" if late else error.strerror
                raise Unavailable(
                    f"waiting for {waiting_for} from systemd: {reason}", errno=error.errno
                ) from error
            if not piece:
                raise Unavailable(f"waiting for {waiting_for}: systemd ended the connection")
            self._received += piece


def connect(addresses: Sequence[Address]) -> Connection:
    """Return a connection to the first address that answers.

    Raises:
        Unavailable: none does; the text names each with its reason.
    """
    reasons = []
    for address in addresses:
        try:
            return Connection(address)
        except (OSError, Unavailable, CallRefused) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            reasons.append(f"`{address.path}`: {(reason or str(error)).lower()}")
    if not reasons:
        raise InvalidArgument("no address of systemd is known: XDG_RUNTIME_DIR isn't set")
    raise Unavailable(f"systemd can't be reached: {'; '.join(reasons)}")
