"""The filter of the pane that has the keys: a list, or the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuicontainer.tui.widgets.logs import LogView
from tuicontainer.tui.widgets.table import Table

if TYPE_CHECKING:
    from tuicontainer.tui.screens.browser import Browser
    from tuicontainer.tui.widgets.filter_line import FilterLine

_PLACEHOLDERS = {
    "bundles": "filter bundles: every word must be in the name or the description",
    "containers": "filter containers: every word must be in id, status, bundle, result or command",
    "details": "filter the log: every word must be in the line",
}


class Filtering:
    """One filter line for all panes; each pane keeps its own words."""

    def __init__(self, screen: Browser) -> None:
        self._screen = screen
        self._pane = ""
        self._line: FilterLine | None = None

    @property
    def target(self) -> Table | LogView | None:  # type: ignore[type-arg]
        """What the filter line would filter now."""
        return self._target(self._screen.panes.current)

    @property
    def active(self) -> bool:
        """Whether the line is open, so that keys are text."""
        return self._line is not None

    def open(self) -> None:
        """Show the line with the present words."""
        from tuicontainer.tui.widgets.filter_line import FilterLine

        target = self.target
        if target is None or self._line is not None:
            return
        self._pane = self._screen.panes.current
        self._line = FilterLine(" ".join(target.words), _PLACEHOLDERS[self._pane], self._finish)
        self._screen.query_one("#bottom").mount(self._line, before=0)
        # Not `Widget.focus`, which waits for its turn: the next key is for the line already.
        self._screen.set_focus(self._line)

    def apply(self, text: str) -> None:
        """Filter by what is typed."""
        target = self._target(self._pane)
        if target is not None:
            target.set_filter(text)
        self._screen.painter.paint_count()

    def _finish(self, text: str | None) -> None:
        """Take the line away; with a *text* the cursor goes to its first match."""
        if self._line is None:
            return
        pane, self._pane = self._pane, ""
        line, self._line = self._line, None
        target = self._target(pane)
        if target is not None:
            # What was typed last may not have been applied yet.
            target.set_filter(text or "")
        if text is not None and isinstance(target, Table):
            target.move_to(0)
        self._screen.painter.paint_count()
        if line.has_focus:
            self._screen.focus_pane(pane)
        line.remove()

    def clear(self) -> bool:
        """Clear the filter of the pane that has the keys; return whether there was one."""
        target = self.target
        if target is None or not target.words:
            return False
        target.set_filter("")
        self._screen.painter.paint_count()
        return True

    def _target(self, pane: str) -> Table | LogView | None:  # type: ignore[type-arg]
        if pane == "bundles":
            return self._screen.bundles
        if pane == "containers":
            return self._screen.containers
        if pane == "details" and self._screen.details.tab == "logs":
            return self._screen.details.logs
        return None
