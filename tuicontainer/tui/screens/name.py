"""The question that is answered by typing a name: for verbs whose policy is `name`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tuicontainer.tui.spans import Line, fitted
from tuicontainer.tui.widgets.graphs import SizedView


class NameDialog(ModalScreen[bool]):
    """Says what will happen and goes on only when the right word is typed."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "leave", id="name.leave"),
    ]

    def __init__(self, title: str, lines: Sequence[Line], word: str) -> None:
        super().__init__()
        self._heading = title
        self._lines_to_show = lines
        self._word = word

    def compose(self) -> ComposeResult:
        """Yield what will happen, the line to type in, and the keys."""
        view = SizedView(classes="message")
        view.can_focus = False
        view.styles.height = len(self._lines_to_show)
        view.show_made(lambda width, height: [fitted(x, width) for x in self._lines_to_show])  # noqa: ARG005
        box = Vertical(
            view,
            Input(placeholder=f"type {self._word}", compact=True, id="name-typed"),
            Label("", id="form-result", markup=False),
            Label(f"type {self._word} and enter · esc leaves", id="form-keys", markup=False),
            id="form",
        )
        box.border_title = Content(self._heading)
        yield box

    def on_mount(self) -> None:
        """Give the keys to the line."""
        self.query_one(Input).focus()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Go on if the word is right."""
        if message.value.strip() == self._word:
            self.dismiss(True)
            return
        result = self.query_one("#form-result", Label)
        result.update(f"that isn't {self._word}")
        result.set_class(True, "-wrong")
