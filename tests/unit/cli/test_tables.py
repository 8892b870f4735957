"""Tables for people, and what may reach their terminal."""

from __future__ import annotations

from tuicontainer.cli.output import printable
from tuicontainer.cli.tables import render


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert render(("ID", "STATUS"), [("web-1", "running"), ("b", "x")]) == (
        "ID     STATUS\nweb-1  running\nb      x\n"
    )


def test_no_rows_leave_the_headings() -> None:
    assert render(("ID", "STATUS"), []) == "ID  STATUS\n"


def test_long_lines_are_cut_where_they_say_so() -> None:
    assert render(("ID",), [("abcdefgh",)], width=4) == "ID\nabc…\n"


def test_escape_sequences_dont_reach_the_terminal() -> None:
    assert "\x1b" not in render(("COMMAND",), [("\x1b]0;owned\x07",)])


def test_printable_keeps_letters_and_undecodable_bytes() -> None:
    assert printable("naïve…") == "naïve…"
    assert printable("a\x1b[2J\nb\udcff") == "a�[2J�b\udcff"
