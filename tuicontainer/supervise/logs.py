"""Reading a container's log: its lines, oldest first, across rotated files.

The files `log`, `log.1`, `log.2` (oldest last) hold CRI lines, `RFC3339Nano stream tag text`, where
the tag is `P` for a line that goes on and `F` for its end, followed by `:n` from the second instance
on. Source: kubernetes CRI logging design (tags are separated by colons; the first is P or F).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.views import LogLine


def read_log(
    locations: Locations,
    container_id: str,
    *,
    tail: int | None = None,
    since_ns: int | None = None,
) -> Iterator[LogLine]:
    """Yield what is in the log now.

    Args:
        locations: the state and data root.
        container_id: a full id.
        tail: only the last so many whole lines (a line written in parts counts once).
        since_ns: only lines written at or after this time, nanoseconds since the epoch.

    Raises:
        NotFound: no such container.
    """
    raise NotImplementedError


class LogFollower:
    """Reads on where it stopped: call `read_new` whenever you like (4 to 10 times a second).

    It survives rotation, restarts and the container's deletion: what was written before is
    still read.
    """

    def __init__(
        self,
        locations: Locations,
        container_id: str,
        *,
        tail: int | None = None,
        since_ns: int | None = None,
    ) -> None:
        raise NotImplementedError

    def read_new(self, limit: int = 1000) -> list[LogLine]:
        """Return at most *limit* lines that were written since the last call; maybe none."""
        raise NotImplementedError

    @property
    def ended(self) -> bool:
        """Whether the container is gone and everything was read."""
        raise NotImplementedError

    def close(self) -> None:
        """Give the open file back."""
        raise NotImplementedError
