"""How an instance was made, as a waterfall."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.supervise.timelines import HookStep, Operation, Step
from tuicontainer.tui.kernel.steps import step_lines, took
from tuicontainer.tui.spans import Line, plain, width_of

WIDTH = 83
"""Leaves forty columns for the bars."""


def operation(*steps: tuple[str, str, int, int], **changes: Any) -> Operation:
    """Return a create of 40 ms, so that a column of a bar is a millisecond."""
    told = tuple(
        Step(step=step, process=process, start_us=start, duration_us=duration)  # type: ignore[arg-type]
        for step, process, start, duration in steps
    )
    values = {"operation": "create", "instance": 2, "began_ns": 0, "duration_us": 40_000}
    return Operation(**{**values, "steps": told, **changes})


def hook(**changes: Any) -> HookStep:
    values = {"kind": "prestart", "index": 1, "path": "/h", "start_us": 0, "duration_us": 12_300}
    return HookStep(**{**values, "status": 0, **changes})


def texts(lines: list[Line]) -> list[str]:
    return [plain(line).rstrip() for line in lines]


def tone_of(lines: list[Line], text: str) -> str:
    return next(tone for line in lines for part, tone in line if text in part)


@pytest.mark.parametrize(("microseconds", "text"), [
    (0, "0µs"), (999, "999µs"), (1_000, "1.0ms"), (99_900, "99.9ms"), (99_951, "99ms"),
    (1_230_000, "1.2s"), (125_000_000, "2m05s"),
])  # fmt: skip
def test_spans_are_short(microseconds: int, text: str) -> None:
    assert took(microseconds) == text


def test_bars_stand_where_and_as_long_as_steps_were() -> None:
    made = operation(
        ("plan", "runtime", 0, 10_000),
        ("pivot", "init", 10_000, 20_000),
        ("wait for init", "runtime", 10_000, 29_999),
        ("state", "runtime", 39_999, 1),
    )
    lines = step_lines([made], WIDTH)  # fmt: skip
    shown = texts(lines)
    assert shown[1] == "Making instance 2  40.0ms in all"
    bars = [line[43:] for line in shown[2:]]
    assert bars == [
        "━" * 10 + "·" * 30,
        "·" * 10 + "━" * 20 + "·" * 10,
        "·" * 10 + "─" * 29 + "·",
        "·" * 39 + "━",
    ]
    assert shown[3].startswith("  pivot "), "set in, as it is the other process's"
    assert shown[3][23:41].split() == ["+10.0ms", "20.0ms"]


def test_hooks_stand_beneath_with_status_and_stderr() -> None:
    failing = hook(status=3, error="exit status 3", stderr="one\nno\x1b luck\n")
    lines = step_lines([operation(("prestart hooks", "runtime", 0, 40_000), hooks=(failing,),
                                  error="error running prestart hook #1")], WIDTH)  # fmt: skip
    assert texts(lines)[2] == "failed: error running prestart hook #1"
    assert texts(lines)[4:] == [
        "prestart hook #1  exit status 3  12.3ms  /h",
        "  │ one",
        "  │ no� luck",
    ]
    assert tone_of(lines, "exit status 3") == "bad"
    assert tone_of(lines, "━") == "bad", "the step in which it failed"
    fine = step_lines([operation(("prestart hooks", "runtime", 0, 1), hooks=(hook(),))], WIDTH)
    assert texts(fine)[3] == "prestart hook #1  exit status 0  12.3ms  /h"
    assert tone_of(fine, "exit status 0") == "good"


def test_of_a_long_stderr_the_last_lines_are_shown() -> None:
    long = hook(stderr="".join(f"line {number}\n" for number in range(50)))
    shown = texts(step_lines([operation(hooks=(long,))], WIDTH))
    assert shown[3:] == [f"  │ line {number}" for number in range(42, 50)]


@pytest.mark.parametrize("width", [44, 56, 78, 200])
def test_no_line_is_wider_than_the_pane(width: int) -> None:
    made = operation(
        ("mount " + "x" * 60, "init", -5, 99_000), hooks=(hook(path="/" * 300, stderr="y" * 300),),
        error="z " * 200,
    )  # fmt: skip
    assert max(width_of(line) for line in step_lines([made], width)) <= width


def test_nothing_known_shows_nothing() -> None:
    assert step_lines([], WIDTH) == []
