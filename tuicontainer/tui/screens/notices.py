"""The history of notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tuicontainer.tui.notices import Notice
from tuicontainer.tui.quantities import clock
from tuicontainer.tui.spans import printable
from tuicontainer.tui.widgets.columns import Column
from tuicontainer.tui.widgets.table import Table


class NoticeTable(Table[Notice]):
    """One notice a row, newest first."""

    COLUMNS: ClassVar[tuple[Column[Notice], ...]] = (
        Column(
            key="time",
            title="TIME",
            width=8,
            rank=1,
            cell=lambda notice: ((clock(notice.time_ns), "dim"),),
            value=lambda notice: notice.time_ns,
            unit="number",
        ),
        Column(
            key="kind",
            title="WHAT",
            width=14,
            rank=2,
            cell=lambda notice: ((notice.title, "bad" if notice.severe else "warning"),),
            value=lambda notice: notice.title,
        ),
        Column(
            key="text",
            title="HOW IT WAS",
            width=20,
            most=140,
            rank=0,
            cell=lambda notice: ((printable(notice.text), "text"),),
            value=lambda notice: notice.text,
        ),
    )

    def key_of(self, item: Notice) -> str:
        """Return its number."""
        return str(item.number)

    def words_of(self, item: Notice) -> str:
        """Return all of its texts."""
        return f"{item.title} {item.text}".lower()


class NoticesScreen(ModalScreen[str]):
    """Gives back the container to go to; None when closed."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,exclamation_mark", "dismiss(None)", "close", id="notices.close"),
        Binding("enter", "go", "go to the container", id="notices.go"),
    ]

    def __init__(self, notices: Sequence[Notice]) -> None:
        super().__init__()
        self._table = NoticeTable(id="settings-table")
        self._table.empty = (
            "No notices in this session.",
            "Told here are kills for want of memory, programs that fail by themselves, pressure.",
            "The settings (,) say which, and whether by toast, bell or desktop notification.",
        )
        self._table.set_items(list(reversed(notices)))

    def compose(self) -> ComposeResult:
        """Yield the box."""
        box = Vertical(self._table, id="settings")
        box.border_title = "Notices"
        box.border_subtitle = "enter goes to the container · esc closes"
        yield box

    def on_mount(self) -> None:
        """Give the keys to the list."""
        self._table.focus()

    def action_go(self) -> None:
        """Go to the container that the notice is about."""
        notice = self._table.current
        self.dismiss(None if notice is None else notice.container)

    def on_table_opened(self) -> None:
        """A notice was clicked twice."""
        self.action_go()
