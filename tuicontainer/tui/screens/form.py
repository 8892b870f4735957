"""The frame of forms: lines to fill in, and below them what they amount to, as they are typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tuicontainer.errors import TuiContainerError

ResultT = TypeVar("ResultT")


class Form(ModalScreen[ResultT], Generic[ResultT]):
    """Gives back what was filled in; None when left.

    Subclasses say what it means (`meant`) and the command line that does the same (`command`).
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave", id="form.leave"),
    ]

    def __init__(
        self, title: str, fields: Sequence[tuple[str, str]], placeholders: Mapping[str, str]
    ) -> None:
        """Ask for *fields*, pairs of name and title."""
        super().__init__()
        self._heading = title
        self._fields = fields
        self._placeholders = placeholders

    keys_text = "enter does it · esc leaves"

    def meant(self, values: Mapping[str, str]) -> ResultT:
        """Return what the texts mean.

        Raises:
            InvalidArgument: they mean nothing that can be done.
        """
        raise NotImplementedError

    def command(self, meant: ResultT) -> str:
        """Return the command line that does the same."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Yield one line a field, what it amounts to, and the keys."""
        rows = [
            Horizontal(
                Label(title, classes="field-name"),
                Input(placeholder=self._placeholders[name], compact=True, id=f"field-{name}"),
                classes="field",
            )
            for name, title in self._fields
        ]
        box = Vertical(
            *rows,
            Label("", id="form-result", markup=False),
            Label(self.keys_text, id="form-keys", markup=False),
            id="form",
        )
        box.border_title = Content(self._heading)
        yield box

    def on_mount(self) -> None:
        """Show what it amounts to at once."""
        self._show_result()

    def on_input_changed(self) -> None:
        """Show what the form amounts to as it is filled in."""
        self._show_result()

    def on_input_submitted(self) -> None:
        """Give back what is meant, if it means anything."""
        try:
            meant = self.meant(self._values())
        except TuiContainerError:
            self._show_result()
            return
        self.dismiss(meant)

    def _values(self) -> dict[str, str]:
        return {name: self.query_one(f"#field-{name}", Input).value for name, _ in self._fields}

    def _show_result(self) -> None:
        result = self.query_one("#form-result", Label)
        try:
            meant = self.meant(self._values())
        except TuiContainerError as error:
            result.update(f"{error.message}\n{error.hint}".rstrip())
            result.set_class(True, "-wrong")
            return
        result.set_class(False, "-wrong")
        result.update(f"$ {self.command(meant)}")
