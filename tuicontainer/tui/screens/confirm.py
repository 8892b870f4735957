"""The question before something is lost."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from tuicontainer.tui.screens.dialog import Dialog
from tuicontainer.tui.spans import Line, fitted
from tuicontainer.tui.widgets.graphs import SizedView


class ConfirmDialog(Dialog[bool]):
    """Says what will happen, line by line, and asks once."""

    def __init__(self, title: str, lines: Sequence[Line], do_it: str) -> None:
        super().__init__(title, (do_it, "Cancel"), harmful=True)
        self._lines_to_show = lines

    def content(self) -> Sequence[Widget]:
        """Return what will happen."""
        view = SizedView(classes="message")
        view.can_focus = False
        view.styles.height = len(self._lines_to_show)
        view.show_made(lambda width, height: [fitted(x, width) for x in self._lines_to_show])  # noqa: ARG005
        return [view]

    def accepted(self) -> bool:
        """Return True."""
        return True
