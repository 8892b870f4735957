"""Lines as tuples of (text, tone): what pure code makes and line widgets draw. Pure.

A tone is a name such as `good` or `dim`; the stylesheet gives it a colour, so that nothing here
knows one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]
"""Text without control characters, and its tone."""
Line = tuple[Span, ...]

_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), "�") | {
    ord("\t"): "    ",
    # Marks that reorder the text around them can make one name look like another (CVE-2021-42574).
    **dict.fromkeys((*range(8234, 8239), *range(8294, 8298)), "�"),
}


def printable(text: str) -> str:
    """Return *text* with everything visible that would move the cursor or reorder a line."""
    return text if text.isascii() and text.isprintable() else text.translate(_CONTROL)


def width_of(line: Line) -> int:
    """Return the columns that *line* takes."""
    return sum(cell_len(text) for text, _ in line)


def clipped(text: str, width: int) -> str:
    """Return *text* in at most *width* columns, a cut marked by `…`."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


def fitted(line: Line, width: int, *, right: bool = False) -> Line:
    """Return *line* in exactly *width* columns: cut with `…`, or padded on the other side.

    Args:
        line: what to fit.
        width: columns.
        right: pad on the left, as numbers want it.
    """
    used = width_of(line)
    if used <= width:
        if used == width:
            return line
        blank: Span = (" " * (width - used), "text")
        return (blank, *line) if right else (*line, blank)
    kept: list[Span] = []
    left = width
    for text, tone in line:
        columns = cell_len(text)
        if columns < left:
            kept.append((text, tone))
            left -= columns
            continue
        cut = clipped(text, left) if columns > left else clipped(text + "…", left)
        kept.append((cut, tone))
        break
    return tuple(kept)


def toned(line: Line, ranges: Iterable[tuple[int, int]], tone: str) -> Line:
    """Return *line* with *tone* in the given ranges of its characters, which don't overlap."""
    cuts = [(start, end) for start, end in ranges if start < end]
    if not cuts:
        return line
    spans: list[Span] = []
    offset = 0
    for text, own in line:
        position = 0
        for start, end in cuts:
            first, last = max(start - offset, position), min(end - offset, len(text))
            if first < last:
                spans += [(text[position:first], own), (text[first:last], tone)]
                position = last
        spans.append((text[position:], own))
        offset += len(text)
    return tuple(span for span in spans if span[0])


def plain(line: Line) -> str:
    """Return the text of *line* alone."""
    return "".join(text for text, _ in line)


def wrapped(text: str, width: int) -> list[str]:
    """Break *text* at spaces into lines of at most *width* columns; longer words are cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        candidate = f"{line} {word}" if line else word
        if cell_len(candidate) <= width or not line:
            line = candidate
        else:
            lines.append(clipped(line, width))
            line = word
    if line:
        lines.append(clipped(line, width))
    return lines


def merged(spans: Sequence[Span]) -> Line:
    """Join neighbours of one tone, so that a line has few segments."""
    joined: list[Span] = []
    for text, tone in spans:
        if joined and joined[-1][1] == tone:
            joined[-1] = (joined[-1][0] + text, tone)
        else:
            joined.append((text, tone))
    return tuple(joined)
