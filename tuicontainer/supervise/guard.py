"""The spawner's side of one monitor: duplicates of what would be lost with it.

    monitor to spawner                          spawner to monitor
    {"step": "claim", "id"}                     {"step": "claimed"}
    {"step": "guard", "pid", "names"} + fds     {"step": "door", "message"} + the door's socket
    {"step": "release", "names"}                {"step": "exited", "status"}
    {"step": "idle", "taken"}                   {"step": "bye"}

While a monitor guards its container, the spawner keeps a second descriptor of the container's
streams and its pidfd. When the connection ends without `bye`, the monitor has died.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from tuicontainer.supervise.channel import Channel, Received

LONGEST_PAUSE = 10.0
_FIRST_PAUSE = 0.05
_STABLE_SECONDS = 10.0
"""A monitor that lived longer isn't one of a series of failures."""


class Guard:
    """What the spawner knows of one monitor and its container.

    Attributes:
        channel: to the monitor.
        monitor: its pid if it is a child of the spawner, else 0.
        container_id: None until the monitor has claimed one.
        container: pid of the container's first process, 0 for none.
        descriptors: duplicates by name: `pidfd` and `console`, or `stdout stderr` and `stdin`.
        status: raw wait status of the container's process, once the spawner has reaped it.
        dismissed: whether the monitor may end.
        deaths: how many monitors of this container have died young in a row.
    """

    def __init__(
        self, channel: Channel, *, monitor: int = 0, container_id: str | None = None
    ) -> None:
        self.channel = channel
        self.monitor = monitor
        self.container_id = container_id
        self.container = 0
        self.descriptors: dict[str, int] = {}
        self.status: int | None = None
        self.dismissed = False
        self.deaths = 0
        self._born = time.monotonic()
        self._forwarded = 0

    def take(self, received: Received) -> None:
        """Take what the monitor wants guarded, in place of what was."""
        self.release(list(self.descriptors))
        names = received.message["names"]
        self.descriptors = dict(zip(names, received.descriptors, strict=True))
        self.container = int(received.message["pid"])
        self.status = None

    def release(self, names: Iterable[str]) -> None:
        """Close duplicates."""
        for name in names:
            fd = self.descriptors.pop(name, None)
            if fd is not None:
                os.close(fd)

    def end(self) -> None:
        """Guard nothing any more."""
        self.release(list(self.descriptors))
        self.container = 0
        self.status = None

    def inherit(self, dead: Guard) -> None:
        """Take over the duplicates that were kept for a monitor that died."""
        self.descriptors, dead.descriptors = dead.descriptors, {}
        self.container, self.status = dead.container, dead.status
        self.deaths = dead.deaths

    def pause_after_death(self) -> float:
        """Return how many seconds to wait before the next monitor is forked."""
        if time.monotonic() - self._born > _STABLE_SECONDS:
            self.deaths = 0
        self.deaths += 1
        return min(_FIRST_PAUSE * 4 ** (self.deaths - 2), LONGEST_PAUSE) if self.deaths > 1 else 0

    def forward(
        self, door: Channel, message: Mapping[str, Any], descriptors: Sequence[int]
    ) -> None:
        """Give a door with its request to the monitor.

        Raises:
            OSError: the monitor doesn't read, or has died.
        """
        self.channel.send({"step": "door", "message": message}, (door.fd, *descriptors))
        self._forwarded += 1

    def dismiss(self, taken: int) -> bool:
        """Let the monitor end, if it has taken all the doors that were given to it."""
        if taken != self._forwarded:
            return False
        self.dismissed = True
        return True

    def report_exit(self, status: int) -> None:
        """Tell the monitor how the container's process ended; keep it in case it dies now."""
        self.status = status
        try:
            self.channel.send({"step": "exited", "status": status})
        except OSError:
            return
