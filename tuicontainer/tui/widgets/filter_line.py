"""The line in which a filter is typed; it appears with `/` and goes with enter or esc."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterLine(Input):
    """Filters while it is typed into; enter keeps the filter, esc clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "keep the filter", id="filter.keep"),
        Binding("escape", "clear", "clear the filter", id="filter.clear"),
    ]

    class Done(Message):
        """The line can go; the filter stays unless it was cleared."""

        def __init__(self, *, kept: bool) -> None:
            super().__init__()
            self.kept = kept

    def __init__(self, value: str, placeholder: str) -> None:
        super().__init__(value, placeholder, compact=True, select_on_focus=False, id="filter")
        self.cursor_blink = False
        self._done = False

    def action_keep(self) -> None:
        """Keep the filter."""
        self._finish(kept=True)

    def action_clear(self) -> None:
        """Clear the filter."""
        self._finish(kept=False)

    def _on_blur(self, event: events.Blur) -> None:
        super()._on_blur(event)
        self._finish(kept=True)

    def _finish(self, *, kept: bool) -> None:
        if not self._done:
            self._done = True
            self.post_message(self.Done(kept=kept))
