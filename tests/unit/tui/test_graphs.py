"""Bars, sparklines and braille areas by their characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.tui.graphs import area, nice_top, resample, stacked

SECOND = 1_000_000_000
VALUES = st.lists(st.none() | st.floats(0, 1e6), max_size=80)


@given(st.lists(st.floats(0, 1e9), max_size=6), st.floats(0, 1e9), st.integers(0, 200))
def test_stacked_parts_never_exceed_the_bar(parts: list[float], whole: float, width: int) -> None:
    columns = stacked(parts, whole, width)
    assert len(columns) == len(parts)
    assert all(column >= 0 for column in columns)
    assert sum(columns) <= width


def test_stacked_rounds_the_sum_not_each_part() -> None:
    assert stacked([1, 1, 1], 3, 10) == [3, 4, 3]
    assert stacked([0.4, 0.4, 0.4], 10, 10) == [0, 1, 0], "together they are worth a column"
    assert stacked([5], 0, 10) == [0], "without a whole there is no share"


@given(VALUES, st.integers(1, 30), st.integers(1, 8), st.floats(0, 1e6))
def test_areas_have_exactly_their_size(
    values: list[float | None], width: int, height: int, top: float
) -> None:
    lines = area(values, width, height, top)
    assert [len(line) for line in lines] == [width] * height
    assert all(character == " " or 0x2800 < ord(character) < 0x2900 for line in lines
               for character in line)  # fmt: skip


@pytest.mark.parametrize(("values", "lines"), [
    ([None, None], [" ", " "]),
    ([0, 0], [" ", "⣀"]),
    ([100, 100], ["⣿", "⣿"]),
    ([50, 50], [" ", "⣿"]),
    ([100, None], ["⡇", "⡇"]),
    ([None, 1000], ["⢸", "⢸"]),
])  # fmt: skip
def test_areas_by_example(values: list[float | None], lines: list[str]) -> None:
    assert area(values, 1, 2, 100) == lines


def test_the_newest_value_is_at_the_right_edge() -> None:
    assert area([100], 3, 1, 100) == ["  ⢸"]
    assert area([*([0] * 50), 100], 3, 1, 100)[0][-1] == "⣸"


def test_a_peak_survives_resampling() -> None:
    samples = [(second * SECOND, 90.0 if second == 7 else 1.0) for second in range(1, 21)]
    assert resample(samples, 20 * SECOND, 10 * SECOND, 2) == [90.0, 1.0]


def test_short_gaps_hold_the_value_and_long_ones_stay_gaps() -> None:
    samples = [(1 * SECOND, 1.0), (4 * SECOND, 4.0), (10 * SECOND, 10.0)]
    assert resample(samples, 12 * SECOND, SECOND, 12) == [
        1.0, 1.0, 1.0, 4.0, 4.0, 4.0, None, None, None, 10.0, 10.0, 10.0,
    ]  # fmt: skip


def test_what_is_outside_the_window_is_left_out() -> None:
    assert resample([(1, 5.0), (99 * SECOND, 7.0)], 10 * SECOND, SECOND, 5) == [None] * 5


@pytest.mark.parametrize(("largest", "base", "top"), [
    (0, 10, 1), (0.3, 10, 0.5), (1, 10, 1), (37, 10, 50), (51, 10, 100), (1.7, 10, 2),
    (3000, 1024, 4096), (4096, 1024, 4096),
])  # fmt: skip
def test_axes_end_at_round_numbers(largest: float, base: int, top: float) -> None:
    assert nice_top(largest, base=base) == pytest.approx(top)
