"""The line that says which moment is shown."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.tui.spans import plain, width_of
from tuicontainer.tui.time_bar import Place, duration, time_bar_line

SECOND = 1_000_000_000
START = 1_780_000_000 * SECOND


def place(**changes: Any) -> Place:
    """Return ten minutes of which the sixth is shown."""
    values: dict[str, Any] = {
        "title": "THE PAST",
        "first_ns": START,
        "last_ns": START + 600 * SECOND,
        "now_ns": START + 300 * SECOND,
        "playing": False,
        "speed": 1,
        "advice": ("nothing can be changed · R returns to now", "R returns to now"),
    }
    return Place(**(values | changes))


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 250])
def test_the_line_is_as_wide_as_there_is_room(width: int) -> None:
    line, start, end = time_bar_line(place(), width)
    assert width_of(line) <= max(width, 40)
    assert end >= start
    assert ("R returns to now" in plain(line)) is (width >= 60)
    assert ("nothing can be changed" in plain(line)) is (width >= 120)


def test_a_torn_recording_says_so() -> None:
    assert "its end is torn" in plain(time_bar_line(place(torn=True), 120)[0])


@pytest.mark.parametrize(("now", "share"), [(0, 0.0), (300, 0.5), (600, 1.0), (900, 1.0)])
def test_the_moment_is_at_its_share_of_the_track(now: int, share: float) -> None:
    line, start, end = time_bar_line(place(now_ns=START + now * SECOND), 120)
    assert plain(line).index("●") == start + int((end - start - 1) * share)


def test_the_worst_of_a_columns_events_is_marked() -> None:
    marks = tuple((START + 60 * SECOND, kind) for kind in ("oom", "exited", "started"))
    line, start, end = time_bar_line(place(marks=marks), 120)
    track = plain(line)[start:end]
    assert "▲" in track
    assert "▾" not in track
    assert track.index("▲") == (end - start - 1) // 10


def test_what_is_outside_isnt_marked() -> None:
    line, *_ = time_bar_line(place(marks=((START - 1, "oom"), (START + 601 * SECOND, "oom"))), 120)
    assert "▲" not in plain(line)


def test_it_says_how_long_ago_and_whether_time_passes() -> None:
    assert "paused" in plain(time_bar_line(place(), 120)[0])
    text = plain(time_bar_line(place(playing=True, speed=5), 120)[0])
    assert "playing 5x" in text
    assert "-5m00s" in text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59, "59s"), (62, "1m02s"), (3661, "1h01m")]
)
def test_durations(seconds: int, text: str) -> None:
    assert duration(seconds) == text
