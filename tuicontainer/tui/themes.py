"""Themes from TOML files, called by their file names; read when chosen.

dark = true
ansi = false              use the terminal's own sixteen colours
[colors]                  those of textual.theme.Theme: primary, background, …
[variables]               any variable of the stylesheet
[tones]                   Rich styles of drawn widgets (palette.TONES); missing ones are derived
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from textual.theme import Theme

from tuicontainer.errors import InvalidArgument
from tuicontainer.locations import shipped_dir
from tuicontainer.tui.palette import TONES, Palette, derive_tones

DEFAULT_THEME = "harbour"
ANSI_THEME = "ansi"
MONO_THEME = "mono"

_COLORS = frozenset(
    (
        "primary",
        "secondary",
        "warning",
        "error",
        "success",
        "accent",
        "foreground",
        "background",
        "surface",
        "panel",
        "boost",
    )
)
_KEYS = frozenset(("dark", "ansi", "colors", "variables", "tones"))


class ThemeFile:
    """One theme: what Textual needs of it and what our drawn widgets need."""

    def __init__(self, theme: Theme, tones: Mapping[str, str]) -> None:
        self.theme = theme
        self.tones = tones


def theme_files(folder: str | None = None) -> dict[str, str]:
    """Return the paths of the theme files in *folder* (by default the shipped ones) by name."""
    where = shipped_dir("themes") if folder is None else folder
    return {
        name.removesuffix(".toml"): os.path.join(where, name)
        for name in sorted(os.listdir(where))
        if name.endswith(".toml")
    }


def read_theme(path: str) -> ThemeFile:
    """Return the theme in one file.

    Raises:
        InvalidArgument: it isn't TOML, or has an unknown key, colour or tone.
    """
    import tomllib

    with open(path, "rb") as file:
        try:
            document = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidArgument(f"theme `{path}` isn't TOML: {error}") from error
    _check(path, document.keys(), _KEYS)
    colors = document.get("colors", {})
    tones = document.get("tones", {})
    _check(path, colors, _COLORS)
    _check(path, tones, TONES)
    if "primary" not in colors:
        raise InvalidArgument(f"theme `{path}` needs a colour `primary`")
    name = os.path.basename(path).removesuffix(".toml")
    return ThemeFile(_theme(name, document), tones)


def palette_of(theme: Theme, variables: Mapping[str, str], tones: Mapping[str, str]) -> Palette:
    """Return the colours of drawn widgets under *theme*."""
    if theme.ansi:
        return Palette({**_ANSI_TONES, **tones})
    return Palette({**derive_tones(variables), **tones})


def _theme(name: str, document: Mapping[str, Any]) -> Theme:
    return Theme(
        name=name,
        dark=document.get("dark", True),
        ansi=document.get("ansi", False),
        variables=document.get("variables", {}),
        **document["colors"],
    )


def _check(path: str, keys: Any, known: frozenset[str]) -> None:
    for key in keys:
        if key not in known:
            raise InvalidArgument(
                f"theme `{path}`: unknown key `{key}`", hint=f"one of {', '.join(sorted(known))}"
            )


_ANSI_TONES = dict.fromkeys(TONES, "default") | {
    "strong": "bold default",
    "dim": "bright_black",
    "faint": "bright_black",
    "head": "bright_black",
    "key": "bold magenta",
    "good": "green",
    "warning": "yellow",
    "bad": "red",
    "accent": "magenta",
    "info": "cyan",
    "anon": "blue",
    "file": "cyan",
    "shmem": "magenta",
    "kernel": "yellow",
    "rest": "bright_black",
    "track": "bright_black",
    "low": "green",
    "middle": "yellow",
    "high": "red",
    "badge": "bold black on cyan",
    "alert": "bold white on red",
    "caution": "bold black on yellow",
    "found": "reverse",
    "found-now": "bold black on yellow",
    "tab": "default",
    "tab-active": "bold cyan",
    "stderr": "yellow",
    "name": "cyan",
    "string": "green",
    "number": "magenta",
    "word": "yellow",
    "ground": "default",
    "ground-head": "default",
    "ground-cursor": "reverse",
    "ground-cursor-blurred": "underline",
}
"""The terminal's own sixteen colours; the cursor is reversed, so that it shows on any of them."""
