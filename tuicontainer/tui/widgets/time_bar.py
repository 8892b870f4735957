"""The line above the footer while the past or a recording is shown; a click goes to a moment."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from tuicontainer.tui.spans import Line
from tuicontainer.tui.time_bar import Place, time_bar_line
from tuicontainer.tui.widgets.graphs import SizedView


class TimeBar(SizedView, can_focus=False):
    """Draws `time_bar_line`."""

    ALLOW_SELECT = False

    def __init__(self, place: Callable[[], Place], seek: Callable[[float], None]) -> None:
        """Show what *place* returns; a click calls *seek* with a share of the track, 0 to 1."""
        super().__init__(id="time")
        self._place = place
        self._seek = seek
        self._track = (0, 0)

    def on_mount(self) -> None:
        """Show the bar."""
        self.update()

    def update(self) -> None:
        """Draw where one is now."""
        self.show_made(self._made)

    def _made(self, width: int, height: int) -> list[Line]:  # noqa: ARG002 - one line
        line, start, end = time_bar_line(self._place(), width)
        self._track = (start, end)
        return [line]

    def on_click(self, event: events.Click) -> None:
        """Go to the moment under the mouse."""
        start, end = self._track
        if start <= event.x < end:
            self._seek((event.x - start) / max(1, end - start - 1))
