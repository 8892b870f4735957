"""Where the kernel has something else than the configuration asked for. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tuicontainer.observe.drift import KINDS, Drift
from tuicontainer.tui.kernel.layout import paragraph
from tuicontainer.tui.spans import Line, clipped, printable


def drift_lines(found: Sequence[Drift], width: int) -> list[Line]:
    """Return one block a difference: what it means, where it was asked, what there is."""
    if not found:
        return [
            (("● ", "good"), ("the kernel has what config.json asked for", "text")),
            (),
            *paragraph(
                f"looked for are {len(KINDS)} kinds of difference: {', '.join(KINDS)}", width
            ),
        ]
    lines: list[Line] = []
    for drift in found:
        meaning, _, source = KINDS[drift.kind].partition(" (")
        if lines:
            lines.append(())
        lines += [
            (("▲ ", "bad"), (drift.kind, "strong")),
            *[((f"  {text}", "text"),) for text in _texts(meaning, width - 2)],
            _fact("asked", f"{drift.wanted}  in {drift.where}", width),
            _fact("has", drift.found, width),
            _fact("source", source.rstrip(")"), width),
        ]
    return lines


def _texts(text: str, width: int) -> list[str]:
    return [line[0][0] for line in paragraph(text, width)]


def _fact(name: str, text: str, width: int) -> Line:
    return ((f"  {name:<7}", "dim"), (clipped(printable(text), width - 9), "text"))
