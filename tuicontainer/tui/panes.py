"""Which pane has the keys, which are zoomed, hidden or in front, and how large they are."""

from __future__ import annotations

from collections.abc import Sequence

from textual.screen import Screen
from textual.widget import Widget

from tuicontainer.tui.widgets.details import Details
from tuicontainer.tui.widgets.terminals import Terminals

ORDER = ("bundles", "containers", "gauges", "details", "terminals", "activity")
"""As `tab` goes through them."""
ROWS = {
    "upper": ("bundles", "containers"),
    "lower": ("gauges", "details", "terminals"),
    "lowest": ("activity",),
}
"""On narrow terminals only one of each row is seen; that of terminals always has its row alone."""
NARROW = 78
"""Columns below which that is so."""
_LEAST_WIDTH, _LEAST_HEIGHT = 16, 4
"""No pane gets smaller than this by resizing."""


class Panes:
    """The panes of the main screen; activity and terminals are hidden until they are asked for."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self.current = ORDER[0]
        """Name of the pane that has the keys."""
        self.zoomed = False
        self.hidden = {"activity", "terminals"}
        self._covered = False
        """Whether terminals lie over gauges and details."""
        self._shares: dict[str, float] = {}
        """Width of the left panes and height of the upper row, as shares of the screen."""
        self._noticed = ""

    def pane(self, name: str) -> Widget:
        """Return the pane's widget."""
        return self._screen.query_one(f"#{name}")

    def focus(self, name: str) -> None:
        """Give the keys to a pane and bring it to the front."""
        self._bring_to_front(name)
        pane = self.pane(name)
        target = pane.view if isinstance(pane, Details | Terminals) else pane
        # Not `Widget.focus`, which waits for its turn: a key that is typed next must go there.
        self._screen.set_focus(target, scroll_visible=False)

    def beside(self, by: int) -> str:
        """Return the name of the next or the previous pane that isn't hidden."""
        shown = [name for name in ORDER if name not in self.hidden]
        return shown[(shown.index(self.current) + by) % len(shown)]

    def noticed(self, widget: Widget) -> bool:
        """Take note that *widget* got the keys; return whether it belongs to another pane."""
        name = next((node.id for node in widget.ancestors_with_self if node.id in ORDER), None)
        if name is None or name == self._noticed:
            return False
        self._noticed = name
        self._bring_to_front(name)
        return True

    def toggle_zoom(self) -> None:
        """Let the pane that has the keys fill the screen, or all be seen again."""
        self.zoomed = not self.zoomed
        self._bring_to_front(self.current)

    def hide(self) -> str:
        """Hide the pane that has the keys; return the one that gets them, empty if it is the last.

        A hidden pane comes back when it is chosen by its number.
        """
        gone = self.current
        if len(self.hidden) == len(ORDER) - 1:
            return ""
        self.zoomed = False
        heir = self.beside(1)
        self.hidden.add(gone)
        return heir

    def restore(self) -> None:
        """Show all panes in their usual sizes."""
        # Terminals stay hidden if there are none.
        self.hidden = ({"activity"} | (self.hidden & {"terminals"})) - {self.current}
        self._shares.clear()
        self.zoomed = False
        self._bring_to_front(self.current)

    def drop_terminals(self) -> None:
        """Hide the pane of terminals: there are none any more."""
        before = self.current
        self.hidden.add("terminals")
        self._bring_to_front("details")
        if before != "terminals":
            self._bring_to_front(before)

    def resize(self, columns: int, lines: int) -> None:
        """Move the line between left and right, or between upper and lower panes."""
        size = self._screen.size
        if columns and size.width and self.current not in ("activity", "terminals"):
            left = ROWS["upper" if self.current in ROWS["upper"] else "lower"][0]
            width = self.pane(left).outer_size.width + columns
            self._shares[left] = _within(width, _LEAST_WIDTH, size.width) / size.width
        if lines and size.height:
            height = self.pane("upper").outer_size.height + lines
            self._shares["upper"] = _within(height, _LEAST_HEIGHT, size.height - 2) / size.height
        self.fit()

    def arrange(self) -> None:
        """Set the classes by which the stylesheet lays the panes out."""
        self._bring_to_front("containers")
        self._bring_to_front("details")
        self._bring_to_front(ORDER[0])

    def fit(self) -> None:
        """Give panes the sizes that were chosen, as far as the screen has room for them."""
        size = self._screen.size
        whole = self.zoomed or size.width < NARROW
        for name in ("bundles", "gauges"):
            share = self._shares.get(name, 0)
            free = whole or not share or self.pane(name).has_class("-alone")
            self.pane(name).styles.width = None if free else round(share * size.width)
        upper, share = self.pane("upper"), self._shares.get("upper", 0)
        free = self.zoomed or not share or upper.has_class("-alone")
        upper.styles.height = None if free else round(share * size.height)

    def _bring_to_front(self, name: str) -> None:
        self.current = name
        self.hidden.discard(name)
        if name in ROWS["lower"]:
            self._covered = name == "terminals"
        self._screen.set_class(self.zoomed, "-zoom")
        shown_by_row = {row: self._shown(members) for row, members in ROWS.items()}
        for row, members in ROWS.items():
            shown = shown_by_row[row]
            others = [one for one in ROWS if one not in (row, "lowest") and shown_by_row[one]]
            widget = self.pane(row)
            widget.set_class(not shown, "-hidden")
            widget.set_class(not others, "-alone")
            widget.set_class(self.zoomed and name in members, "-zoomed")
            for member in members:
                pane = self.pane(member)
                if name in members:
                    pane.set_class(member == name, "-front")
                pane.set_class(member not in shown, "-hidden")
                pane.set_class(shown == [member], "-alone")
                pane.set_class(self.zoomed and member == name, "-zoomed")
            if len(shown) == 1:
                self.pane(shown[0]).add_class("-front")
        self.fit()

    def _shown(self, members: Sequence[str]) -> list[str]:
        """Return those of a row that aren't hidden, nor covered by terminals or covering others."""
        shown = [member for member in members if member not in self.hidden]
        covered = self._covered and "terminals" in shown
        return [member for member in shown if (member == "terminals") == covered]


def _within(value: int, least: int, whole: int) -> int:
    return max(least, min(value, whole - least))
