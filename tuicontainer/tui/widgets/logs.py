"""What containers wrote: follows the end, but never moves under a reader who scrolled up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from tuicontainer.supervise.views import LogLine
from tuicontainer.tui.quantities import clock
from tuicontainer.tui.spans import Line, clipped, plain, toned, width_of
from tuicontainer.tui.widgets.lines import LineView

if TYPE_CHECKING:
    from tuicontainer.tui.logbook import Change, Entry, LogBook
    from tuicontainer.tui.rows import RowIndex

TIMES = ("time", "date", "none")
"""What stands before each line, in turn."""
_NAME = 16
"""Columns of a container's name where several write."""
_SOURCE_TONES = ("info", "accent", "good", "warning", "string", "number", "bad", "name")


class LogView(LineView):
    """The lines of one or several containers, standard error marked at the margin."""

    class Changed(Message):
        """Whether it follows, what it shows, or how many lines wait below, is different."""

    class WantsEarlier(Message):
        """The reader is at the first line; there may be older ones in the log.

        Attributes:
            to_top: the reader asked for the very first line.
        """

        def __init__(self, *, to_top: bool) -> None:
            super().__init__()
            self.to_top = to_top

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._book: LogBook | None = None
        self._rows: RowIndex | None = None
        """Where lines are wrapped."""
        self.follows = True
        """New lines move the view: the reader is at the end."""
        self.unseen = 0
        """Lines that came since the reader scrolled up."""
        self.nothing = "no output yet"
        self.wraps = False
        self.times = TIMES[0]
        self.search = ""
        self._pattern: re.Pattern[str] | None = None
        self._hit: Entry | None = None
        """The found line that the reader is at."""

    @property
    def book(self) -> LogBook:
        """The lines."""
        if self._book is None:
            # Its regular expressions are compiled when there is a log, not at the start.
            from tuicontainer.tui.logbook import LogBook

            self._book = LogBook()
        return self._book

    @property
    def filter(self) -> str:
        """What was typed into the filter line; empty if everything passes."""
        return "" if self._book is None else self._book.filter

    @property
    def has_window(self) -> bool:
        """Whether lines before a time are left out."""
        return self._book is not None and self._book.since_ns is not None

    # Lines that come

    def clear(self, nothing: str, sources: Sequence[str] = ()) -> None:
        """Forget all lines; *nothing* says so until there are some of the *sources*."""
        if self._book is not None or sources:
            from tuicontainer.tui.logbook import LogBook

            kept, self._book = self.filter, LogBook(sources)
            self._book.set_filter(kept)
        self.nothing = nothing
        # At once: a request for later would come after the first lines, as if the reader had left.
        self.scroll_home(animate=False, immediate=True)
        self.unseen = 0
        self.follows = True
        self._hit = None
        self._remade()

    def add(self, lines: Iterable[LogLine], source: int = 0) -> None:
        """Append lines: one repaint and at most one layout for all of them."""
        before = len(self.book.shown)
        anchor = None if self.follows else self._top()
        self._show_change(before, self.book.add(lines, source))
        if anchor is not None:
            self._return_to(anchor)
        if self.follows:
            self._to_end()
        else:
            self.unseen += max(0, len(self.book.shown) - before)
            self.post_message(self.Changed())

    def prepend(self, lines: Sequence[LogLine], source: int = 0) -> None:
        """Put older lines above; the reader stays at the line they are at."""
        anchor = self._top()
        self.book.prepend(lines, source)
        self._remade()
        if anchor is not None and not self.follows:
            self._return_to(anchor)
        elif self.follows:
            self._to_end()

    def _to_end(self) -> None:
        """Scroll to the end, soon, even if no layout has given us a scroll bar by then."""
        self.scroll_end(animate=False, x_axis=False, force=True)

    def _show_change(self, before: int, change: Change) -> None:
        if before == 0 or change.inside or change.dropped:
            self._remade()
            return
        if self._rows is not None:
            self._rows.replace_from(change.first, self._heights(change.first))
        else:
            margin = self._margin_width()
            for entry in self.book.shown[change.first :]:
                self._widest = max(self._widest, len(entry.line.text) + margin)
        self.resize_content()
        if self.follows:
            for index in range(self._row_of(change.first), self.line_count()):
                self.repaint_line(index)

    def _remade(self) -> None:
        """Draw everything anew: lines have other places."""
        self._rows = self._made_rows() if self.wraps else None
        margin = self._margin_width()
        shown = () if self._book is None else self._book.shown
        longest = max((len(entry.line.text) for entry in shown), default=0)
        self._widest = 0 if self.wraps else longest + margin
        self.repaint()
        self.resize_content()

    # Where the reader is

    def _top(self) -> tuple[Entry, int, int] | None:
        """Return the line at the top, its place, and which of its rows it is."""
        if not self.book.shown:
            return None
        row = min(max(0, round(self.scroll_y)), self.line_count() - 1)
        place, part = self._locate(row)
        return self.book.shown[place], place, part

    def _return_to(self, anchor: tuple[Entry, int, int]) -> None:
        """Scroll so that the line is at the top again, wherever it is now."""
        entry, place, part = anchor
        shown = self.book.shown
        # Most often nothing was inserted before it.
        if place >= len(shown) or shown[place] is not entry:
            place = next((at for at, other in enumerate(shown) if other is entry), -1)
        if place >= 0:
            row = self._row_of(place) + part
            if row != round(self.scroll_y):
                self.scroll_to(y=row, animate=False, immediate=True)
                self.refresh()

    def _locate(self, row: int) -> tuple[int, int]:
        return (row, 0) if self._rows is None else self._rows.locate(row)

    def _row_of(self, place: int) -> int:
        return place if self._rows is None else self._rows.start(place)

    # What is shown

    def set_filter(self, text: str) -> None:
        """Show only the lines that *text* lets pass.

        Raises:
            InvalidArgument: it means nothing; the filter stays as it was.
        """
        if text.strip() != self.filter:
            self.book.set_filter(text)
            self._chosen()

    def set_window(self, since_ns: int | None) -> None:
        """Show only what was written since then; None shows everything."""
        self.book.set_window(since_ns)
        self._chosen()

    def _chosen(self) -> None:
        self._remade()
        self._to_end()
        self.post_message(self.Changed())
        self.post_message(self.WantsEarlier(to_top=False))

    def toggle_wrap(self) -> None:
        """Break long lines at the edge, or let them go on beyond it."""
        anchor = self._top()
        self.wraps = not self.wraps
        self._rewrap(anchor)

    def turn_times(self) -> None:
        """Show the time of each line, its date and milliseconds too, or neither."""
        anchor = self._top()
        self.times = TIMES[(TIMES.index(self.times) + 1) % len(TIMES)]
        self._rewrap(anchor)

    def _rewrap(self, anchor: tuple[Entry, int, int] | None) -> None:
        self._remade()
        if self.follows:
            self._to_end()
        elif anchor is not None:
            self._return_to((anchor[0], anchor[1], 0))
        self.post_message(self.Changed())

    # Searching and marks

    def set_search(self, text: str) -> None:
        """Look for *text* and go to the last line that has it; an empty one ends the search.

        Raises:
            InvalidArgument: it is a wrong pattern.
        """
        if not text:
            self.search, self._pattern, self._hit = "", None, None
            self.repaint()
            return
        from tuicontainer.tui.logbook import search_pattern

        self._pattern = search_pattern(text)
        self.search = text
        self._hit = None
        self.repaint()
        self.find_next(-1)

    def find_next(self, by: int) -> bool:
        """Go to the next line that has what is looked for; return whether there is one."""
        shown = self.book.shown
        if self._pattern is None or not shown:
            return False
        place = self._place_of_hit(by)
        found = self.book.find(self._pattern, place, by)
        if found is None:
            return False
        self._hit = shown[found]
        self._go_to(found)
        return True

    def _place_of_hit(self, by: int) -> int:
        """Return where to look on: beside the present hit, else from what is seen."""
        for place, entry in enumerate(self.book.shown):
            if entry is self._hit:
                return place + by
        bottom = min(self.line_count(), round(self.scroll_y) + self.size.height) - 1
        return self._locate(bottom if by < 0 else round(self.scroll_y))[0]

    def mark(self, now_ns: int) -> None:
        """Set a mark after the last line."""
        self.book.mark(now_ns)
        self._remade()
        if self.follows:
            self._to_end()

    def find_mark(self) -> bool:
        """Go to the mark above, from the first one to the last; return whether there is one."""
        top = self._top()
        place = None if top is None else self.book.find_mark(top[1] - 1, -1)
        if place is None:
            place = self.book.find_mark(len(self.book.shown) - 1, -1)
        if place is None:
            return False
        self._go_to(place, at_top=True)
        return True

    def _go_to(self, place: int, *, at_top: bool = False) -> None:
        row, height = self._row_of(place), max(1, self.size.height)
        top = round(self.scroll_y)
        if at_top:
            self.scroll_to(y=row, animate=False)
        elif not top <= row < top + height:
            self.scroll_to(y=max(0, row - height // 2), animate=False)
        self.repaint()

    # Drawing

    def line_count(self) -> int:
        """Return the rows, or one that says there is none."""
        shown = 0 if self._book is None else len(self._book.shown)
        return (shown if self._rows is None else self._rows.total) or 1

    def line_at(self, index: int) -> Line:
        """Return one row with its time and stream."""
        if self._book is None or not self._book.shown:
            hidden = self._book is not None and self._book.count > 0
            text = "nothing matches the filter" if hidden else self.nothing
            return ((f" {text}", "dim"),)
        place, part = self._locate(index)
        entry = self._book.shown[place]
        if entry.mark:
            return self._mark_line(entry)
        margin = self._margin(place, entry)
        spans = self._text(entry)
        if self._rows is None:
            return (*margin, *spans)
        from tuicontainer.tui.rows import broken

        row = broken(spans, self._text_width())[part]
        return (*(margin if part == 0 else ((" " * width_of(margin), "text"),)), *row)

    def _text(self, entry: Entry) -> Line:
        from tuicontainer.tui.ansi import decoded

        line = decoded(entry.line.text, "stderr" if entry.line.stream == "stderr" else "text")
        if self._pattern is None:
            return line
        tone = "found-now" if entry is self._hit else "found"
        return toned(line, (match.span() for match in self._pattern.finditer(plain(line))), tone)

    def _margin(self, place: int, entry: Entry) -> Line:
        stderr = entry.line.stream == "stderr"
        before = self.book.shown[place - 1] if place else None
        again = before is not None and (
            before.source == entry.source and before.line.instance != entry.line.instance
        )
        margin: Line = ()
        if self.times != "none":
            margin = ((self._time(entry), "accent" if again else "faint"),)
        if len(self.book.sources) > 1:
            name = clipped(self.book.sources[entry.source], _NAME)
            width = self._name_width()
            tone = _SOURCE_TONES[entry.source % len(_SOURCE_TONES)]
            margin = (*margin, (f" {name:<{width}}"[0 if margin else 1 :], tone))
        sign = (" ┃ " if stderr else " │ ", "stderr" if stderr else "faint")
        return (*margin, sign)

    def _time(self, entry: Entry) -> str:
        if self.times == "time":
            return clock(entry.line.time_ns)
        from tuicontainer.tui.logbook import stamp

        return stamp(entry.line.time_ns)

    def _mark_line(self, entry: Entry) -> Line:
        text = f"── {entry.line.text} · {clock(entry.line.time_ns)} "
        width = self.scrollable_content_region.width
        return ((text + "─" * max(0, width - len(text)), "accent"),)

    def _name_width(self) -> int:
        return max(len(clipped(name, _NAME)) for name in self.book.sources)

    def _margin_width(self) -> int:
        width = {"time": 8, "date": 23, "none": 0}[self.times]
        if self._book is not None and len(self._book.sources) > 1:
            width += self._name_width() + (1 if width else 0)
        return width + 3

    def _text_width(self) -> int:
        return self.scrollable_content_region.width - self._margin_width()

    def _made_rows(self) -> RowIndex:
        from tuicontainer.tui.rows import RowIndex

        return RowIndex(self._heights(0))

    def _heights(self, first: int) -> list[int]:
        from tuicontainer.tui.ansi import decoded
        from tuicontainer.tui.rows import broken, height

        width = self._text_width()
        heights = []
        for entry in self.book.shown[first:]:
            text = entry.line.text
            if entry.mark:
                heights.append(1)
            elif text.isascii() and text.isprintable():
                heights.append(height(text, width))
            else:
                heights.append(len(broken(decoded(text, "text"), width)))
        return heights

    # What Textual tells

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow from when the reader is at the end until the reader leaves it."""
        super().watch_scroll_y(old_value, new_value)
        at_end = new_value >= self.max_scroll_y
        # Down to what was the end when it was asked for isn't away from the end.
        follows = at_end or (self.follows and new_value > old_value)
        if at_end:
            self.unseen = 0
        if follows != self.follows:
            self.follows = follows
            self.post_message(self.Changed())
        if new_value <= 0 < old_value:
            self.post_message(self.WantsEarlier(to_top=False))

    def action_top(self) -> None:
        """Go to the very first line, which may not have been read yet."""
        super().action_top()
        self.post_message(self.WantsEarlier(to_top=True))

    def on_resize(self) -> None:
        """Stay at the same line, or at the end, in a window of another size."""
        if self.wraps:
            self._rewrap(self._top())
        if self.follows:
            self._to_end()
