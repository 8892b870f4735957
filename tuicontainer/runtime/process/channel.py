"""The private line between the runtime and the process that becomes the container's init.

A pair of sequenced-packet sockets, close-on-exec, carrying JSON objects with a `step` word:

    runtime → init    mapped        an id-mapped mount comes with this packet
                      go            the limits are set, the id maps are written
                      proceed       what the init asked for has been done
    init → runtime    staged        `pid`: an intermediate has made the init
                      mounted       run the hooks that belong before the change of root
                      console       the terminal's master side comes with this packet
                      limits        write what only the host's root may: rlimits, oom_score_adj
                      hook          `epoch_ns run`: a createContainer hook has been run
                      listener      a seccomp filter that notifies is loaded next: see `handover`
                      ready         `epoch_ns marks`: next comes that, or the exec of the waiter
                      marks         `epoch_ns marks`: the same of a failure, which comes next
                      error         `kind message hint errno`: this is how it failed

The end of the stream without an error is success: the exec closed the init's side.
"""

from __future__ import annotations

import os

from tuicontainer.errors import Internal, from_wire
from tuicontainer.jsontext import dumps, loads
from tuicontainer.syscalls.sockets import packet_pair, receive_packet, send_packet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PACKET_SIZE = 64 * 1024
_MESSAGE_LIMIT = 8 * 1024


class Channel:
    """One end. Not shared by threads; blocking."""

    __slots__ = ("fd",)

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def send(self, step: str, *, with_fd: int | None = None, **fields: Any) -> None:
        """Send one message, with a descriptor if the other side shall have one.

        Raises:
            SyscallError: EPIPE, the other side is gone.
        """
        send_packet(self.fd, dumps({"step": step, **fields}).encode(), with_fd)

    def send_error(self, error: dict[str, Any]) -> None:
        """Send what `TuiContainerError.to_wire` returns; a dead other side doesn't matter."""
        message = {**error, "message": error["message"][:_MESSAGE_LIMIT]}
        try:
            self.send("error", **message)
        except OSError:
            return

    def receive(self) -> tuple[dict[str, Any], int | None] | None:
        """Return the next message and the descriptor it carries; None at the stream's end.

        Raises:
            TuiContainerError: the other side reports a failure.
        """
        packet, fd = receive_packet(self.fd, PACKET_SIZE)
        if not packet:
            return None
        message = loads(packet)
        if message["step"] == "error":
            raise from_wire(message)
        return message, fd

    def expect(self, step: str) -> dict[str, Any]:
        """Return the next message, which must be this step.

        Raises:
            TuiContainerError: the other side reports a failure.
            Internal: it said something else, or died.
        """
        received = self.receive()
        if received is None:
            raise Internal(f"the other side of the channel ended before `{step}`")
        message, _ = received
        if message["step"] != step:
            raise Internal(f"expected `{step}` on the channel, not `{message['step']}`")
        return message

    def expect_descriptor(self, step: str) -> int:
        """Return the descriptor that the next message carries, which must be this step.

        Raises:
            TuiContainerError: the other side reports a failure.
            Internal: it said something else, or died.
        """
        received = self.receive()
        if received is None or received[1] is None or received[0]["step"] != step:
            raise Internal(f"expected `{step}` with a descriptor on the channel")
        return received[1]

    def close(self) -> None:
        """Close this end."""
        os.close(self.fd)


def open_channel() -> tuple[Channel, Channel]:
    """Return the two ends.

    Raises:
        SyscallError: the kernel refused.
    """
    ours, theirs = packet_pair()
    return Channel(ours), Channel(theirs)
