"""The monitor's side of its guard (see `guard`): the spawner that keeps duplicates for it."""

from __future__ import annotations

import select

from tuicontainer.errors import TuiContainerError, Unavailable
from tuicontainer.supervise.channel import Channel, Received

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from tuicontainer.supervise.loop import Loop


class Guardian:
    """The connection to the spawner. A spawner that died is simply absent.

    Attributes:
        present: whether a spawner guards this monitor.
    """

    def __init__(
        self,
        loop: Loop,
        channel: Channel,
        *,
        on_door: Callable[[Received], None],
        on_exited: Callable[[int], None],
        on_change: Callable[[], None],
    ) -> None:
        """Begin on a connection.

        Args:
            loop: the monitor's.
            channel: to the spawner.
            on_door: takes a door's connection with its request.
            on_exited: takes the raw wait status of the container's process.
            on_change: called when the spawner died, or allows the monitor to end.
        """
        self.present = True
        self.dismissed = False
        self._loop = loop
        self._channel = channel
        self._on_door = on_door
        self._on_exited = on_exited
        self._on_change = on_change
        self._taken = 0
        loop.on_readable(channel.fd, self._take)

    def claim(self, container_id: str) -> None:
        """Make the id ours; blocks until another monitor that still has it has ended.

        Raises:
            Unavailable: the spawner died.
        """
        self._say({"step": "claim", "id": container_id})
        while self.present:
            poll = select.poll()
            poll.register(self._channel.fd, select.POLLIN)
            poll.poll()
            received = self._receive()
            if received is not None and received.message.get("step") == "claimed":
                return
        raise Unavailable("the spawner died while the container was made", hint="try again")

    def replace(self, channel: Channel) -> None:
        """Be guarded by another spawner; the one before has died."""
        self._channel = channel
        self._taken = 0
        self.present = True
        self.dismissed = False
        self._loop.on_readable(channel.fd, self._take)

    def guard(self, pid: int, descriptors: Mapping[str, int]) -> None:
        """Give the spawner duplicates of what would be lost with us."""
        message = {"step": "guard", "pid": pid, "names": list(descriptors)}
        self._say(message, tuple(descriptors.values()))

    def release(self, name: str) -> None:
        """Let the spawner close one duplicate."""
        self._say({"step": "release", "names": [name]})

    def end(self) -> None:
        """Let the spawner close all duplicates: the container's process has ended."""
        self._say({"step": "end"})

    def ask_to_leave(self) -> None:
        """Say that there is nothing to do; the answer may be a door that came meanwhile."""
        self._say({"step": "idle", "taken": self._taken})

    def _say(self, message: Mapping[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        if not self.present:
            return
        try:
            self._channel.send(message, descriptors)
        except OSError:
            self._lose()

    def _take(self) -> None:
        received = self._receive()
        if received is None:
            return
        step = received.message.get("step")
        if step == "door":
            self._taken += 1
            self._on_door(received)
            return
        received.close_descriptors()
        if step == "exited":
            self._on_exited(int(received.message["status"]))
        elif step == "bye":
            self.dismissed = True
            self._on_change()

    def _receive(self) -> Received | None:
        try:
            received = self._channel.receive()
        except BlockingIOError:
            return None
        except (OSError, TuiContainerError):
            received = None
        if not isinstance(received, Received):
            self._lose()
            return None
        return received

    def _lose(self) -> None:
        if self.present:
            self.present = False
            self._loop.forget(self._channel.fd)
            self._channel.close()
            self._on_change()
