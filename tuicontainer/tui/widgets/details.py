"""The details of what is chosen: tabs drawn into the frame, one view for each kind of content."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tuicontainer.tui.quantities import clock
from tuicontainer.tui.widgets.graphs import SizedView
from tuicontainer.tui.widgets.lines import LineView
from tuicontainer.tui.widgets.logs import LogView

CONTAINER_TABS = (
    ("logs", "Logs"),
    ("state", "State"),
    ("history", "History"),
    ("inspect", "Inspect"),
)
BUNDLE_TABS = (("about", "About"), ("config", "Config"))
_VIEW_OF = {"logs": "logs", "history": "history", "about": "history"}
_FIRST_DIGIT = 4


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
        views = {"logs": self.logs, "history": self.sized}
        return views.get(_VIEW_OF.get(self.tab, "history" if not self.tab else ""), self.document)

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
            return Content(f"{_FIRST_DIGIT} Details")
        parts: list[Content | tuple[str, str]] = []
        for number, (name, title) in enumerate(self.tabs, _FIRST_DIGIT):
            if parts:
                parts.append(("  ", ""))
            style = "bold $primary" if name == self.tab else "not bold $foreground 60%"
            parts.append((f"{number} {title}", style))
        return Content.assemble(*parts)

    def tab_places(self) -> list[tuple[int, int]]:
        """Return from where to where each tab's title goes, in columns of the pane."""
        # The frame's title begins after its corner, a line and a blank.
        left = 3
        places = []
        for number, (_, title) in enumerate(self.tabs, _FIRST_DIGIT):
            width = len(f"{number} {title}")
            places.append((left, left + width))
            left += width + 2
        return places

    def on_click(self, event: events.Click) -> None:
        """Bring the tab under the mouse to the front."""
        if event.y != 0:
            return
        for (left, right), (name, _) in zip(self.tab_places(), self.tabs, strict=True):
            if left <= event.x < right:
                self.choose(name)
                self.view.focus(scroll_visible=False)
