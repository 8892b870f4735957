"""The line in which a filter is typed; it appears with `/` and goes with enter or esc."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input


class FilterLine(Input):
    """Filters while it is typed into; enter keeps the filter, esc clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "keep the filter", id="filter.keep"),
        Binding("escape", "clear", "clear the filter", id="filter.clear"),
    ]

    def __init__(self, value: str, placeholder: str, done: Callable[[str | None], None]) -> None:
        """Begin with *value*; call *done* once, with the text to be kept or None."""
        super().__init__(value, placeholder, compact=True, select_on_focus=False, id="filter")
        self.cursor_blink = False
        self._tell = done
        self._done = False

    def on_key(self, event: events.Key) -> None:
        """End at once, not when the key has bubbled up to its binding.

        Keys that are typed quickly are here already when enter is: what comes after it isn't
        for this line any more.
        """
        if self._done:
            self.app.post_message(events.Key(event.key, event.character))
        elif event.key == "enter":
            self.action_keep()
        elif event.key == "escape":
            self.action_clear()
        else:
            return
        event.stop()
        event.prevent_default()

    def on_blur(self) -> None:
        """Keep the filter when another pane is clicked."""
        self.action_keep()

    def action_keep(self) -> None:
        """Keep the filter."""
        self._finish(self.value)

    def action_clear(self) -> None:
        """Clear the filter."""
        self._finish(None)

    def _finish(self, text: str | None) -> None:
        if not self._done:
            self._done = True
            self._tell(text)
