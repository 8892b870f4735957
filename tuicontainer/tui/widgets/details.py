"""The details of what is chosen: tabs drawn into the frame, one view for each kind of content."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tuicontainer.tui.kernel.tabs import KERNEL_TABS
from tuicontainer.tui.quantities import clock
from tuicontainer.tui.widgets.graphs import SizedView
from tuicontainer.tui.widgets.lines import LineView
from tuicontainer.tui.widgets.logs import LogView

CONTAINER_TABS = (
    ("logs", "Logs"),
    ("state", "State"),
    ("history", "History"),
    ("inspect", "Inspect"),
    *KERNEL_TABS,
)
BUNDLE_TABS = (("about", "About"), ("config", "Config"), ("lint", "Lint"))
_DIGITS = "4567890"
"""Of the first tabs; the others are reached from beside them."""
_APART = 2
"""Columns between two titles."""


class Details(Widget):
    """Tabs about a container, or about a bundle."""

    class TabChanged(Message):
        """Another tab is in front."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tabs: Sequence[tuple[str, str]] = ()
        self._chosen = {"container": "logs", "bundle": "about"}
        self._kind = "container"
        self._subject = ""
        self.logs = LogView(id="logs")
        self.document = LineView(id="document")
        self.sized = SizedView(id="history")

    def compose(self) -> ComposeResult:
        """Yield the three views; one is shown at a time."""
        for view in (self.logs, self.document, self.sized):
            view.display = False
            yield view

    @property
    def tab(self) -> str:
        """Name of the tab in front; empty when there is nothing to show."""
        return self._chosen[self._kind] if self.tabs else ""

    @property
    def view(self) -> LineView:
        """The view in front."""
        if self.tab == "logs":
            return self.logs
        return self.document if self.tab in ("state", "inspect", "config") else self.sized

    def show_subject(self, kind: str, name: str) -> None:
        """Offer the tabs of a `container` or a `bundle` called *name*, or none of `nothing`."""
        self.name_subject(name)
        tabs = {"container": CONTAINER_TABS, "bundle": BUNDLE_TABS}.get(kind, ())
        if kind in self._chosen:
            self._kind = kind
        if tabs != self.tabs:
            self.tabs = tabs
            self._turn()

    def name_subject(self, name: str) -> None:
        """Say in the frame what the details are of."""
        self._subject = name
        self._show_aside()

    def choose(self, tab: str) -> None:
        """Bring a tab to the front, if it is offered."""
        if tab != self.tab and any(name == tab for name, _ in self.tabs):
            self._chosen[self._kind] = tab
            self._turn()

    def choose_number(self, number: int) -> None:
        """Bring the tab with this place to the front."""
        if number < len(self.tabs):
            self.choose(self.tabs[number][0])

    def turn(self, by: int) -> None:
        """Bring the next or the previous tab to the front."""
        names = [name for name, _ in self.tabs]
        if names:
            self.choose(names[(names.index(self.tab) + by) % len(names)])

    def _turn(self) -> None:
        front = self.view
        self.sized.show_made(lambda width, height: [])  # noqa: ARG005 - what was there is of another tab
        self.sized.scroll_home(animate=False)
        focused = self.screen.focused in (self.logs, self.document, self.sized)
        for view in (self.logs, self.document, self.sized):
            view.display = view is front
        if focused:
            front.focus(scroll_visible=False)
        self.border_title = self._title()
        self._show_aside()
        self.post_message(self.TabChanged())

    def on_log_view_changed(self) -> None:
        """Say when the log doesn't follow, and what to press."""
        self._show_aside()

    def _show_aside(self) -> None:
        self.border_subtitle = Content(" · ".join([*self._log_facts(), self._subject]))

    def _log_facts(self) -> list[str]:
        """Return what is special about how the log is shown now."""
        if self.tab != "logs":
            return []
        logs, facts = self.logs, []
        if logs.filter:
            facts.append(f"{len(logs.book.shown)} of {logs.book.count} match {logs.filter}")
        if logs.filter == "" and logs.has_window:
            facts.append(f"since {clock(logs.book.since_ns or 0)}")
        if logs.search:
            facts.append(f"n N find {logs.search}")
        if logs.wraps:
            facts.append("wrapped")
        if not logs.follows:
            facts.append(f"{logs.unseen} new, G follows" if logs.unseen else "G follows")
        return facts

    def _title(self) -> Content:
        if not self.tabs:
            return Content("4 Details")
        parts: list[Content | tuple[str, str]] = []
        places = self._shown_tabs()
        for number in places:
            name = self.tabs[number][0]
            if parts:
                parts.append((" " * _APART, ""))
            style = "bold $primary" if name == self.tab else "not bold $foreground 60%"
            parts.append((self._label(number), style))
        if places and places[0] > 0:
            parts.insert(0, ("… ", "not bold $foreground 60%"))
        if places and places[-1] < len(self.tabs) - 1:
            parts.append((" …", "not bold $foreground 60%"))
        return Content.assemble(*parts)

    def _label(self, number: int) -> str:
        digit = f"{_DIGITS[number]} " if number < len(_DIGITS) else ""
        return f"{digit}{self.tabs[number][1]}"

    def _shown_tabs(self) -> range:
        """Return the places of the titles that have room: the one in front is always among them."""
        names = [name for name, _ in self.tabs]
        front = names.index(self.tab)
        # The frame takes a corner, a line and a blank on either side; dots stand for the rest.
        room = max(0, self.outer_size.width - 10) or 200
        first = last = front
        used = len(self._label(front))
        for number in [*range(front - 1, -1, -1), *range(front + 1, len(names))]:
            width = len(self._label(number)) + _APART
            if used + width > room:
                if number < front:
                    continue
                break
            if number in (first - 1, last + 1):
                used += width
                first, last = min(first, number), max(last, number)
        return range(first, last + 1)

    def tab_places(self) -> list[tuple[int, int, int]]:
        """Return each shown tab with the columns of the pane from and to which its title goes."""
        # The frame's title begins after its corner, a line and a blank.
        shown = self._shown_tabs() if self.tabs else range(0)
        left = 3 + (2 if shown and shown[0] > 0 else 0)
        places = []
        for number in shown:
            width = len(self._label(number))
            places.append((number, left, left + width))
            left += width + _APART
        return places

    def on_resize(self) -> None:
        """Show as many titles as there is room for now."""
        self.border_title = self._title()

    def on_click(self, event: events.Click) -> None:
        """Bring the tab under the mouse to the front."""
        if event.y != 0:
            return
        for number, left, right in self.tab_places():
            if left <= event.x < right:
                self.choose_number(number)
                self.view.focus(scroll_visible=False)
