"""What a container wrote: follows the end, but never moves under a reader who scrolled up."""

from __future__ import annotations

from collections.abc import Iterable

from textual.message import Message

from tuicontainer.supervise.views import LogLine
from tuicontainer.tui.quantities import clock
from tuicontainer.tui.spans import Line
from tuicontainer.tui.widgets.lines import LineView

KEPT_LINES = 5000
"""Older ones are dropped from the view (never from the log)."""
_SLACK = 500
_LONGEST = 16 << 10
"""Characters of one line; parts of an endless line start a new one."""
_MARGIN = 11
"""Columns before the text: time, stream."""


class LogView(LineView):
    """The lines of one container, standard error marked at the margin."""

    class Changed(Message):
        """Whether it follows, or how many lines wait below, is different."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._all: list[LogLine] = []
        self._shown: list[LogLine] = []
        self.filter = ""
        self.follows = True
        """New lines move the view: the reader is at the end."""
        self.unseen = 0
        """Lines that came since the reader scrolled up."""
        self.nothing = "no output yet"

    def clear(self, nothing: str) -> None:
        """Forget all lines; *nothing* says so until there are some."""
        self.nothing = nothing
        self._all.clear()
        self._shown.clear()
        self.unseen = 0
        self.follows = True
        self._widest = 0
        self.repaint()
        self.resize_content()
        self.scroll_home(animate=False)

    def add(self, lines: Iterable[LogLine]) -> None:
        """Append lines: one repaint and at most one layout for all of them."""
        before = len(self._shown)
        for line in lines:
            self._append(line)
        self._drop_oldest()
        if before == 0:
            self._strips.clear()
        self._widest = max(
            self._widest,
            max((len(line.text) + _MARGIN for line in self._shown[before:]), default=0),
        )
        self.resize_content()
        if self.follows:
            for index in range(max(0, before - 1), len(self._shown)):
                self.repaint_line(index)
            self.scroll_end(animate=False, x_axis=False)
        else:
            self.unseen += max(0, len(self._shown) - before)
            self.post_message(self.Changed())

    def set_filter(self, text: str) -> None:
        """Show only the lines that contain every word of *text*, in any case."""
        if text == self.filter:
            return
        self.filter = text
        self._shown = [line for line in self._all if self._passes(line)]
        self.repaint()
        self.resize_content()
        self.scroll_end(animate=False, x_axis=False)

    def line_count(self) -> int:
        """Return the lines that pass the filter, or one that says there is none."""
        return len(self._shown) or 1

    def line_at(self, index: int) -> Line:
        """Return one line with its time and stream."""
        if not self._shown:
            return ((f" {'nothing matches the filter' if self.filter else self.nothing}", "dim"),)
        # Regular expressions are compiled when the first line is drawn, not at the start.
        from tuicontainer.tui.ansi import decoded

        line = self._shown[index]
        stderr = line.stream == "stderr"
        again = index > 0 and self._shown[index - 1].instance != line.instance
        return (
            (clock(line.time_ns), "accent" if again else "faint"),
            (" ┃ " if stderr else " │ ", "stderr" if stderr else "faint"),
            *decoded(line.text, "stderr" if stderr else "text"),
        )

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow from when the reader is at the end until the reader leaves it."""
        super().watch_scroll_y(old_value, new_value)
        follows = new_value >= self.max_scroll_y
        if follows:
            self.unseen = 0
        if follows != self.follows:
            self.follows = follows
            self.post_message(self.Changed())

    def on_resize(self) -> None:
        """Stay at the end in a window of another size (the base draws the lines anew)."""
        if self.follows:
            self.scroll_end(animate=False, x_axis=False)

    def _passes(self, line: LogLine) -> bool:
        text = line.text.lower() if self.filter else ""
        return all(word in text for word in self.filter.lower().split())

    def _append(self, line: LogLine) -> None:
        last = self._all[-1] if self._all else None
        if (
            last is not None
            and last.partial
            and (last.stream, last.instance) == (line.stream, line.instance)
            and len(last.text) < _LONGEST
        ):
            joined = last.replace(text=last.text + line.text, partial=line.partial)
            self._all[-1] = joined
            if self._shown and self._shown[-1] is last:
                self._shown[-1] = joined
                self._strips.pop(len(self._shown) - 1, None)
            return
        self._all.append(line)
        if self._passes(line):
            self._shown.append(line)

    def _drop_oldest(self) -> None:
        """Keep the buffer bounded; what the reader looks at stays where it is."""
        surplus = len(self._all) - KEPT_LINES
        if surplus < _SLACK:
            return
        gone = sum(1 for line in self._all[:surplus] if self._passes(line))
        del self._all[:surplus]
        del self._shown[:gone]
        self._strips.clear()
        if not self.follows:
            self.scroll_to(y=max(0, self.scroll_y - gone), animate=False, immediate=True)
            self.refresh()
