"""One terminal, drawn: changed lines only, at most thirty times a second.

While it *types*, every key but the one that leaves it belongs to the program.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from tuicontainer.errors import TuiContainerError, describe_failure
from tuicontainer.tui.keymap import SCROLLING
from tuicontainer.tui.palette import Colored
from tuicontainer.tui.terminal import modes, mouse
from tuicontainer.tui.terminal.keys import key_bytes, paste_bytes
from tuicontainer.tui.terminal.link import Link
from tuicontainer.tui.terminal.screen import BLANK
from tuicontainer.tui.terminal.styles import Styles

if TYPE_CHECKING:
    from tuicontainer.engine.api import TerminalSession

FRAME = 1 / 30
"""Seconds between two drawings."""
_WHEEL_LINES = 3
_MOST_EARLY = 4096
"""Bytes typed before the program is there that are kept for it."""
Open = Callable[[int, int], Awaitable["TerminalSession"]]
"""Opens the session for so many rows and columns."""


class TerminalView(Widget, can_focus=True):
    """A program's screen, and what scrolled out of it."""

    BINDINGS: ClassVar[list[BindingType]] = list(SCROLLING)

    class Told(Message):
        """Title, end or scrolling changed: the frame says it."""

    class Failed(Message):
        """The session couldn't be opened."""

        def __init__(self, view: TerminalView, error: TuiContainerError) -> None:
            super().__init__()
            self.view = view
            self.error = error

    class Ended(Message):
        """The program has ended, or nobody supervises it any more."""

        def __init__(self, view: TerminalView) -> None:
            super().__init__()
            self.view = view

    def __init__(self, name: str, open_session: Open) -> None:
        """Make the terminal called *name*; its session is opened when its size is known."""
        super().__init__()
        self.title = name
        self.link: Link | None = None
        self.typing = False
        self._open = open_session
        self._opening = False
        self._early = b""
        self._styles: Styles | None = None
        self._back = 0
        self._scrolled = 0
        self._cursor_line = 0
        self._drawn_at = 0.0
        self._frame_waits = False

    # The session

    @property
    def over(self) -> str:
        """Why nothing more comes; empty while the program runs."""
        return "" if self.link is None else self.link.over

    @property
    def back(self) -> int:
        """Lines that the view is scrolled back."""
        return self._back

    def on_resize(self) -> None:
        """Open the session with the first size; tell it of others."""
        rows, columns = self.size.height, self.size.width
        if rows < 1 or columns < 2:
            # Hidden behind another pane: the program needn't know.
            return
        if self.link is not None:
            self.link.resize(rows, columns)
            self._back = 0
            self.refresh()
        elif not self._opening:
            self._opening = True
            self.run_worker(self._run(rows, columns), exit_on_error=False)

    async def _run(self, rows: int, columns: int) -> None:
        try:
            session = await self._open(rows, columns)
        except Exception as error:  # noqa: BLE001 - whatever broke, people get a toast
            if not isinstance(error, TuiContainerError):
                error = describe_failure(error, while_=f"opening `{self.title}`")
            self.post_message(self.Failed(self, error))
            return
        self.link = Link(session, rows, columns, self._changed)
        self.link.type(self._early)
        # The pane may have got another size meanwhile.
        self.on_resize()
        await self.link.run()
        self.post_message(self.Ended(self))

    def _changed(self) -> None:
        if self._frame_waits:
            return
        wait = self._drawn_at + FRAME - time.monotonic()
        if wait <= 0:
            self._draw_changes()
        else:
            self._frame_waits = True
            self.set_timer(wait, self._draw_changes)

    def _draw_changes(self) -> None:
        self._frame_waits = False
        self._drawn_at = time.monotonic()
        assert self.link is not None
        screen = self.link.screen
        if self._back:
            # Whoever reads isn't moved by what is written.
            self._look_back(self._back + screen.scrolled - self._scrolled)
        self._scrolled = screen.scrolled
        lines = screen.dirty | {self._cursor_line, screen.cursor.y}
        self._cursor_line = screen.cursor.y
        screen.dirty = set()
        if not self._back:
            width = self.size.width
            self.refresh(*(Region(0, y, width, 1) for y in lines))
        self.post_message(self.Told())

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Return one line of the view."""
        width = self.size.width
        text = cast("Colored", self.app).palette.style("text", "ground")
        if self.link is None or y >= self.link.screen.lines:
            return Strip.blank(width, text)
        if self._styles is None:
            self._styles = Styles(text)
        screen, line = self.link.screen, y - self._back
        cursor = -1
        if line == screen.cursor.y and self.typing and not screen.cursor.hidden and not self.over:
            cursor = min(screen.cursor.x, screen.columns - 1)
        inverted = modes.REVERSE_SCREEN in screen.private
        strip = self._strip(line, cursor, inverted=inverted)
        selection = self.text_selection
        if selection is not None:
            strip = self._selected(strip, selection, y)
        return strip.crop_extend(0, width, text).apply_offsets(0, y)

    def _strip(self, line: int, cursor: int, *, inverted: bool) -> Strip:
        assert self.link is not None
        assert self._styles is not None
        screen, style = self.link.screen, self._styles.style
        row = screen.row(line)
        get = row.get
        segments: list[Segment] = []
        run: list[str] = []
        pen = get(0, BLANK).pen
        for x in range(screen.columns):
            cell = get(x, BLANK)
            if x == cursor or (x and x == cursor + 1) or (cell.pen is not pen and cell.pen != pen):
                if run:
                    segments.append(
                        Segment("".join(run), style(pen, inverted=inverted != (x == cursor + 1)))
                    )
                run, pen = [], cell.pen
            run.append(cell.data)
        last = screen.columns == cursor + 1
        segments.append(Segment("".join(run), style(pen, inverted=inverted != last)))
        return Strip(segments)

    def notify_style_update(self) -> None:
        """Forget colours: the theme changed."""
        super().notify_style_update()
        self._styles = None

    # Selecting text

    @property
    def allow_select(self) -> bool:
        """Whether the mouse selects text: not while the program wants the mouse."""
        return self.link is None or not mouse.wanted(self.link.screen.private)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, for copying."""
        if self.link is None:
            return None
        screen = self.link.screen
        text = "\n".join(screen.text(y - self._back) for y in range(screen.lines))
        return selection.extract(text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - redrawn whole
        """Show the selection as it grows."""
        self.refresh()

    def _selected(self, strip: Strip, selection: Selection, y: int) -> Strip:
        span = selection.get_span(y)
        if span is None:
            return strip
        end = strip.cell_length if span[1] == -1 else min(span[1], strip.cell_length)
        if span[0] >= end:
            return strip
        before, selected, after = strip.divide([span[0], end, strip.cell_length])
        style = self.screen.get_component_rich_style("screen--selection")
        return Strip.join([before, selected.apply_style(style), after])

    # Keys

    def type(self, data: bytes) -> None:
        """Send *data* to the program, and look at its end again."""
        if self.link is None:
            # Fingers are faster than the start of a program.
            self._early = (self._early + data)[:_MOST_EARLY]
        elif data:
            self._look_back(0)
            self.link.type(data)

    def set_typing(self, *, typing: bool) -> None:
        """Let keys go to the program, or not."""
        typing = typing and not self.over
        if typing != self.typing:
            self.typing = typing
            self.refresh()
            self._tell_focus()
            self.post_message(self.Told())

    def _tell_focus(self) -> None:
        if self.link is not None and modes.FOCUS in self.link.screen.private:
            self.link.type(b"\x1b[I" if self.typing else b"\x1b[O")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Scroll by keys only while they aren't the program's."""
        return not self.typing

    def on_key(self, event: events.Key) -> None:
        """Send a key to the program."""
        if self.typing:
            event.stop()
            event.prevent_default()
            private = frozenset() if self.link is None else self.link.screen.private
            self.type(key_bytes(event.key, event.character, private))

    def on_paste(self, event: events.Paste) -> None:
        """Send pasted text to the program."""
        if self.typing and self.link is not None:
            event.stop()
            self.type(paste_bytes(event.text, self.link.screen.private))

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Type here; tell the program where, if it wants to know."""
        self.set_typing(typing=True)
        self._tell_button(event, released=False)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Tell the program, if it wants to know."""
        self._tell_button(event, released=True)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell the program, if it wants to know."""
        if self.typing and self.link is not None:
            button = event.button - 1 if event.button else None
            private = self.link.screen.private
            self.link.type(mouse.move(button, event.x, event.y, private, held=_held(event)))

    def _tell_button(self, event: events.MouseEvent, *, released: bool) -> None:
        if self.typing and self.link is not None and 1 <= event.button <= 3:
            private = self.link.screen.private
            report = mouse.press(
                event.button - 1, event.x, event.y, private, held=_held(event), released=released
            )
            self.link.type(report)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll back, or let the program scroll."""
        self._wheel(event, mouse.WHEEL_UP)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll on, or let the program scroll."""
        self._wheel(event, mouse.WHEEL_DOWN)

    def _wheel(self, event: events.MouseEvent, button: int) -> None:
        event.stop()
        if self.link is None:
            return
        private, up = self.link.screen.private, button == mouse.WHEEL_UP
        if mouse.wanted(private):
            self.link.type(mouse.press(button, event.x, event.y, private, held=_held(event)))
        elif self.link.screen.alternate and modes.WHEEL_AS_KEYS in private:
            self.link.type(key_bytes("up" if up else "down", None, private) * _WHEEL_LINES)
        else:
            self._look_back(self._back + (_WHEEL_LINES if up else -_WHEEL_LINES))

    # Moving, while the keys aren't the program's

    def _look_back(self, back: int) -> None:
        """Look at what scrolled out *back* lines ago."""
        history = 0 if self.link is None else len(self.link.screen.history)
        back = max(0, min(back, history))
        if back != self._back:
            self._back = back
            self.refresh()
            self.post_message(self.Told())

    def action_line_up(self) -> None:
        """Look one line back."""
        self._look_back(self._back + 1)

    def action_line_down(self) -> None:
        """Look one line on."""
        self._look_back(self._back - 1)

    def action_page(self, pages: float) -> None:
        """Look back by a share of the height, if negative, or on."""
        self._look_back(self._back - int(pages * self.size.height))

    def action_top(self) -> None:
        """Look at the oldest line."""
        self._look_back(1 << 30)

    def action_bottom(self) -> None:
        """Look at the end."""
        self._look_back(0)

    def action_sideways(self, columns: int) -> None:
        """Do nothing: a terminal is as wide as its pane."""


def _held(event: events.MouseEvent) -> int:
    return 4 * event.shift + 8 * event.meta + 16 * event.ctrl
