"""What is told of a container that has ended."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.supervise.views import ContainerView, ExitRecord
from tuicontainer.tui.kernel.last import last_moment_lines
from tuicontainer.tui.spans import plain, width_of

SECOND = 1_000_000_000
START = 1_780_000_000 * SECOND
SAMPLE = {
    "monotonic_ns": 1,
    "cpu": {"usage_ns": 3 * SECOND, "user_ns": 2 * SECOND, "system_ns": SECOND,
            "periods": 100, "throttled_periods": 25},
    "memory": {"usage": 0, "peak": 48 << 20, "limit": 64 << 20, "oom_kills": 2},
    "pids": {"current": 0, "limit": 64},
    "io": [{"major": 8, "minor": 0, "read_bytes": 1 << 20, "write_bytes": 2 << 20}],
    "pressure": {},
}  # fmt: skip
LINES = [
    {"time_ns": START + SECOND, "stream": "stdout", "text": "all is \x1b[31mwell\x1b[0m"},
    {"time_ns": START + 2 * SECOND, "stream": "stderr", "text": "not any more\x1b]0;x\x07"},
]


def view(**changes: Any) -> ContainerView:
    values: dict[str, Any] = {
        "id": "a", "status": "stopped", "pid": 0, "bundle": "/b", "created_ns": START,
        "started_ns": START,
        "exit": ExitRecord(status=137, finished_ns=START + 62 * SECOND, reason="signaled"),
    }  # fmt: skip
    return ContainerView(**(values | changes))


def ended(**changes: Any) -> ContainerView:
    values: dict[str, Any] = {"status": 0, "finished_ns": START + 62 * SECOND}
    return view(exit=ExitRecord(**(values | changes)))


def text_of(shown: ContainerView, document: dict[str, Any], width: int = 100) -> str:
    return "\n".join(plain(line) for line in last_moment_lines(shown, document, width))


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (ended(), ("exit 0", "and well", "after 1m02s")),
        (ended(status=3), ("exit 3", "with a failure")),
        (ended(status=139, reason="signaled"), ("SIGSEGV", "memory that isn't its own")),
        (ended(status=150, reason="signaled"), ("SIG", "a signal ended it")),
        (ended(status=137, oom_killed=True), ("OOM kill", "for want of memory")),
        (ended(status=None, finished_ns=None, reason="unknown"), ("unknown", "nobody was there")),
        (ended(status=None, finished_ns=None, reason="reboot"), ("reboot",)),
        (ended(status=127, reason="failed"), ("failed", "could not be started")),
        (view(instance=3, restarts=2), ("instance 3", "2 times by its policy")),
        (view(status="running", pid=5), ("the one before",)),
        (view(exit=None), ("hasn't ended yet",)),
    ],
)
def test_it_says_why(shown: ContainerView, says: tuple[str, ...]) -> None:
    text = text_of(shown, {})
    for words in says:
        assert words in text


def test_it_says_what_was_used_and_written() -> None:
    document = {"last_sample": {"instance": 1, "sample": SAMPLE}, "last_lines": LINES}
    text = text_of(view(), document)
    for words in (
        "3.0s · user 2.0s, system 1.0s · throttled in 25% of periods",
        "peak 48.0 of 64.0 MiB", "killed for want of memory 2 times",
        "read 1.0 MiB, written 2.0 MiB", "64 allowed",
        "│ all is well", "│ not any more",
    ):  # fmt: skip
        assert words in text
    assert "\x1b" not in text
    assert "\x07" not in text


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"last_sample": None, "last_lines": None},
        {"last_sample": {"sample": {"cpu": 3}}, "last_lines": []},
        {"last_sample": [], "last_lines": [3, {"time_ns": "x", "text": None}]},
    ],
)
def test_what_isnt_known_isnt_told(document: dict[str, Any]) -> None:
    text = text_of(view(), document)
    assert "told nothing" in text
    assert "SIGKILL" in text


@pytest.mark.parametrize("width", [20, 40, 80])
def test_it_fits(width: int) -> None:
    document = {"last_sample": {"instance": 1, "sample": SAMPLE}, "last_lines": LINES}
    assert all(width_of(line) <= width for line in last_moment_lines(view(), document, width))
