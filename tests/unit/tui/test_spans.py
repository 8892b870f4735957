"""Fitting text into columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.tui.spans import clipped, fitted, plain, printable, width_of, wrapped

TEXTS = st.text(alphabet=st.sampled_from("abc 日本é"), max_size=20)


@given(st.lists(st.tuples(TEXTS, st.just("text")), max_size=4), st.integers(0, 30), st.booleans())
def test_fitted_lines_have_exactly_their_width(
    line: list[tuple[str, str]], width: int, right: bool
) -> None:
    assert width_of(fitted(tuple(line), width, right=right)) == width


@pytest.mark.parametrize(("text", "width", "cut"), [
    ("short", 5, "short"), ("longer", 5, "long…"), ("日本語", 5, "日本…"), ("日本語", 4, "日 …"),
    ("x", 0, ""),
])  # fmt: skip
def test_cuts_are_marked(text: str, width: int, cut: str) -> None:
    assert clipped(text, width) == cut


def test_numbers_are_aligned_at_the_right() -> None:
    assert plain(fitted((("42", "text"),), 5, right=True)) == "   42"


def test_a_cut_keeps_the_tones_before_it() -> None:
    assert fitted((("ab", "x"), ("cdef", "y")), 4) == (("ab", "x"), ("c…", "y"))


def test_control_characters_and_marks_that_reorder_text_are_made_visible() -> None:
    assert printable("a\x1b[31mb\x9bc\u202ed") == "a�[31mb�c�d"


def test_wrapping_breaks_at_spaces_and_cuts_what_has_none() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("abcdefghij", 5) == ["abcd…"]
    assert wrapped("", 5) == []
