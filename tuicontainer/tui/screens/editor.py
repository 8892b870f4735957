"""Edits a bundle's config.json: what is wrong or risky is listed below it as it is typed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import TextArea

from tuicontainer.errors import TuiContainerError
from tuicontainer.tui.bundle_rows import Row, counted, editor_rows, row_line
from tuicontainer.tui.spans import Line, printable
from tuicontainer.tui.widgets.config_area import ConfigArea
from tuicontainer.tui.widgets.graphs import SizedView

if TYPE_CHECKING:
    from textual.timer import Timer

    from tuicontainer.bundles.editing import BundleText
    from tuicontainer.engine.bundle_work import BundleWork

PAUSE = 0.25
"""Seconds without a stroke after which the text is checked."""
_KEYS = "ctrl+s saves · f8 next, f7 previous problem · ctrl+z undoes · esc closes"
_KEYS_FIXED = "B c makes a copy to edit · f8 next, f7 previous problem · esc closes"


class EditorScreen(ModalScreen[bool]):
    """Gives back whether anything was saved."""

    CSS_PATH = "editor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", id="editor.close", priority=True),
        Binding("ctrl+s", "save", "save", id="editor.save", priority=True),
        Binding("f8,ctrl+n", "problem(1)", "next problem", id="editor.next", priority=True),
        Binding("f7", "problem(-1)", "previous problem", id="editor.previous", priority=True),
    ]

    def __init__(self, work: BundleWork, text: BundleText, *, read_only: bool = False) -> None:
        """Edit *text*, or only show it.

        Args:
            work: checks and saves.
            text: as it was read.
            read_only: refuse to change it.
        """
        super().__init__()
        self._work = work
        self._text = text
        self._fixed = text.fixed or ("this session is read-only" if read_only else "")
        self._area = ConfigArea(id="editor-text")
        self._list = SizedView(id="editor-problems")
        self._list.can_focus = False
        self._rows: list[Row] = []
        self._current = -1
        self._timer: Timer | None = None
        self._asked = ""
        """What was pressed once and does what it warns of when it is pressed again."""
        self._note = ""
        self._saved = False
        self._checked_text: str | None = None
        self._unchanged = ""
        """The text as it was read or saved last, with line ends as the editor has them."""

    @property
    def quiet(self) -> bool:
        """Whether the list is about the text as it is."""
        return self._checked_text == self._area.text

    def compose(self) -> ComposeResult:
        """Yield the text and the list below it."""
        self._box = Vertical(self._area, self._list, id="editor")
        yield self._box

    def on_mount(self) -> None:
        """Show the text and check it."""
        self._area.load_text(self._text.text)
        self._unchanged = self._area.text
        self._area.read_only = bool(self._fixed)
        self._area.focus()
        self._say("")

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Check what is typed, once typing pauses."""
        message.stop()
        self._asked = ""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self._begin_check)
        self._say("")

    def _begin_check(self) -> None:
        self.run_worker(self._check(), group="check", exclusive=True, exit_on_error=False)

    async def _check(self) -> None:
        text = self._area.text
        checked = await self._work.check(text)
        self._rows = await asyncio.to_thread(editor_rows, text, checked)
        self._checked_text = text
        self._current = -1
        self._show_rows()
        self._say(self._note)

    def action_save(self) -> None:
        """Save the text; one with errors only when asked twice."""
        if self._fixed:
            self._say(f"can't be saved: {self._fixed}")
            return
        self.run_worker(self._save(), group="save", exclusive=True, exit_on_error=False)

    async def _save(self) -> None:
        if not self.quiet:
            await self._check()
        errors = any(row.mark == "✗" for row in self._rows)
        if errors and self._asked != "save":
            self._asked = "save"
            self._say(f"{counted(self._rows)}: ctrl+s once more saves it all the same")
            return
        text = self._area.text
        try:
            self._text = await self._work.save(self._text, text)
        except TuiContainerError as error:
            hint = f" → {error.hint}" if error.hint else ""
            self._say(f"not saved: {error.message}{hint}")
            return
        self._asked = ""
        self._saved = True
        self._unchanged = text
        self._say("saved")

    def action_close(self) -> None:
        """Leave; what isn't saved is lost only when asked twice."""
        if self._is_changed and self._asked != "close":
            self._asked = "close"
            self._say("not saved: esc once more throws the changes away")
            return
        self.dismiss(self._saved)

    def action_problem(self, by: int) -> None:
        """Put the cursor where the next or previous problem is."""
        if self._rows:
            start = -1 if by > 0 else 0
            place = self._current if self._current >= 0 else start
            self._current = (place + by) % len(self._rows)
            row = self._rows[self._current]
            self._area.go_to(row.line, row.column)
            self._show_rows()

    @property
    def _is_changed(self) -> bool:
        return self._area.text != self._unchanged

    def _say(self, note: str) -> None:
        """Tell the state in the frame, and *note* or else the keys below."""
        self._note = note
        name = printable(self._text.path.rstrip("/").rpartition("/")[2])
        state = f"read-only: {self._fixed}" if self._fixed else ""
        state = "not saved" if self._is_changed and not state else state
        found = counted(self._rows) if self.quiet else "checking"
        words = [f"{name}/config.json", state, found]
        self._box.border_title = Content(" · ".join(word for word in words if word))
        self._box.border_subtitle = Content(
            printable(note) or (_KEYS_FIXED if self._fixed else _KEYS)
        )

    def _show_rows(self) -> None:
        # One more for the line above.
        self._list.styles.height = min(9, len(self._rows)) + 1
        self._list.show_made(self._lines)

    def _lines(self, width: int, height: int) -> list[Line]:
        """Return the rows around the current one."""
        first = max(0, min(self._current - height // 2, len(self._rows) - height))
        lines = []
        for number, row in enumerate(self._rows[first : first + height], first):
            line = row_line(row, width)
            chosen = ((line[0][0], "badge"), *line[1:]) if number == self._current else line
            lines.append(chosen)
        return lines
