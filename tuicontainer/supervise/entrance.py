"""Where doors come in: a listener, and a descriptor kept back for the day when there are no others.

Who has used up all descriptors can't even accept a connection to refuse it: the connection would
stay in the queue, and poll(2) would report it again and again. So one place is kept, given up to
take the door in and tell it why, and taken again. Source: accept(2), EMFILE and ENFILE.
"""

from __future__ import annotations

import os
from errno import EMFILE, ENFILE, ENOBUFS, ENOMEM

from tuicontainer.errors import TuiContainerError, Unavailable
from tuicontainer.supervise.channel import Channel, check_peer
from tuicontainer.syscalls.packet_sockets import accept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.supervise.loop import Loop

_SHORT = frozenset((EMFILE, ENFILE, ENOBUFS, ENOMEM))
_PAUSE_SECONDS = 0.1


class Entrance:
    """Takes connections as long as it is open; those of other users are closed."""

    def __init__(self, loop: Loop, listener: int, on_door: Callable[[Channel], object]) -> None:
        """Begin to take connections.

        Args:
            loop: who serves them.
            listener: a listening packet socket; belongs to this object from now on.
            on_door: takes each connection.
        """
        self._loop = loop
        self._listener = listener
        self._on_door = on_door
        self._kept = os.dup(listener)
        self._watch()

    @property
    def open(self) -> bool:
        """Whether doors can come in."""
        return self._listener >= 0

    def close(self) -> None:
        """Take no more connections; twice does no harm."""
        if self._listener >= 0:
            self._loop.forget(self._listener)
            os.close(self._listener)
            self._listener = -1
            self._give_up_kept()

    def _watch(self) -> None:
        if self._listener >= 0:
            self._loop.on_readable(self._listener, self._accept)

    def _accept(self) -> None:
        # A door that has been let in may bring the end of the entrance.
        while self._listener >= 0:
            try:
                channel = Channel(accept(self._listener))
            except BlockingIOError:
                return
            except OSError as error:
                # Else the peer has gone already.
                if error.errno in _SHORT:
                    self._turn_away(error)
                return
            try:
                check_peer(channel)
            except TuiContainerError:
                channel.close()
                continue
            self._on_door(channel)

    def _turn_away(self, reason: OSError) -> None:
        """Tell the next door that it can't be served, and let some time pass."""
        self._give_up_kept()
        try:
            channel = Channel(accept(self._listener))
        except OSError:
            channel = Channel(-1)
        try:
            refusal = Unavailable(
                f"the engine can't take another request: {reason.strerror}",
                hint="remove containers or close doors, or raise the limit on open files",
                errno=reason.errno,
            )
            channel.send({"error": refusal.to_wire()})
        except OSError:
            pass
        finally:
            channel.close()
        self._keep_again()
        self._loop.on_readable(self._listener, None)
        self._loop.call_later(_PAUSE_SECONDS, self._watch)

    def _keep_again(self) -> None:
        try:
            self._kept = os.dup(self._listener)
        except OSError:
            # Something else was quicker; then the next door waits until there is room.
            return

    def _give_up_kept(self) -> None:
        if self._kept >= 0:
            os.close(self._kept)
            self._kept = -1
