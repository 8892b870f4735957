"""Jump mode: letters over panes, tabs and rows; typing them goes there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Label

from tuicontainer.record import Record
from tuicontainer.tui.jump import labels
from tuicontainer.tui.panes import ORDER
from tuicontainer.tui.widgets.table import Table

if TYPE_CHECKING:
    from tuicontainer.tui.screens.actions import ActingScreen


class Target(Record):
    """A place on the screen and how to go there."""

    x: int
    y: int
    go: Callable[[], object]


def targets(screen: ActingScreen) -> list[Target]:
    """Return what can be seen of panes, tabs and rows of lists, in this order."""
    found: list[Target] = []
    shown = [name for name in ORDER if screen.panes.pane(name).region.area]
    for name in shown:
        region = screen.panes.pane(name).region
        found.append(Target(x=region.x, y=region.y, go=partial(screen.focus_pane, name)))
    if "details" in shown:
        region = screen.details.region
        for number, left, _ in screen.details.tab_places():
            go = partial(screen.action_tab_number, number)
            found.append(Target(x=region.x + left - 1, y=region.y, go=go))
    for name, table in (("containers", screen.containers), ("bundles", screen.bundles)):
        if name in shown:
            found += _rows(screen, name, table)
    return found


def _rows(screen: ActingScreen, name: str, table: Table) -> list[Target]:  # type: ignore[type-arg]
    content = table.scrollable_content_region
    top = round(table.scroll_y)
    rows: list[Target] = []
    for place in range(content.height - table.FIXED):
        index = top + place
        if index >= len(table.items):
            break

        def go(index: int = index) -> None:
            screen.focus_pane(name)
            table.move_to(index)

        rows.append(Target(x=content.x, y=content.y + table.FIXED + place, go=go))
    return rows


class JumpScreen(ModalScreen[Callable[[], object]]):
    """Gives back how to go to what was chosen; None when left."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave", id="jump.leave", priority=True),
    ]

    def __init__(self, places: Sequence[Target]) -> None:
        super().__init__()
        self._by_label = dict(zip(labels(len(places)), places, strict=True))
        self._typed = ""

    def compose(self) -> ComposeResult:
        """Yield a badge for each place."""
        for label, target in self._by_label.items():
            badge = Label(label, classes="badge", markup=False)
            badge.styles.offset = (target.x, target.y)
            yield badge

    def on_key(self, event: events.Key) -> None:
        """Take letters until they are those of a place; anything else leaves."""
        event.stop()
        typed = self._typed + (event.character or "")
        target = self._by_label.get(typed)
        if target is not None:
            self.dismiss(target.go)
        elif event.character and any(label.startswith(typed) for label in self._by_label):
            self._typed = typed
            for badge in self.query(Label):
                badge.display = str(badge.content).startswith(typed)
        else:
            self.dismiss(None)
