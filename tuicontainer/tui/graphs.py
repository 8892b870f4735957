"""Stacked bars and filled graphs as text. Pure.

A braille cell is two points wide and four high (Unicode block U+2800; the dots of the left column
are bits 0 1 2 6 from the top, those of the right column 3 4 5 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_LEFT = (0x40, 0x04, 0x02, 0x01)
_RIGHT = (0x80, 0x20, 0x10, 0x08)
"""Bits of one braille column, from the bottom."""
HELD = 2
"""Steps for which a sample stands in for missing ones."""


def stacked(parts: Sequence[float], whole: float, width: int) -> list[int]:
    """Share *width* columns between *parts* of *whole* so that rounding errors don't add up.

    Returns:
        Columns of each part; their sum is the rounded width of the sum of the parts.
    """
    if whole <= 0:
        return [0 for _ in parts]
    edges = [0]
    total = 0.0
    for part in parts:
        total += max(0.0, part)
        edges.append(width if total >= whole else round(total / whole * width))
    return [right - left for left, right in pairwise(edges)]


def area(values: Sequence[float | None], width: int, height: int, top: float) -> list[str]:
    """Return a filled braille graph: *height* lines of *width* characters, the top line first.

    Args:
        values: two a column, oldest first; the newest is at the right edge. None is a gap.
        width: columns.
        height: lines.
        top: the value at the upper edge; larger ones are clipped.
    """
    points = width * 2
    shown = values[-points:]
    levels = [0] * (points - len(shown)) + [_level(value, top, height * 4) for value in shown]
    lines = []
    for line in range(height):
        below = (height - 1 - line) * 4
        lines.append(
            "".join(
                _braille(levels[2 * column] - below, levels[2 * column + 1] - below)
                for column in range(width)
            )
        )
    return lines


def resample(
    samples: Sequence[tuple[int, float | None]], end_ns: int, step_ns: int, count: int
) -> list[float | None]:
    """Return *count* values at equal steps up to *end_ns*: the largest sample of each step.

    The largest, not the mean, so that a short peak stays visible at any width. A step without a
    sample takes the one before, up to `HELD` in a row (a sampler's second is never exactly one);
    then it is None.
    """
    values: list[float | None] = [None] * count
    start_ns = end_ns - step_ns * count
    for time_ns, value in samples:
        if value is None or not start_ns < time_ns <= end_ns:
            continue
        slot = min(count - 1, (time_ns - start_ns - 1) // step_ns)
        present = values[slot]
        values[slot] = value if present is None or value > present else present
    return _held(values)


def _held(values: list[float | None]) -> list[float | None]:
    """Fill short gaps between and after samples; nothing before the first."""
    last: float | None = None
    missing = 0
    for slot, value in enumerate(values):
        missing = 0 if value is not None else missing + 1
        last = value if value is not None else last
        if value is None and last is not None and missing <= HELD:
            values[slot] = last
    return values


def nice_top(largest: float, *, base: int = 10) -> float:
    """Return a round number at or above *largest* for the top of an axis.

    Args:
        largest: the largest value to be shown.
        base: 10 for 1, 2, 5 times a power of ten; 1024 for sizes: powers of two.
    """
    if largest <= 0:
        return 1.0
    top = 1.0
    if base == 1024:
        while top < largest:
            top *= 2
        return top
    while top > largest:
        top /= 10
    while top * 10 <= largest:
        top *= 10
    return next(top * factor for factor in (1, 2, 5, 10) if top * factor >= largest)


def _level(value: float | None, top: float, levels: int) -> int:
    """Return the height in points: none for a gap, at least one for anything measured, also 0."""
    if value is None:
        return 0
    if value >= top > 0:
        return levels
    return max(1, round(value / top * levels)) if top > 0 else 1


def _braille(left: int, right: int) -> str:
    bits = sum(_LEFT[: max(0, min(4, left))]) + sum(_RIGHT[: max(0, min(4, right))])
    return chr(0x2800 + bits) if bits else " "
