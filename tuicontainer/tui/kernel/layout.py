"""Small tables inside a tab: a heading, and rows whose last cell takes what is left. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tuicontainer.tui.spans import Line, fitted, width_of, wrapped

GAP = 2


def rows(titles: Sequence[str], cells: Sequence[Sequence[Line]], width: int) -> list[Line]:
    """Return a heading and one line a row; columns are as wide as they need to be.

    The last column is cut at the right edge. Titles that begin with `>` are of numbers, which
    stand at the right of their column.
    """
    right = [title.startswith(">") for title in titles]
    heads: list[Line] = [((title.lstrip(">"), "head"),) for title in titles]
    table = [heads, *cells]
    widths = [max(width_of(row[place]) for row in table) for place in range(len(titles))]
    lines: list[Line] = []
    for row in table:
        line: Line = ()
        left = width
        for place, cell in enumerate(row):
            last = place == len(row) - 1
            room = left if last else min(widths[place], left)
            if room <= 0:
                break
            line = (*line, *fitted(cell, room, right=right[place]))
            left -= room
            if not last and left > 0:
                gap = min(GAP, left)
                line = (*line, (" " * gap, "text"))
                left -= gap
        lines.append(line)
    return lines


def paragraph(text: str, width: int, tone: str = "dim") -> list[Line]:
    """Return a text in lines of at most *width* columns."""
    return [((line, tone),) for line in wrapped(text, width)]


def heading(text: str, aside: str = "") -> Line:
    """Return a heading with something fainter after it."""
    return ((text, "strong"), (f"  {aside}" if aside else "", "dim"))


def tree_marks(depths: Sequence[int]) -> list[str]:
    """Return what stands before each item of a tree, given their depths in order; roots have 0."""
    return [
        "".join(_branch(depths, place, level) for level in range(1, depth + 1))
        for place, depth in enumerate(depths)
    ]


def _branch(depths: Sequence[int], place: int, level: int) -> str:
    """Return two columns: whether the line at this level goes on below, and to this item."""
    following = (depth for depth in depths[place + 1 :] if depth <= level)
    goes_on = next(following, -1) == level
    if level == depths[place]:
        return "├ " if goes_on else "└ "
    return "│ " if goes_on else "  "
