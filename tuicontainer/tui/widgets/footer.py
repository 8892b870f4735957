"""The last line: keys and what they do now; what the state forbids is faint."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events

from tuicontainer.record import Record
from tuicontainer.tui.spans import Line, fitted
from tuicontainer.tui.widgets.graphs import SizedView

_PINNED = ("program.help", "program.quit")
"""Shown at the right at any width."""


class KeyHint(Record):
    """One entry."""

    id: str
    key: str
    text: str
    enabled: bool
    action: str


def footer_line(hints: Iterable[KeyHint], width: int) -> tuple[Line, list[tuple[int, int, str]]]:
    """Return the footer for *width* columns and, for the mouse, (from, to, action) of its keys."""
    hints = list(hints)
    pinned = [hint for hint in hints if hint.id in _PINNED]
    room = width - sum(_width(hint) for hint in pinned)
    line: Line = ()
    places: list[tuple[int, int, str]] = []
    used = 0
    for hint in hints:
        if hint.id in _PINNED:
            continue
        if used + _width(hint) > room:
            break
        line = (*line, *_spans(hint))
        places.append((used, used + _width(hint), hint.action))
        used += _width(hint)
    line = (*line, (" " * (room - used), "text"))
    used = room
    for hint in pinned:
        line = (*line, *_spans(hint))
        places.append((used, used + _width(hint), hint.action))
        used += _width(hint)
    return line, places


def _width(hint: KeyHint) -> int:
    return len(hint.key) + len(hint.text) + 3


def _spans(hint: KeyHint) -> Line:
    if not hint.enabled:
        return ((f" {hint.key} {hint.text} ", "faint"),)
    return ((f" {hint.key}", "key"), (f" {hint.text} ", "text"))


class Footer(SizedView, can_focus=False):
    """Draws `footer_line`; a click does what the key does."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: list[tuple[int, int, str]] = []
        self._hints: list[KeyHint] = []
        self._note: Line = ()

    def show_hints(self, hints: list[KeyHint]) -> None:
        """Show what the keys do now."""
        self._hints = hints
        self.show_made(self._made)

    def show_note(self, note: Line) -> None:
        """Show a line of text instead of the keys, until it is empty."""
        self._note = note
        self.show_made(self._made)

    def _made(self, width: int, height: int) -> list[Line]:  # noqa: ARG002 - one line
        if self._note:
            self._places = []
            return [fitted(self._note, width)]
        line, self._places = footer_line(self._hints, width)
        return [line]

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        for left, right, action in self._places:
            if left <= event.x < right:
                await self.screen.run_action(action)
