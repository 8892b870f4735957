"""Which rows belong to which line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.tui.rows import RowIndex, broken, height
from tuicontainer.tui.spans import plain, toned, width_of


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30), st.data())
def test_every_row_is_found_and_parts_count_up(heights: list[int], data: st.DataObject) -> None:
    index = RowIndex(heights)
    found = [index.locate(row) for row in range(index.total)]
    assert found == [(line, part) for line, n in enumerate(heights) for part in range(n)]
    first = data.draw(st.integers(0, len(heights)))
    index.replace_from(first, [2, 1])
    assert index.total == sum(heights[:first]) + 3
    assert index.start(first) == sum(heights[:first])


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20)),
       st.integers(2, 15))  # fmt: skip
def test_broken_lines_hold_all_of_the_text_and_fit(texts: list[str], width: int) -> None:
    line = tuple((text, f"tone{number}") for number, text in enumerate(texts))
    rows = broken(line, width)
    assert "".join(map(plain, rows)) == plain(line)
    assert all(width_of(row) <= width for row in rows)
    assert rows


@given(st.text(st.sampled_from("abc "), max_size=50), st.integers(2, 15))
def test_the_quick_height_is_the_true_one(text: str, width: int) -> None:
    assert height(text, width) == len(broken(((text, "text"),), width))


def test_a_tone_laid_over_several_spans() -> None:
    line = (("one ", "a"), ("two", "b"))
    assert toned(line, [(0, 1), (2, 6)], "x") == (
        ("o", "x"), ("n", "a"), ("e ", "x"), ("tw", "x"), ("o", "b"),
    )  # fmt: skip
