"""Quantities as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.tui.quantities import (
    ago,
    cores,
    of_size,
    percent,
    plural,
    rate,
    short_rate,
    short_size,
    size,
    span,
)

SECOND = 1_000_000_000


@pytest.mark.parametrize(("value", "long", "short"), [
    (None, "-", "-"),
    (0, "0 B", "0B"),
    (999, "999 B", "999B"),
    (1000, "1.0 KiB", "1.0K"),
    (1024, "1.0 KiB", "1.0K"),
    (12_900, "12.6 KiB", "12.6K"),
    (1023 * 1024, "1.0 MiB", "1.0M"),
    (64 << 20, "64.0 MiB", "64.0M"),
    (123 << 20, "123 MiB", "123M"),
    (5 << 50, "5.0 PiB", "5.0P"),
])  # fmt: skip
def test_sizes(value: int | None, long: str, short: str) -> None:
    assert (size(value), short_size(value)) == (long, short)


@given(st.integers(0, 1 << 59))
def test_sizes_never_outgrow_their_column(value: int) -> None:
    assert len(short_size(value)) <= 6
    assert len(short_rate(value)) <= 8


def test_a_part_shares_the_unit_of_its_whole() -> None:
    assert of_size(12 << 20, 64 << 20) == "12.0 of 64.0 MiB"
    assert of_size(512, 64 << 20) == "512 B of 64.0 MiB"


def test_rates() -> None:
    assert rate(0) == "0 B/s"
    assert rate(None) == "-"


@pytest.mark.parametrize(("value", "text"), [
    (None, "-"), (0, "0%"), (0.04, "0%"), (0.05, "0.1%"), (9.94, "9.9%"), (9.96, "10%"),
    (99.6, "100%"), (250.4, "250%"),
])  # fmt: skip
def test_percentages_are_no_more_precise_than_they_mean(value: float | None, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(("seconds", "text", "past"), [
    (-5, "0s", "0s ago"), (59, "59s", "59s ago"), (60, "1m", "1m ago"), (3599, "59m", "59m ago"),
    (3600, "1h00m", "1h ago"), (86399, "23h59m", "23h ago"), (86400, "1d00h", "1d ago"),
    (10 * 86400 + 5 * 3600, "10d05h", "10d ago"),
])  # fmt: skip
def test_spans(seconds: int, text: str, past: str) -> None:
    assert (span(seconds * SECOND), ago(seconds * SECOND)) == (text, past)


def test_words() -> None:
    assert [cores(value) for value in (0.5, 2.0, 0.25, None)] == ["0.5", "2", "0.25", "-"]
    assert [plural(count, "container") for count in (0, 1, 2)] == [
        "0 containers", "1 container", "2 containers",
    ]  # fmt: skip
