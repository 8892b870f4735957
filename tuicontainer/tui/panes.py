"""Which pane has the keys, which is zoomed, and which are in front where not all have room."""

from __future__ import annotations

from textual.screen import Screen
from textual.widget import Widget

from tuicontainer.tui.widgets.details import Details

ORDER = ("bundles", "containers", "gauges", "details")
"""As `tab` goes through them."""
_PAIRS = (("bundles", "containers"), ("gauges", "details"))
"""On narrow terminals only one of each pair is seen."""


class Panes:
    """The four panes of the main screen."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self.current = ORDER[0]
        """Name of the pane that has the keys."""
        self.zoomed = False
        self._noticed = ""

    def pane(self, name: str) -> Widget:
        """Return the pane's widget."""
        return self._screen.query_one(f"#{name}")

    def focus(self, name: str) -> None:
        """Give the keys to a pane and bring it to the front."""
        self._bring_to_front(name)
        pane = self.pane(name)
        target = pane.view if isinstance(pane, Details) else pane
        # Not `Widget.focus`, which waits for its turn: a key that is typed next must go there.
        self._screen.set_focus(target, scroll_visible=False)

    def beside(self, by: int) -> str:
        """Return the name of the next or the previous pane."""
        return ORDER[(ORDER.index(self.current) + by) % len(ORDER)]

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
        self._screen.set_class(self.zoomed, "-zoom")
        self._bring_to_front(self.current)

    def arrange(self) -> None:
        """Set the classes by which the stylesheet lays the panes out."""
        self._bring_to_front("containers")
        self._bring_to_front("details")
        self._bring_to_front(ORDER[0])

    def _bring_to_front(self, name: str) -> None:
        self.current = name
        for pair in _PAIRS:
            if name in pair:
                for member in pair:
                    self.pane(member).set_class(member == name, "-front")
        for member in ORDER:
            self.pane(member).set_class(self.zoomed and member == name, "-zoomed")
