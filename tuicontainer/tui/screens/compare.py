"""The difference between two containers or bundles, over the whole screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tuicontainer.tui.spans import Line
from tuicontainer.tui.widgets.lines import LineView


class CompareScreen(ModalScreen[None]):
    """Shows lines that can be scrolled and copied."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss(None)", "close", id="compare.close"),
    ]

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self._heading = title
        self._view = LineView(id="help-lines")
        self._view.show(lines)

    def compose(self) -> ComposeResult:
        """Yield the box."""
        box = Vertical(self._view, id="help")
        box.border_title = Content(self._heading)
        box.border_subtitle = "j k move · esc closes"
        yield box

    def on_mount(self) -> None:
        """Give the keys to the lines."""
        self._view.focus()
