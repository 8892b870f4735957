"""What one or several containers wrote, in memory: filtered, searched, marked, bounded. Pure."""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tuicontainer.errors import InvalidArgument
from tuicontainer.supervise.views import LogLine
from tuicontainer.tui.ansi import without_sequences
from tuicontainer.tui.quantities import clock

KEPT_LINES = 100_000
"""Older ones are dropped from the view (never from the log)."""
_SLACK = 5_000
_LONGEST = 16 << 10
"""Characters of one line; parts of an endless line start a new one."""


class Entry(NamedTuple):
    """One line, or a mark that a person set between lines."""

    line: LogLine
    source: int = 0
    """Place of its container in `LogBook.sources`."""
    mark: bool = False


class Change(NamedTuple):
    """What `LogBook.add` did to the lines that are shown."""

    first: int
    """Place of the first one that is new or looks different."""
    inside: bool
    """Lines came in before others, so that those have other places."""
    dropped: int
    """Lines that went at the beginning."""


class LogBook:
    """Lines in the order of their times.

    Attributes:
        sources: ids of the containers whose lines these are.
        shown: the lines that pass the filter and the time window.
        since_ns: where the time window begins; None for everything.
    """

    def __init__(self, sources: Sequence[str] = ()) -> None:
        self.sources = tuple(sources)
        self.shown: list[Entry] = []
        self.since_ns: int | None = None
        self.filter = ""
        self._all: list[Entry] = []
        self._passes: Callable[[Entry], bool] | None = None
        self._marks = 0

    @property
    def count(self) -> int:
        """How many lines there are, shown or not."""
        return len(self._all)

    # Lines

    def add(self, lines: Iterable[LogLine], source: int = 0) -> Change:
        """Append what a container wrote; lines of several containers are put in order of time."""
        first, inside = len(self.shown), False
        for line in lines:
            place = self._append(line, source)
            inside = inside or place < len(self.shown) - 1
            first = min(first, place)
        return Change(first, inside, self._drop_oldest())

    def prepend(self, lines: Sequence[LogLine], source: int = 0) -> int:
        """Put older lines before the others; return how many of them are shown."""
        older = LogBook(self.sources)
        older.add(lines, source)
        room = max(0, KEPT_LINES - len(self._all))
        entries = older._all[-room:] if room else []
        passing = [entry for entry in entries if self._is_shown(entry)]
        self._all = sorted([*entries, *self._all], key=_time) if self._several else [
            *entries, *self._all
        ]  # fmt: skip
        if self._several:
            self._choose()
        else:
            self.shown = [*passing, *self.shown]
        return len(passing)

    def mark(self, now_ns: int) -> None:
        """Set a mark after the last line."""
        self._marks += 1
        line = LogLine(time_ns=now_ns, stream="stdout", text=f"mark {self._marks}")
        entry = Entry(line, 0, mark=True)
        self._all.append(entry)
        self.shown.append(entry)

    # What is shown

    def set_filter(self, text: str) -> None:
        """Show only what *text* lets pass (see `query`).

        Raises:
            InvalidArgument: it means nothing; the filter stays as it was.
        """
        text = text.strip()
        self._passes = self._test(text) if text else None
        self.filter = text
        self._choose()

    def set_window(self, since_ns: int | None) -> None:
        """Show only what was written since then."""
        self.since_ns = since_ns
        self._choose()

    def find(self, pattern: re.Pattern[str], start: int, by: int) -> int | None:
        """Return the place of the next shown line from *start* on that has *pattern*.

        Args:
            pattern: what to look for.
            start: the first place to look at.
            by: 1 forwards, -1 backwards.
        """
        stop = len(self.shown) if by > 0 else -1
        for place in range(start, stop, by):
            entry = self.shown[place]
            if not entry.mark and pattern.search(text_of(entry)):
                return place
        return None

    def find_mark(self, start: int, by: int) -> int | None:
        """Return the place of the next mark from *start* on."""
        stop = len(self.shown) if by > 0 else -1
        return next((place for place in range(start, stop, by) if self.shown[place].mark), None)

    def texts(self) -> Iterable[str]:
        """Yield the shown lines as they are saved: time, container, stream and text."""
        for entry in self.shown:
            if entry.mark:
                yield f"---- {entry.line.text}, {clock(entry.line.time_ns)}"
                continue
            name = f"{self.sources[entry.source]} " if self._several else ""
            yield f"{stamp(entry.line.time_ns)} {name}{entry.line.stream} {text_of(entry)}"

    # Inside

    @property
    def _several(self) -> bool:
        return len(self.sources) > 1

    def _test(self, text: str) -> Callable[[Entry], bool]:
        # Queries are for filters that are typed, and cost their import only then.
        from tuicontainer.tui.query import Field, parse_query

        sources = self.sources
        fields: tuple[Field[Entry], ...] = (
            Field(name="stream", unit="text", read=lambda entry: entry.line.stream),
            Field(name="id", unit="text", read=lambda entry: sources[entry.source]),
            Field(name="time", unit="clock", read=lambda entry: _time_of_day(entry.line.time_ns)),
            Field(name="instance", unit="number", read=lambda entry: entry.line.instance),
        )
        query = parse_query(text, fields)
        return lambda entry: entry.mark or query.passes(entry, text_of(entry).lower())

    def _is_shown(self, entry: Entry) -> bool:
        if self.since_ns is not None and entry.line.time_ns < self.since_ns:
            return False
        return self._passes is None or self._passes(entry)

    def _choose(self) -> None:
        if self._passes is None and self.since_ns is None:
            self.shown = list(self._all)
        else:
            self.shown = [entry for entry in self._all if self._is_shown(entry)]

    def _append(self, line: LogLine, source: int) -> int:
        """Take one line in; return its place among those that are shown, or their number."""
        last = self._all[-1] if self._all else None
        if last is not None and _continues(last, line, source):
            text = last.line.text + line.text
            joined = last._replace(line=last.line.replace(text=text, partial=line.partial))
            self._all[-1] = joined
            if self.shown and self.shown[-1] is last:
                self.shown[-1] = joined
                return len(self.shown) - 1
            return len(self.shown)
        entry = Entry(line, source)
        if self._several and last is not None and line.time_ns < last.line.time_ns:
            self._all.insert(bisect_right(self._all, line.time_ns, key=_time), entry)
            if not self._is_shown(entry):
                return len(self.shown)
            place = bisect_right(self.shown, line.time_ns, key=_time)
            self.shown.insert(place, entry)
            return place
        self._all.append(entry)
        if self._is_shown(entry):
            self.shown.append(entry)
            return len(self.shown) - 1
        return len(self.shown)

    def _drop_oldest(self) -> int:
        surplus = len(self._all) - KEPT_LINES
        if surplus < _SLACK:
            return 0
        gone = sum(self._is_shown(entry) for entry in self._all[:surplus])
        del self._all[:surplus]
        del self.shown[:gone]
        return gone


