"""Limits that a person sets become sections of `linux.resources`."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.limits import Limits, merge_limits


def test_only_what_changes_is_returned() -> None:
    resources = {"memory": {"limit": 1}, "pids": {"limit": 2}, "devices": []}
    assert merge_limits(resources, Limits()) == {}
    assert merge_limits(resources, Limits(pids_limit=9)) == {"pids": {"limit": 9}}
    assert resources["pids"] == {"limit": 2}, "the bundle's own isn't changed"


@pytest.mark.parametrize(
    ("memory", "limits", "result"),
    [
        ({}, {"memory_limit": 4096}, {"limit": 4096}),
        ({"limit": 10, "swap": 20}, {"memory_limit": 4096}, {"limit": 4096, "swap": 4096}),
        ({"limit": 10, "swap": -1}, {"memory_limit": 4096}, {"limit": 4096, "swap": -1}),
        (
            {"limit": 8192, "reservation": 8192},
            {"memory_limit": 4096},
            {"limit": 4096, "reservation": 4096},
        ),
        (
            {"limit": 10, "swap": 20, "reservation": 5},
            {"memory_limit": -1},
            {"limit": -1, "reservation": 5},
        ),
        (
            {"limit": 10, "swappiness": 3},
            {"memory_swap": 4096, "memory_reservation": 8},
            {"limit": 10, "swap": 4096, "reservation": 8, "swappiness": 3},
        ),
    ],
)
def test_memory_stays_consistent(
    memory: dict[str, Any], limits: dict[str, Any], result: dict[str, Any]
) -> None:
    assert merge_limits({"memory": memory}, Limits(**limits)) == {"memory": result}


@pytest.mark.parametrize(
    ("cpus", "result"),
    [
        (0.25, {"quota": 25_000, "burst": 25_000, "period": 100_000, "shares": 512}),
        (4, {"quota": 400_000, "burst": 90_000, "period": 100_000, "shares": 512}),
        (0, {"quota": -1, "period": 100_000, "shares": 512}),
    ],
)
def test_cpus_become_a_quota(cpus: float, result: dict[str, Any]) -> None:
    cpu = {"quota": 200_000, "burst": 90_000, "shares": 512}
    assert merge_limits({"cpu": cpu}, Limits(cpus=cpus)) == {"cpu": result}


def test_weights_and_sets() -> None:
    limits = Limits(cpu_shares=2, cpuset_cpus="0-1", io_weight=1000)
    assert merge_limits({}, limits) == {
        "cpu": {"shares": 2, "cpus": "0-1"},
        "blockIO": {"weight": 1000},
    }


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"memory_limit": 0}, "must be a number of bytes, or -1"),
        ({"memory_limit": -2}, "`memory limit` is `-2`"),
        ({"memory_swap": 4096}, "needs a memory limit"),
        ({"memory_limit": 4096, "memory_swap": 10}, "needs a memory limit"),
        ({"cpus": 0.001}, "must be from 0.01"),
        ({"cpus": float("nan")}, "must be from 0.01"),
        ({"cpus": -1.0}, "must be from 0.01"),
        ({"cpu_shares": 1}, "`CPU shares` is `1`"),
        ({"pids_limit": -2}, "`pids limit` is `-2`"),
        ({"io_weight": 9}, "`I/O weight` is `9`"),
    ],
)
def test_a_wrong_limit_is_refused(limits: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        merge_limits({}, Limits(**limits))
    assert text in caught.value.message


def test_a_section_that_is_no_object_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="must be an object"):
        merge_limits({"memory": 7}, Limits(memory_limit=4096))
