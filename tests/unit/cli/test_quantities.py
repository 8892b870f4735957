"""Quantities in words and back."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import pytest

from tuicontainer.cli.quantities import (
    format_percent,
    format_size,
    format_span,
    parse_count,
    parse_cpus,
    parse_interval,
    parse_moment,
    parse_positive,
    parse_seconds,
    parse_size,
    rfc3339,
)
from tuicontainer.errors import InvalidArgument


@pytest.mark.parametrize(
    ("word", "size"),
    [
        ("1", 1),
        ("4096", 4096),
        ("512b", 512),
        ("64k", 65536),
        ("64M", 64 << 20),
        ("64MiB", 64 << 20),
        ("1.5g", 3 << 29),
        ("2T", 2 << 40),
    ],
)
def test_sizes_are_powers_of_1024(word: str, size: int) -> None:
    assert parse_size(word) == size


@pytest.mark.parametrize(
    ("word", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("90s", 90.0), ("10m", 600.0), ("1h30m", 5400.0), ("2d", 172800.0)],
)
def test_durations(word: str, seconds: float) -> None:
    assert parse_seconds(word) == seconds


@pytest.mark.parametrize(
    ("parse", "word"),
    [
        (parse_size, ""),
        (parse_size, "0"),
        (parse_size, "-1m"),
        (parse_size, "64x"),
        (parse_size, "nan"),
        (parse_size, "inf"),
        (parse_size, "1e400g"),
        (parse_size, "64mm"),
        (parse_cpus, "-1"),
        (parse_cpus, "nan"),
        (parse_cpus, "two"),
        (parse_count, "-1"),
        (parse_count, "1.5"),
        (parse_count, "²"),
        (parse_positive, "0"),
        (parse_seconds, ""),
        (parse_seconds, "m"),
        (parse_seconds, "-3"),
        (parse_seconds, "nan"),
        (parse_seconds, "3 weeks"),
        (parse_interval, "0"),
        (parse_moment, "2026-13-01"),
        (parse_moment, "soon"),
    ],
)
def test_what_is_no_quantity_is_refused(parse: Callable[[str], object], word: str) -> None:
    with pytest.raises(InvalidArgument):
        parse(word)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "-"),
        (0, "0B"),
        (999, "999B"),
        (1000, "0.98KiB"),
        (1536, "1.50KiB"),
        (15 << 20, "15.0MiB"),
        (150 << 20, "150MiB"),
        (1023 << 20, "1.00GiB"),
        (5 << 60, "5120PiB"),
    ],
)
def test_sizes_have_three_figures(size: int | None, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (90000, "1d")],
)
def test_spans(seconds: float, text: str) -> None:
    assert format_span(seconds) == text


def test_percentages() -> None:
    assert (format_percent(None), format_percent(12.345)) == ("-", "12.3%")


def test_moments_are_absolute_or_before_now() -> None:
    assert parse_moment("1970-01-01T00:00:01+00:00") == 1_000_000_000
    assert parse_moment("1970-01-01T00:00:01Z") == 1_000_000_000
    before = time.time_ns() - parse_moment("10m")
    assert 599e9 < before < 601e9


def test_times_are_utc_with_nanoseconds() -> None:
    text = rfc3339(1_700_000_000_000_000_042)
    assert text == "2023-11-14T22:13:20.000000042Z"
    assert datetime.fromisoformat(text).timestamp() == 1_700_000_000.0
