"""What the keys of the log do; the main screen has one of these."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuicontainer.tui.widgets.logs import LogView

if TYPE_CHECKING:
    from tuicontainer.tui.screens.browser import Browser

WINDOWS = (1, 5, 15, 60)
"""Minutes to which the log can be narrowed, in turn."""
MOST_MERGED = 32
"""Logs that are followed at once: each is looked at several times a second."""
ACTIONS = frozenset(
    ("find", "find_next", "wrap", "times", "window", "log_mark", "to_mark", "save_log")
)
"""Those that need the keys to be in a log."""


class LogActions:
    """Acts on the log of the details."""

    def __init__(self, screen: Browser) -> None:
        self._screen = screen
        self._window = 0

    @property
    def here(self) -> bool:
        """Whether the keys are in a log."""
        return self._screen.panes.current == "details" and self._screen.details.tab == "logs"

    @property
    def _view(self) -> LogView:
        return self._screen.details.logs

    def find_next(self, by: int) -> None:
        """Go to the next line that was looked for."""
        view = self._view
        if not view.search:
            self._advise("nothing is looked for: f begins a search")
        elif not view.find_next(by):
            self._advise(f"no {'later' if by > 0 else 'earlier'} line has {view.search}")

    def turn_window(self) -> None:
        """Narrow the log to the last minute, five, fifteen, an hour, or show all of it."""
        if not self._view.has_window:
            # Another log begins with all of its lines.
            self._window = 0
        self._window = (self._window + 1) % (len(WINDOWS) + 1)
        minutes = (0, *WINDOWS)[self._window]
        now_ns = self._screen.model.now_ns()
        self._view.set_window(now_ns - minutes * 60 * 1_000_000_000 if minutes else None)

    def mark(self) -> None:
        """Set a mark after the last line."""
        self._view.mark(self._screen.model.now_ns())

    def to_mark(self) -> None:
        """Go to the mark above."""
        if not self._view.find_mark():
            self._advise("there is no mark: m sets one")

    def merge(self) -> None:
        """Show several logs together: those of marked containers, else of all in the list."""
        screen = self._screen
        table = screen.containers
        if screen.filler.merged and not table.marks:
            screen.filler.merge(())
            return
        ids = sorted(table.marks) or [table.key_of(row) for row in table.items]
        if len(ids) < 2:
            self._advise("there aren't several containers whose logs could be put together")
            return
        if len(ids) > MOST_MERGED:
            self._advise(f"only the first {MOST_MERGED} of {len(ids)} logs: mark those you mean")
        screen.filler.merge(tuple(ids[:MOST_MERGED]))
        screen.focus_pane("details")

    def save(self) -> None:
        """Ask where to write what is shown."""
        from tuicontainer.tui.screens.save import SaveDialog, propose_path

        screen, book = self._screen, self._view.book
        name = "-".join(book.sources[:3]) or "log"
        now_ns = screen.model.now_ns()
        path = propose_path(re.sub(r"[^\w.+-]", "_", name), now_ns)

        def then(path: str | None) -> None:
            if path:
                screen.notify(f"saved {len(book.shown)} lines to {path}", timeout=4, markup=False)

        screen.app.push_screen(SaveDialog(path, book.texts), then)

    def _advise(self, text: str) -> None:
        self._screen.stage.advise(text)
