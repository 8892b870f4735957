"""Which rows of a view belong to which line, where lines take several rows. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from rich.cells import get_character_cell_size

from tuicontainer.tui.spans import Line, Span


class RowIndex:
    """The heights of lines, added up, so that a row is found in a hundred thousand at once."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._ends = list(accumulate(heights))

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self._ends[-1] if self._ends else 0

    def replace_from(self, first: int, heights: Iterable[int]) -> None:
        """Give the lines from *first* on other heights; there may be more or fewer."""
        del self._ends[first:]
        self._ends.extend(list(accumulate(heights, initial=self.total))[1:])

    def locate(self, row: int) -> tuple[int, int]:
        """Return the line in which *row* is, and which of its rows that is."""
        line = bisect_right(self._ends, row)
        return line, row - self.start(line)

    def start(self, line: int) -> int:
        """Return the first row of a line."""
        return self._ends[line - 1] if line else 0


def broken(line: Line, width: int) -> list[Line]:
    """Return *line* in rows of at most *width* columns, at least one."""
    rows: list[Line] = []
    row: list[Span] = []
    left = max(2, width)
    for text, tone in line:
        start = 0
        for index, character in enumerate(text):
            columns = get_character_cell_size(character)
            if columns > left:
                row.append((text[start:index], tone))
                rows.append(tuple(span for span in row if span[0]))
                row, start, left = [], index, max(2, width)
            left -= columns
        row.append((text[start:], tone))
    rows.append(tuple(span for span in row if span[0]))
    return rows


def height(text: str, width: int) -> int:
    """Return the rows that plain ASCII of one column a character takes in `broken`."""
    return max(1, -(-len(text) // max(2, width)))
