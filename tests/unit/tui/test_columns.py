"""Which columns are shown at which width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.tui.spans import Line, plain
from tuicontainer.tui.widgets.columns import Column, column_at, join, join_titles, lay_out
from tuicontainer.tui.widgets.containers import CONTAINER_COLUMNS


def cell(item: dict[str, str]) -> Line:
    return ((item["name"], "text"),)


COLUMNS = (
    Column(key="name", title="NAME", width=6, most=10, rank=0, cell=cell),
    Column(key="size", title="SIZE", width=4, rank=2, right=True,
           cell=lambda item: ((item["size"], "text"),)),
    Column(key="what", title="WHAT", width=8, most=40, rank=1,
           cell=lambda item: ((item["what"], "text"),)),
)  # fmt: skip
ITEM = {"name": "alpha", "size": "12", "what": "the first of all"}


@pytest.mark.parametrize(("width", "row"), [
    (20, "alpha    12 the fir…"),
    (16, "alpha   the fir…"),
    (6, "alpha "),
    (40, "alpha        12 the first of all        "),
])  # fmt: skip
def test_what_is_most_needed_stays(width: int, row: str) -> None:
    assert plain(join(lay_out(COLUMNS, width, 1), ITEM, 1)) == row


@given(st.integers(1, 300), st.integers(1, 3))
def test_rows_never_exceed_the_table(width: int, gap: int) -> None:
    layout = lay_out(CONTAINER_COLUMNS, width, gap)
    used = sum(columns for _, columns in layout) + gap * (len(layout) - 1)
    assert used <= max(width, layout[0][1])
    assert layout[0][0].key == "name"


@pytest.mark.parametrize("width", [50, 78, 120])
def test_status_words_are_literal_wherever_eighty_columns_are(width: int) -> None:
    shown = {column.key: columns for column, columns in lay_out(CONTAINER_COLUMNS, width, 1)}
    assert shown["status"] >= len("● creating")


def test_titles_mark_the_order_and_stand_over_their_columns() -> None:
    layout = lay_out(COLUMNS, 40, 1)
    title = plain(join_titles(layout, 1, "size", falling=True))
    assert title.startswith("NAME ")
    assert "▾SIZE" not in title, "no room beside a title that fills its column"
    assert plain(join_titles(layout, 1, "name", falling=False)).startswith("NAME▴")


def test_a_click_finds_its_column() -> None:
    layout = lay_out(COLUMNS, 20, 1)
    found = [column_at(layout, x, 1) for x in (0, 7, 6, 12)]
    assert [column and column.key for column in found] == ["name", "size", None, "what"]
