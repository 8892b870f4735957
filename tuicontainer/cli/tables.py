"""Rows to aligned columns for people. Pure but for the terminal's width."""

from __future__ import annotations

import os

from tuicontainer.cli.output import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def render(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, width: int | None = None
) -> str:
    """Return the table with a heading line; columns are two spaces apart.

    Args:
        headings: in capitals; their number is that of the columns.
        rows: one string a column; control characters are made visible.
        width: cut lines after this many characters, marked by `…`; None leaves them whole.
    """
    lines = [tuple(headings), *(tuple(printable(cell) for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    text = ""
    for line in lines:
        cells = (cell.ljust(space) for cell, space in zip(line, widths, strict=True))
        rendered = "  ".join(cells).rstrip()
        if width is not None and len(rendered) > width:
            rendered = rendered[: max(0, width - 1)] + "…"
        text += rendered + "\n"
    return text


def terminal_width() -> int | None:
    """Return the columns of the terminal on standard output, or None if it isn't one."""
    try:
        return os.get_terminal_size(1).columns or None
    except OSError:
        return None
