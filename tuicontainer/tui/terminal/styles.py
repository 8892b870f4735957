"""How a cell looks: pens, the colours that SGR sets, and their Rich styles. Pure.

Sources: ECMA-48 8.3.117 (SGR), xterm's ctlseqs for indexed and direct colours.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from rich.color import Color
from rich.style import Style

DEFAULT = -1
"""The colour that the theme gives."""
_DIRECT = 1 << 24
"""Added to 0xRRGGBB; below it are the 256 indexed colours."""


class Pen(NamedTuple):
    """Colours and attributes with which cells are written."""

    fg: int = DEFAULT
    bg: int = DEFAULT
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    blink: bool = False
    reverse: bool = False
    conceal: bool = False
    strike: bool = False


PLAIN = Pen()
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 5: "blink", 6: "blink", 7: "reverse",
       8: "conceal", 9: "strike", 21: "underline"}  # fmt: skip
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 25: ("blink",),
        27: ("reverse",), 28: ("conceal",), 29: ("strike",)}  # fmt: skip


@functools.lru_cache(maxsize=4096)
def select(pen: Pen, numbers: tuple[int, ...]) -> Pen:
    """Return *pen* after SGR with *numbers*; unknown ones change nothing."""
    changes: dict[str, int | bool] = {}
    rest = list(reversed(numbers or (0,)))
    while rest:
        number = rest.pop()
        tens, digit = divmod(number, 10)
        if number == 0:
            pen, changes = PLAIN, {}
        elif number in _ON:
            changes[_ON[number]] = True
        elif number in _OFF:
            changes.update(dict.fromkeys(_OFF[number], False))
        elif number in (38, 48, 58):
            color = _extended(rest)
            if color is not None and number != 58:
                changes["fg" if number == 38 else "bg"] = color
        elif number in (39, 49):
            changes["fg" if number == 39 else "bg"] = DEFAULT
        elif tens in (3, 4) and digit < 8:
            changes["fg" if tens == 3 else "bg"] = digit
        elif tens in (9, 10) and digit < 8:
            changes["fg" if tens == 9 else "bg"] = digit + 8
    return pen._replace(**changes)  # type: ignore[arg-type]  # the keys are the pen's own


def _extended(rest: list[int]) -> int | None:
    """Take the numbers of an indexed or a direct colour; None if they make no sense."""
    kind = rest.pop() if rest else 0
    wanted = {5: 1, 2: 3}.get(kind, 0)
    values = [rest.pop() for _ in range(min(wanted, len(rest)))]
    if not wanted or len(values) < wanted or max(values) > 255:
        return None
    if wanted == 1:
        return values[0]
    return _DIRECT | values[0] << 16 | values[1] << 8 | values[2]


def sequence(pen: Pen) -> str:
    """Return the SGR sequence after which a terminal writes with *pen*."""
    words = ["0"]
    words += [str(number) for number, name in _ON.items() if number < 10 and getattr(pen, name)]
    for color, base in ((pen.fg, 38), (pen.bg, 48)):
        if color >= _DIRECT:
            words.append(f"{base};2;{color >> 16 & 255};{color >> 8 & 255};{color & 255}")
        elif color != DEFAULT:
            words.append(f"{base};5;{color}")
    return f"\x1b[{';'.join(words)}m"


class Styles:
    """Rich styles of pens over the theme's own text."""

    def __init__(self, text: Style) -> None:
        """Draw what has no colour as *text*, which has both colours."""
        self._text = text
        self._made: dict[tuple[Pen, bool], Style] = {}

    def style(self, pen: Pen, *, inverted: bool = False) -> Style:
        """Return the style of *pen*; *inverted* is reverse video once more: a cursor."""
        style = self._made.get((pen, inverted))
        if style is None:
            style = self._made[pen, inverted] = self._make(pen, inverted)
            if len(self._made) > 4096:
                self._made.clear()
        return style

    def _make(self, pen: Pen, inverted: bool) -> Style:
        fg = self._text.color if pen.fg == DEFAULT else _color(pen.fg)
        bg = self._text.bgcolor if pen.bg == DEFAULT else _color(pen.bg)
        if pen.bold and 0 <= pen.fg < 8:
            # As most terminals do: programs of the eight-colour age mean the bright one.
            fg = _color(pen.fg + 8)
        if pen.reverse != inverted:
            # Swapped here, because a default colour has no reverse that all terminals agree on.
            fg, bg = bg, fg
        if pen.conceal:
            fg = bg
        return Style(
            color=fg,
            bgcolor=bg,
            bold=pen.bold or None,
            dim=pen.dim or None,
            italic=pen.italic or None,
            underline=pen.underline or None,
            strike=pen.strike or None,
        )


def _color(number: int) -> Color:
    if number >= _DIRECT:
        return Color.from_rgb(number >> 16 & 255, number >> 8 & 255, number & 255)
    return Color.from_ansi(number)
