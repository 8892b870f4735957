"""Limits as they are typed, and as they are told."""

from __future__ import annotations

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.limits import Limits
from tuicontainer.tui.limit_texts import in_force_words, read_limits


def typed(memory: str = "", cpus: str = "", pids: str = "") -> Limits:
    return read_limits({"memory": memory, "cpus": cpus, "pids": pids})


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (typed(), Limits()),
        (typed(memory="64m"), Limits(memory_limit=64 << 20)),
        (typed(memory=" 1.5 GiB"), Limits(memory_limit=3 << 29)),
        (typed(memory="4096"), Limits(memory_limit=4096)),
        (typed(cpus="0.5", pids="100"), Limits(cpus=0.5, pids_limit=100)),
        (typed("none", "none", "none"), Limits(memory_limit=-1, cpus=0.0, pids_limit=-1)),
    ],
)
def test_what_is_typed(limits: Limits, expected: Limits) -> None:
    assert limits == expected


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"memory": "lots"}, "memory limit"),
        ({"memory": "-1"}, "memory limit"),
        ({"cpus": "0"}, "CPU limit"),
        ({"cpus": "nan"}, "CPU limit"),
        ({"pids": "0"}, "process limit"),
        ({"pids": "1e3"}, "process limit"),
    ],
)
def test_what_cant_be_names_its_field(values: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidArgument, match=field) as refused:
        typed(**values)
    assert "none" in refused.value.hint


def test_what_was_read_back() -> None:
    given = {"memory": 64 << 20, "cpu_quota_us": 50_000, "cpu_period_us": 100_000, "pids": None}
    assert in_force_words(given) == "memory 64.0M · cpus 0.5 · processes none"
    assert in_force_words(None) == "from its next start on"
