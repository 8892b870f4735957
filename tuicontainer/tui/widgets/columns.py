"""Which columns a table shows at a given width, and how wide each is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from tuicontainer.record import Record
from tuicontainer.tui.spans import Line, fitted

ItemT = TypeVar("ItemT")


class Column(Record, Generic[ItemT]):
    """One column of a table of *ItemT*."""

    key: str
    title: str
    width: int
    """Columns of the terminal that it needs at least."""
    rank: int
    """Where there isn't room for all, the column with the highest rank goes first."""
    cell: Callable[[ItemT], Line]
    right: bool = False
    """Numbers are aligned at the right."""
    most: int = 0
    """It grows up to this width where there is room left; 0: it doesn't grow."""
    value: Callable[[ItemT], str | float | None] | None = None
    """What it is sorted by and what a filter asks for; None: it is neither."""
    unit: str = "text"
    """Of `value`, as `query.Field` has it."""
    rank_of: Callable[[ItemT], float] | None = None
    """Where the order isn't that of `value`: the place of an item."""

    @property
    def falls(self) -> bool:
        """Whether sorting by it begins with the largest."""
        return self.unit != "text" and self.rank_of is None


Layout = list[tuple[Column[ItemT], int]]
"""The columns that are shown, in their order, each with its width."""


def lay_out(columns: Sequence[Column[ItemT]], width: int, gap: int) -> Layout[ItemT]:
    """Choose the columns for a table *width* wide with *gap* between them."""
    chosen: set[str] = set()
    left = width + gap
    for column in sorted(columns, key=lambda column: column.rank):
        if column.width + gap > left and chosen:
            break
        chosen.add(column.key)
        left -= column.width + gap
    shown = [column for column in columns if column.key in chosen]
    widths = {column.key: column.width for column in shown}
    growing = [column for column in shown if column.most > column.width]
    while left > 0 and growing:
        # One each in turn, so that none starves.
        for column in growing[:left]:
            widths[column.key] += 1
            left -= 1
        growing = [column for column in growing if widths[column.key] < column.most]
    return [(column, widths[column.key]) for column in shown]


def join(layout: Layout[ItemT], item: ItemT, gap: int) -> Line:
    """Return the row of *item*."""
    return _spaced([fitted(c.cell(item), width, right=c.right) for c, width in layout], gap)


def join_titles(layout: Layout[ItemT], gap: int, sorted_by: str, *, falling: bool) -> Line:
    """Return the heading; an arrow at the sorted column says whether values fall or rise."""
    titles: list[Line] = []
    for column, width in layout:
        title: Line = ((column.title, "head"),)
        if column.key == sorted_by:
            arrow = "▾" if falling else "▴"
            title = (
                (f"{arrow}{column.title}" if column.right else f"{column.title}{arrow}", "key"),
            )
        titles.append(fitted(title, width, right=column.right))
    return _spaced(titles, gap)


def sort_items(column: Column[ItemT], items: list[ItemT], *, falling: bool) -> list[ItemT]:
    """Return *items* by one column; those without a value are last either way."""
    read = column.rank_of or column.value
    assert read is not None
    known: list[tuple[str | float, ItemT]] = []
    unknown: list[ItemT] = []
    for item in items:
        value = read(item)
        if value is None or value == "":
            unknown.append(item)
        else:
            known.append((value.lower() if isinstance(value, str) else value, item))
    known.sort(key=lambda pair: pair[0], reverse=falling)
    return [*(item for _, item in known), *unknown]


def column_at(layout: Layout[ItemT], x: int, gap: int) -> Column[ItemT] | None:
    """Return the column that is drawn at *x*, or None between them."""
    left = 0
    for column, width in layout:
        if left <= x < left + width:
            return column
        left += width + gap
    return None


def _spaced(cells: Sequence[Line], gap: int) -> Line:
    blank = (" " * gap, "text")
    line: list[tuple[str, str]] = []
    for cell in cells:
        if line:
            line.append(blank)
        line.extend(cell)
    return tuple(line)
