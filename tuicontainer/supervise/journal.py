"""The journal: what happened to which container, one JSON object a line, for ever increasing cursors.

An event is shown to readers only after it is safely on disk (see `commit`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.views import Event


def append_event(
    locations: Locations,
    type: str,
    container_id: str,
    *,
    instance: int = 1,
    details: Mapping[str, Any] | None = None,
    commit: bool = True,
) -> None:
    """Write one event; with *commit* also to disk, which makes it visible."""
    raise NotImplementedError


def read_events(locations: Locations, since: int | None = None) -> Iterator[Event]:
    """Yield the committed events after the cursor *since*, or all that are kept."""
    raise NotImplementedError


class JournalFollower:
    """Reads on where it stopped: call `read_new` whenever you like (4 to 10 times a second)."""

    def __init__(self, locations: Locations, since: int | None = None) -> None:
        """Begin after the cursor *since*; None: with the next event."""
        raise NotImplementedError

    def read_new(self) -> list[Event]:
        """Return the events committed since the last call; maybe none."""
        raise NotImplementedError
