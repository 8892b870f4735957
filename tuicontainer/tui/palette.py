"""From tones to colours: the one place where drawn widgets learn what `good` looks like.

A theme file names a Rich style for each tone; for Textual's own themes they are derived from the
theme's variables. Component classes would do the same, but Textual computes each of them for each
widget at every change of focus.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rich.style import Style
from textual.color import Color

_FROM_VARIABLES = {
    "text": "$foreground",
    "strong": "bold $foreground",
    "dim": "$foreground/$background/60",
    "faint": "$foreground/$background/32",
    "head": "$foreground/$background/60",
    "key": "bold $accent",
    "good": "$success",
    "warning": "$warning",
    "bad": "$error",
    "accent": "$accent",
    "info": "$primary",
    "anon": "$primary",
    "file": "$secondary",
    "shmem": "$accent",
    "kernel": "$warning",
    "rest": "$foreground/$background/45",
    "track": "$foreground/$background/16",
    "low": "$success",
    "middle": "$warning",
    "high": "$error",
    "badge": "bold $background on $primary",
    "alert": "bold $background on $error",
    "caution": "bold $background on $warning",
    "found": "bold $background on $accent",
    "found-now": "bold $background on $warning",
    "tab": "$foreground/$background/60",
    "tab-active": "bold $primary",
    "stderr": "$warning",
    "name": "$primary",
    "string": "$success",
    "number": "$accent",
    "word": "$warning",
    "ground": "on $background",
    "ground-head": "on $background",
    "ground-cursor": "on $primary/$background/30",
    "ground-cursor-blurred": "on $foreground/$background/10",
}
"""Words of a Rich style; `$a/$b/60` is 60 % of the first variable over the second."""

TONES = frozenset(_FROM_VARIABLES)
"""Every tone that a theme may set; `ground…` are backgrounds of whole lines."""


def derive_tones(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the Rich style of every tone, made from a theme's variables."""
    return {
        tone: " ".join(_resolve(word, variables) for word in words.split())
        for tone, words in _FROM_VARIABLES.items()
    }


def _resolve(word: str, variables: Mapping[str, str]) -> str:
    if not word.startswith("$"):
        return word
    names = word.split("/")
    color = Color.parse(variables[names[0][1:]])
    if len(names) == 3 and color.ansi is None:
        below = Color.parse(variables[names[1][1:]])
        color = below.blend(color, int(names[2]) / 100, alpha=1.0)
    return color.rich_color.name


class Palette:
    """The colours of one theme."""

    def __init__(self, tones: Mapping[str, str]) -> None:
        self._tones = {tone: Style.parse(words) for tone, words in tones.items()}
        self._combined: dict[tuple[str, str], Style] = {}

    def style(self, tone: str, ground: str = "ground") -> Style:
        """Return the style of a text in *tone* on *ground*; badges keep their own background.

        A tone that begins with `=` is a Rich style in words: a program chose its colours itself.
        """
        style = self._combined.get((tone, ground))
        if style is None:
            above = Style.parse(tone[1:]) if tone[0] == "=" else self._tones[tone]
            style = self._tones[ground] + above
            self._combined[tone, ground] = style
        return style


class Colored(Protocol):
    """An application whose drawn widgets have colours."""

    palette: Palette
