"""Where to save what is shown: one line for the path, and what is wrong with it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tuicontainer.errors import TuiContainerError
from tuicontainer.tui.own_files import write_new_file


def propose_path(name: str, now_ns: int) -> str:
    """Return a path in the present folder for what is called *name*, with the time."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(now_ns // 1_000_000_000))
    return os.path.join(os.curdir, f"{name}-{moment}.log")


class SaveDialog(ModalScreen[str]):
    """Writes the file and gives back its path; None when left."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave", id="save.leave"),
    ]

    def __init__(self, path: str, texts: Callable[[], Iterable[str]]) -> None:
        """Propose *path* for the lines that *texts* returns when they are written."""
        super().__init__()
        self._path = path
        self._texts = texts

    def compose(self) -> ComposeResult:
        """Yield the line, what is wrong, and the keys."""
        box = Vertical(
            Input(self._path, compact=True, select_on_focus=False, id="save-path"),
            Label("", id="form-result", markup=False),
            Label("enter saves what is shown · esc leaves", id="form-keys"),
            id="form",
        )
        box.border_title = "Save to a file"
        yield box

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Write the file, or say why that can't be."""
        path = os.path.expanduser(message.value.strip())
        try:
            write_new_file(path, self._texts())
        except TuiContainerError as error:
            result = self.query_one("#form-result", Label)
            result.update(f"{error.message}\n{error.hint}".rstrip())
            result.set_class(True, "-wrong")
            return
        self.dismiss(os.path.abspath(path))
