"""Where to save what is shown: one line for the path, and what is wrong with it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tuicontainer.errors import TuiContainerError
from tuicontainer.tui.own_files import open_new_file, write_new_file

ResultT = TypeVar("ResultT")


def propose_path(name: str, now_ns: int, ending: str = ".log") -> str:
    """Return a path in the present folder for what is called *name*, with the time."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(now_ns // 1_000_000_000))
    return os.path.join(os.curdir, f"{name}-{moment}{ending}")


class PathDialog(ModalScreen[ResultT]):
    """Asks for the path of a new file until one can be used; None when left."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave", id="save.leave"),
    ]

    TITLE_TEXT: ClassVar[str]
    KEYS_TEXT: ClassVar[str]

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def use(self, path: str) -> ResultT:
        """Make the file; return what the dialog gives back.

        Raises:
            AlreadyExists, PermissionDenied: the path can't be used.
        """
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Yield the line, what is wrong, and the keys."""
        box = Vertical(
            Input(self._path, compact=True, select_on_focus=False, id="save-path"),
            Label("", id="form-result", markup=False),
            Label(self.KEYS_TEXT, id="form-keys"),
            id="form",
        )
        box.border_title = self.TITLE_TEXT
        yield box

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Make the file, or say why that can't be."""
        path = os.path.expanduser(message.value.strip())
        try:
            made = self.use(path)
        except TuiContainerError as error:
            result = self.query_one("#form-result", Label)
            result.update(f"{error.message}\n{error.hint}".rstrip())
            result.set_class(True, "-wrong")
            return
        self.dismiss(made)


class SaveDialog(PathDialog[str]):
    """Writes lines to the file and gives back its path."""

    TITLE_TEXT = "Save to a file"
    KEYS_TEXT = "enter saves what is shown · esc leaves"

    def __init__(self, path: str, texts: Callable[[], Iterable[str]]) -> None:
        """Propose *path* for the lines that *texts* returns when they are written."""
        super().__init__(path)
        self._texts = texts

    def use(self, path: str) -> str:
        """Write the file."""
        write_new_file(path, self._texts())
        return os.path.abspath(path)


class RecordDialog(PathDialog[int]):
    """Gives back the descriptor of the new file that a terminal is recorded to."""

    TITLE_TEXT = "Record the terminal (asciicast)"
    KEYS_TEXT = "enter records what is shown, not what is typed · esc leaves"

    def use(self, path: str) -> int:
        """Make the file."""
        return open_new_file(path)
