"""The gauges and the history: lines made anew for each tick and for each size."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Size

from tuicontainer.tui.spans import Line
from tuicontainer.tui.widgets.lines import LineView


class SizedView(LineView):
    """Lines that are made for the size of the view by a function of (width, height)."""

    FOLLOWS_WIDTH = True

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._make: Callable[[int, int], list[Line]] = lambda width, height: []  # noqa: ARG005

    def show_made(self, make: Callable[[int, int], list[Line]]) -> None:
        """Show what *make* returns, now and after each change of size."""
        self._make = make
        self._remake()

    def _remake(self) -> None:
        size: Size = self.scrollable_content_region.size
        if self.display and size.width > 0 and size.height > 0:
            self.show(self._make(size.width, size.height))

    def on_resize(self) -> None:
        """Make the lines for the new size (the base draws them anew)."""
        self._remake()
