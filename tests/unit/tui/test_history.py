"""Graphs over time: axes, marks, limits."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tui.test_gauges import stats, texts
from tuicontainer.engine.statistics import ContainerStats
from tuicontainer.runtime.cgroups.sample import CgroupSample, MemorySample
from tuicontainer.supervise.views import ExitRecord
from tuicontainer.tui.history import history_lines
from tuicontainer.tui.spans import plain, width_of

SECOND = 1_000_000_000


def seconds(count: int, **changes: Any) -> list[tuple[int, ContainerStats]]:
    return [(number * SECOND, stats(**changes)) for number in range(1, count + 1)]


@given(st.integers(1, 400), st.integers(20, 150), st.integers(4, 50))
def test_it_fits_any_size(count: int, width: int, height: int) -> None:
    lines = history_lines(seconds(count), width, height)
    assert len(lines) <= max(height, 5)
    assert all(width_of(line) <= width for line in lines)


def test_axes_say_what_they_are() -> None:
    shown = texts(history_lines(seconds(120), 100, 40))
    for words in ("CPU, % of one core   now 45% · limit 0.5 core", "50%┤", "Memory", "64.0M┤",
                  "Throttled, % of periods", "-1m", "now"):  # fmt: skip
        assert words in shown


def test_rows_near_the_limit_are_red() -> None:
    lines = history_lines(seconds(60, cpu_percent_of_core=50.0), 60, 12)
    tones = [line[2][1] for line in lines if len(line) == 3 and line[1][1] == "faint"]
    assert tones[0] == "high"
    assert "low" in tones


def test_restarts_and_oom_kills_are_marked_on_the_axis() -> None:
    samples = seconds(30)
    killed = CgroupSample(monotonic_ns=0, memory=MemorySample(usage=1, oom_kills=3))
    samples += [((30 + number) * SECOND, stats(instance=2)) for number in range(1, 15)]
    samples += [
        ((44 + number) * SECOND, stats(instance=2, sample=killed)) for number in range(1, 5)
    ]
    axis = next(line for line in history_lines(samples, 60, 12) if "└" in plain(line))
    assert "↻" in plain(axis)
    assert "▲" in plain(axis)
    assert plain(axis).index("↻") < plain(axis).index("▲")


def test_the_kill_that_ended_it_is_marked_though_no_sample_counted_it() -> None:
    samples = seconds(30, sample=CgroupSample(monotonic_ns=0, memory=MemorySample(usage=1)))
    ended = ExitRecord(status=137, finished_ns=31 * SECOND, oom_killed=True, reason="signaled")
    axis, labels = history_lines(samples, 60, 12, ended=ended)[-2:]
    assert plain(axis).rstrip()[-1] == "▲"
    assert plain(labels).rstrip().endswith("end"), "what ended has no now"


def test_more_than_fits_is_drawn_together() -> None:
    shown = texts(history_lines(seconds(900), 60, 12))
    assert "-10m" in shown


def test_without_samples_it_says_why() -> None:
    assert "no statistics yet" in texts(history_lines((), 60, 12))
