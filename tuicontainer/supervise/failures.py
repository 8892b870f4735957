"""What spawner and monitors do about their own bugs: they have no terminal to print them on."""

from __future__ import annotations

from tuicontainer.supervise.journal import append_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations

_FRAMES = 8


def note_failure(locations: Locations, type: str, container_id: str) -> None:
    """Write the exception being handled to the journal; if that fails too, let it be."""
    # Costs 6 ms and many pages, which only a failure shall pay.
    import traceback

    details = {"traceback": traceback.format_exc(limit=-_FRAMES)}
    try:
        append_event(locations, type, container_id, details=details)
    except OSError:
        return
