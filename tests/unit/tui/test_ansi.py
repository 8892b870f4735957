"""Escape sequences of a container's output: colours are obeyed, everything else is dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from tuicontainer.tui.ansi import decoded
from tuicontainer.tui.spans import Line, plain


@pytest.mark.parametrize(("text", "line"), [
    ("plain", (("plain", "text"),)),
    ("\x1b[31mred\x1b[0m!", (("red", "=red"), ("!", "text"))),
    ("\x1b[1;4;92mx", (("x", "=bold underline bright_green"),)),
    ("\x1b[38;5;208mx", (("x", "=color(208)"),)),
    ("\x1b[48;2;1;2;3mx\x1b[49my", (("x", "=on rgb(1,2,3)"), ("y", "text"))),
    ("\x1b[38:2:1:2:3mx", (("x", "=rgb(1,2,3)"),)),
    ("\x1b[1;3mx\x1b[22my", (("x", "=bold italic"), ("y", "=italic"))),
    ("\x1b[mx", (("x", "text"),)),
    ("a\x1b[2Jb\x1b[10;10Hc", (("a", "text"), ("b", "text"), ("c", "text"))),
    ("\x1b]0;title\x07x", (("x", "text"),)),
    ("\x1b]52;c;AAAA\x1b\\x", (("x", "text"),)),
    ("\x1bPq#0\x1b\\x", (("x", "text"),)),
    ("\x1b(Bx\x1b=y\x1b", (("x", "text"), ("y", "text"))),
    ("10%\r50%\r100%", (("100%", "text"),)),
    ("windows line\r", (("windows line", "text"),)),
    ("tab\there", (("tab    here", "text"),)),
    ("bell\x07", (("bell�", "text"),)),
    ("\x1b[38;5mx\x1b[38;9;1my\x1b[999mz", (("x", "text"), ("y", "=bold"), ("z", "=bold"))),
])  # fmt: skip
def test_sequences(text: str, line: Line) -> None:
    assert decoded(text, "text") == line


@given(
    st.text(
        alphabet=st.sampled_from("\x1b[]0123456789;:mJHKPX^_\x07\\ abc\r\n\t\x9b\u202e"),
        max_size=40,
    )
)
def test_nothing_gets_through_that_moves_a_cursor_and_every_style_can_be_used(text: str) -> None:
    line = decoded(text, "text")
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 or letter == "\u202e"
                   for letter in plain(line))  # fmt: skip
    for _, tone in line:
        if tone != "text":
            Style.parse(tone[1:])
