"""The frame of all dialogs: a box over the dimmed main screen, and a line of choices.

`y` or `enter` takes the default, `n` or `esc` leaves without doing anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget

from tuicontainer.tui.spans import Line, Span
from tuicontainer.tui.widgets.graphs import SizedView

ResultT = TypeVar("ResultT")


class Choices(SizedView, can_focus=False):
    """Words side by side, one of them chosen."""

    ALLOW_SELECT = False

    class Taken(Message):
        """A word was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, words: Sequence[str], *, harmful: bool = False) -> None:
        super().__init__(classes="choices")
        self.words = words
        self.chosen = 0
        self._harmful = harmful

    def on_mount(self) -> None:
        """Draw the words."""
        self.show_made(self._line)

    def move(self, by: int) -> None:
        """Choose the next or the previous word."""
        self.chosen = (self.chosen + by) % len(self.words)
        self.show_made(self._line)

    def _line(self, width: int, height: int) -> list[Line]:  # noqa: ARG002 - one line
        spans: list[Span] = []
        for number, word in enumerate(self.words):
            tone = "alert" if self._harmful and number == 0 else "badge"
            spans.append((f"  {word}  ", tone if number == self.chosen else "text"))
            spans.append(("  ", "text"))
        used = sum(len(text) for text, _ in spans[:-1])
        return [((" " * max(0, width - used), "text"), *spans[:-1])]

    def on_click(self, event: events.Click) -> None:
        """Take the word under the mouse."""
        used = sum(len(word) + 6 for word in self.words) - 2
        left = self.size.width - used
        for number, word in enumerate(self.words):
            if left <= event.x < left + len(word) + 4:
                self.post_message(self.Taken(number))
            left += len(word) + 6


class Dialog(ModalScreen[ResultT], Generic[ResultT]):
    """A modal box with a title, content and choices; the first choice is the default."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "accept", "yes", id="dialog.yes", priority=True),
        Binding("enter", "take", "take the choice", id="dialog.take", priority=True),
        Binding("n,escape", "refuse", "no", id="dialog.no", priority=True),
        Binding(
            "left,shift+tab,h", "choose(-1)", "previous choice", id="dialog.previous", priority=True
        ),
        Binding("right,tab,l", "choose(1)", "next choice", id="dialog.next", priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[str], *, harmful: bool = False) -> None:
        super().__init__()
        self._title_text = title
        self.choices = Choices(choices, harmful=harmful)

    def compose(self) -> ComposeResult:
        """Yield the box."""
        box = Vertical(*self.content(), self.choices, id="dialog")
        box.border_title = Content(self._title_text)
        box.border_subtitle = "y or enter does it · n or esc leaves"
        yield box

    def content(self) -> Sequence[Widget]:
        """Return what stands above the choices."""
        raise NotImplementedError

    def accepted(self) -> ResultT:
        """Return what the dialog gives back when its default is taken."""
        raise NotImplementedError

    def action_accept(self) -> None:
        """Take the default."""
        self.dismiss(self.accepted())

    def action_refuse(self) -> None:
        """Leave without doing anything."""
        self.dismiss(None)

    def action_take(self) -> None:
        """Take the chosen word."""
        if self.choices.chosen == 0:
            self.action_accept()
        else:
            self.action_refuse()

    def action_choose(self, by: int) -> None:
        """Choose the next or the previous word."""
        self.choices.move(by)

    def on_choices_taken(self, message: Choices.Taken) -> None:
        """A word was clicked."""
        self.choices.chosen = message.number
        self.action_take()
