"""The pane of terminals: one in front, the others as tabs in the frame.

It is there from the start, but what emulates terminals is imported with the first of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from tuicontainer.tui.widgets.terminal import Open, TerminalView

_APART = 2
"""Columns between two titles."""
_RUNNING, _FAINT, _FRONT = "not bold $foreground", "not bold $foreground 60%", "bold $primary"


class Terminals(Widget):
    """Holds terminals until they are closed, whichever container is chosen meanwhile."""

    class Changed(Message):
        """Keys go to a program now, or no more; or there are more or fewer terminals."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.views: list[TerminalView] = []
        self.front: TerminalView | None = None
        self.leave_key = ""
        """What is pressed to leave a terminal, as it is shown."""

    @property
    def typing(self) -> bool:
        """Whether keys go to a program now."""
        front = self.front
        return front is not None and front.typing and self.screen.focused is front

    @property
    def view(self) -> Widget:
        """What gets the keys: the terminal in front."""
        return self.front or self

    def open(self, title: str, open_session: Open) -> TerminalView:
        """Add a terminal, bring it to the front and return it."""
        from tuicontainer.tui.widgets.terminal import TerminalView

        view = TerminalView(title, open_session)
        self.views.append(view)
        self.mount(view)
        self.show(view)
        return view

    def show(self, view: TerminalView) -> None:
        """Bring a terminal to the front."""
        focused = self.screen.focused in self.views
        self.front = view
        for other in self.views:
            other.display = other is view
            if other is not view:
                other.set_typing(typing=False)
        if focused:
            self.screen.set_focus(view, scroll_visible=False)
        self._changed()

    def turn(self, by: int) -> None:
        """Bring the next or the previous terminal to the front."""
        if self.front is not None:
            place = self.views.index(self.front)
            self.show(self.views[(place + by) % len(self.views)])

    def close(self, view: TerminalView) -> None:
        """Leave a terminal for good: a shell in it is hung up, a container goes on."""
        if view not in self.views:
            return
        place = self.views.index(view)
        self.views.remove(view)
        view.remove()
        if view is self.front:
            self.front = None
            if self.views:
                self.front = self.views[min(place, len(self.views) - 1)]
                self.show(self.front)
        self._changed()

    def _changed(self) -> None:
        self.show_frame()
        self.post_message(self.Changed())

    # The frame

    def show_frame(self) -> None:
        """Write tabs and keys into the frame."""
        parts: list[tuple[str, str]] = [("` ", _FAINT)]
        for number, view in enumerate(self.views):
            tone = _FRONT if view is self.front else _FAINT if view.over else _RUNNING
            parts += [(" " * _APART, "")] if number else []
            parts.append((self._label(view), tone))
        self.border_title = Content.assemble(*parts)
        self.border_subtitle = Content(self._aside())

    def _label(self, view: TerminalView) -> str:
        link = view.link
        own = "" if link is None else link.screen.title
        mark = "● " if link is not None and link.recorder is not None else ""
        return f"{mark}{view.title}{f' · {own[:24]}' if own else ''}{' ■' if view.over else ''}"

    def _aside(self) -> str:
        front = self.front
        if front is None:
            return ""
        facts = []
        if front.link is not None and front.link.recorder is not None:
            facts.append("recording")
        if front.back:
            facts.append(f"{front.back} lines back")
        if front.over:
            facts.append(front.over)
            facts.append("x closes")
        elif self.typing:
            facts.append(f"{self.leave_key} leaves, it goes on")
        else:
            facts.append("enter types")
        return " · ".join(facts)

    def on_terminal_view_told(self) -> None:
        """Say what changed about a terminal."""
        self.show_frame()

    def on_descendant_focus(self) -> None:
        """Say what keys do now."""
        self._changed()

    def on_descendant_blur(self) -> None:
        """Say what keys do now; the program gets them again when somebody types here again."""
        for view in self.views:
            view.set_typing(typing=False)
        self._changed()

    def on_click(self, event: events.Click) -> None:
        """Bring the terminal whose title is under the mouse to the front."""
        # The frame's title begins after its corner, a line, a blank and the pane's own key.
        left = 5
        for view in self.views:
            width = len(self._label(view))
            if event.y == 0 and left <= event.x < left + width:
                self.show(view)
                return
            left += width + _APART