def text_of(entry: Entry) -> str:
    """Return what a line says, without the sequences that colour it."""
    text = entry.line.text
    return without_sequences(text) if "\x1b" in text else text


def search_pattern(text: str) -> re.Pattern[str]:
    """Return what is looked for: `/…/` is a regular expression, else a text; in any case.

    Raises:
        InvalidArgument: the expression is wrong.
    """
    expression = re.fullmatch(r"/(.+?)/?", text)
    try:
        return re.compile(expression[1] if expression else re.escape(text), re.IGNORECASE)
    except re.error as error:
        raise InvalidArgument(f"the pattern `{text}` is wrong: {error}") from error


def stamp(time_ns: int) -> str:
    """Return the local date and time with milliseconds: `2026-11-23 14:03:59.123`."""
    seconds, rest = divmod(time_ns, 1_000_000_000)
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    return f"{moment}.{rest // 1_000_000:03}"


def _time(entry: Entry) -> int:
    return entry.line.time_ns


def _time_of_day(time_ns: int) -> float:
    local = time.localtime(time_ns // 1_000_000_000)
    return local.tm_hour * 3600.0 + local.tm_min * 60 + local.tm_sec


def _continues(last: Entry, line: LogLine, source: int) -> bool:
    before = last.line
    return (
        before.partial
        and not last.mark
        and last.source == source
        and (before.stream, before.instance) == (line.stream, line.instance)
        and len(before.text) < _LONGEST
    )
