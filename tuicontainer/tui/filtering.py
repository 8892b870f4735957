"""The line for what is typed about the pane that has the keys: a filter, or what to look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuicontainer.errors import InvalidArgument
from tuicontainer.tui.spans import Line
from tuicontainer.tui.widgets.footer import Footer
from tuicontainer.tui.widgets.logs import LogView
from tuicontainer.tui.widgets.table import Table

if TYPE_CHECKING:
    from tuicontainer.tui.screens.browser import Browser
    from tuicontainer.tui.widgets.filter_line import FilterLine

_HELP = {
    "bundles": 'words · ~fuzzy · /regex/ · !not · name:web · about:"an HTTP server"',
    "containers": "words · ~fuzzy · /regex/ · !not · cpu>50 · mem>=10M · status:running · up<5m",
    "activity": "words · ~fuzzy · /regex/ · !not · command:stop · result:failed · took>1",
    "details": "words · ~fuzzy · /regex/ · !not · stream:stderr · id:web · time>14:30",
    "find": "text or /regex/ · enter keeps it, then n and N go on · esc ends the search",
}


class Filtering:
    """One filter line for all panes; each pane keeps its own filter."""

    def __init__(self, screen: Browser) -> None:
        self._screen = screen
        self._pane = ""
        self._finds = False
        self._line: FilterLine | None = None

    @property
    def target(self) -> Table | LogView | None:  # type: ignore[type-arg]
        """What the filter line would filter now."""
        return self._target(self._screen.panes.current)

    @property
    def active(self) -> bool:
        """Whether the line is open, so that keys are text."""
        return self._line is not None

    def open(self, *, find: bool = False) -> None:
        """Show the line with the present filter, or with what is looked for in the log."""
        from tuicontainer.tui.widgets.filter_line import FilterLine

        target = self.target
        if target is None or self._line is not None:
            return
        self._pane = self._screen.panes.current
        self._finds = find and isinstance(target, LogView)
        present = target.search if self._finds and isinstance(target, LogView) else target.filter
        hint = "find in the log" if self._finds else "filter"
        self._line = FilterLine(present, hint, self._finish)
        self._explain(None)
        self._screen.query_one("#bottom").mount(self._line, before=0)
        # Not `Widget.focus`, which waits for its turn: the next key is for the line already.
        self._screen.set_focus(self._line)

    def apply(self, text: str) -> None:
        """Filter by what is typed, or look for it."""
        if self._line is not None:
            self._explain(self._set(self._pane, text))

    def _set(self, pane: str, text: str) -> InvalidArgument | None:
        """Filter or search a pane; return why it can't be done: the last filter stays then."""
        target = self._target(pane)
        try:
            if self._finds and isinstance(target, LogView):
                if text != target.search:
                    target.set_search(text)
            elif target is not None:
                target.set_filter(text)
        except InvalidArgument as error:
            return error
        finally:
            self._screen.painter.paint_count()
        return None

    def _explain(self, error: InvalidArgument | None) -> None:
        """Say in the footer what can be typed, or what is wrong with it."""
        if error is None:
            note: Line = ((f" {_HELP['find' if self._finds else self._pane]}", "dim"),)
        else:
            note = ((f" {error.message}", "bad"), (f"  {error.hint}", "dim"))
        self._screen.query_one(Footer).show_note(note)

    def _finish(self, text: str | None) -> None:
        """Take the line away; with a *text* the cursor goes to its first match."""
        if self._line is None:
            return
        pane, self._pane = self._pane, ""
        line, self._line = self._line, None
        # What was typed last may not have been applied yet.
        self._set(pane, text or "")
        self._screen.query_one(Footer).show_note(())
        target = self._target(pane)
        if text is not None and isinstance(target, Table):
            target.move_to(0)
        if line.has_focus:
            self._screen.focus_pane(pane)
        line.remove()

    def clear(self) -> bool:
        """Clear search or filter of the pane that has the keys; return whether there was one."""
        target = self.target
        if isinstance(target, LogView) and target.search:
            target.set_search("")
        elif target is None or not target.filter:
            return False
        else:
            target.set_filter("")
        self._screen.painter.paint_count()
        return True

    def _target(self, pane: str) -> Table | LogView | None:  # type: ignore[type-arg]
        if pane == "bundles":
            return self._screen.bundles
        if pane == "containers":
            return self._screen.containers
        if pane == "activity":
            return self._screen.activity
        if pane == "details" and self._screen.details.tab == "logs":
            return self._screen.details.logs
        return None
