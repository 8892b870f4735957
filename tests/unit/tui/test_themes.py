"""Themes: complete, legible, and the only place of colours."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from textual.color import Color

from tuicontainer.errors import InvalidArgument
from tuicontainer.locations import shipped_dir
from tuicontainer.tui.palette import TONES
from tuicontainer.tui.themes import palette_of, read_theme, theme_files

ROOM = Path(shipped_dir("themes")).parent / "tuicontainer" / "tui"


def test_ours_are_dark_and_light_and_two_leave_the_colours_to_the_terminal() -> None:
    themes = {name: read_theme(path).theme for name, path in theme_files().items()}
    assert {name for name, theme in themes.items() if theme.ansi} == {"ansi", "mono"}
    assert len(themes) >= 6
    assert {theme.dark for theme in themes.values() if not theme.ansi} == {True, False}


@pytest.mark.parametrize("name", theme_files())
def test_every_tone_has_a_colour(name: str) -> None:
    found = read_theme(theme_files()[name])
    variables = found.theme.to_color_system().generate()
    palette = palette_of(found.theme, variables, found.tones)
    for tone in TONES:
        palette.style(tone, "ground-cursor")


@pytest.mark.parametrize("name", ["harbour", "daylight", "ember", "colorsafe", "contrast"])
@pytest.mark.parametrize("ground", ["ground", "ground-cursor", "ground-cursor-blurred"])
def test_texts_can_be_read(name: str, ground: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text; 3 to 1 for what is only a second sign."""
    found = read_theme(theme_files()[name])
    palette = palette_of(found.theme, found.theme.to_color_system().generate(), found.tones)
    for tone in ("text", "strong", "dim", "good", "warning", "bad", "info", "accent", "stderr"):
        style = palette.style(tone, ground)
        assert style.color is not None
        assert style.bgcolor is not None
        ratio = contrast(Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor))
        least = 7.0 if name == "contrast" else 4.5
        assert ratio >= (least if ground == "ground" else 3.0), (tone, round(ratio, 2))


def test_no_colour_means_none() -> None:
    found = read_theme(theme_files()["mono"])
    palette = palette_of(found.theme, {}, found.tones)
    for tone in TONES:
        style = palette.style(tone)
        for color in (style.color, style.bgcolor):
            assert color is None or color.is_default, tone


def test_good_and_bad_differ_for_every_kind_of_colour_vision() -> None:
    """Simulated by Machado, Oliveira and Fernandes (2009), severity 1, in linear RGB."""
    found = read_theme(theme_files()["colorsafe"])
    palette = palette_of(found.theme, found.theme.to_color_system().generate(), found.tones)
    for rows in DEFICIENCIES:
        seen = {tone: simulated(palette.style(tone).color, rows) for tone in SIGNALS}
        for one, other in itertools.combinations(SIGNALS, 2):
            assert math.dist(seen[one], seen[other]) > 0.12, (one, other)


SIGNALS = ("good", "warning", "bad")
DEFICIENCIES = (
    ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
)
"""Protanopia, deuteranopia, tritanopia."""


def simulated(color: RichColor | None, rows: Sequence[Sequence[float]]) -> list[float]:
    """Return how a colour is seen, in linear RGB."""
    assert color is not None
    linear = [(value / 255) ** 2.2 for value in Color.from_rich_color(color).rgb]
    return [sum(a * b for a, b in zip(row, linear, strict=True)) for row in rows]


def contrast(first: Color, second: Color) -> float:
    """Return the contrast ratio of WCAG 2.2."""

    def luminance(color: Color) -> float:
        channels = [value / 255 for value in color.rgb]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_stylesheets_and_code_name_no_colour() -> None:
    named = re.compile(r"#[0-9a-fA-F]{6}\b|\brgb\(\d|: (red|green|blue|white|black);")
    for path in [*ROOM.rglob("*.tcss"), *(ROOM / "widgets").glob("*.py")]:
        assert not named.findall(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(("text", "words"), [
    ("[colors", "isn't TOML"),
    ("[colors]\nprimary='#fff'\nprimry='#fff'", "unknown key `primry`"),
    ("[colors]\nprimary='#fff'\n[tones]\nloud='red'", "unknown key `loud`"),
    ("[colors]\naccent='#fff'", "needs a colour `primary`"),
    ("nam='x'", "unknown key `nam`"),
])  # fmt: skip
def test_a_wrong_theme_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InvalidArgument, match=re.escape(words)) as caught:
        read_theme(str(path))
    assert str(path) in caught.value.message
