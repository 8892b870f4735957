"""Values of cgroup v1 as v2 takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.conversions import (
    cpu_max,
    cpu_weight,
    io_weight,
    limit_word,
    swap_max,
)


@pytest.mark.parametrize(
    ("shares", "weight"),
    [
        (1, 1),
        (2, 1),
        (3, 2),
        (100, 17),
        (512, 59),
        (1024, 100),
        (2048, 174),
        (262_143, 10_000),
        (262_144, 10_000),
        (2**40, 10_000),
    ],
)
def test_shares(shares: int, weight: int) -> None:
    assert cpu_weight(shares) == weight


@given(st.integers(1, 2**20), st.integers(0, 1000))
def test_more_shares_are_never_less_weight(shares: int, more: int) -> None:
    assert 1 <= cpu_weight(shares) <= cpu_weight(shares + more) <= 10_000


@pytest.mark.parametrize(("v1", "v2"), [(10, 1), (100, 910), (500, 4950), (1000, 10_000)])
def test_block_io_weight(v1: int, v2: int) -> None:
    assert io_weight(v1) == v2


@pytest.mark.parametrize(
    ("quota", "period", "expected"),
    [
        (None, None, None),
        (50_000, None, "50000 100000"),
        (50_000, 20_000, "50000 20000"),
        (-1, None, "max 100000"),
        (-1, 50_000, "max 50000"),
        (None, 50_000, "max 50000"),
    ],
)
def test_bandwidth(quota: int | None, period: int | None, expected: str | None) -> None:
    assert cpu_max(quota, period) == expected


@pytest.mark.parametrize(
    ("limit", "swap", "expected"),
    [
        (None, None, None),
        (100, None, None),
        (-1, None, "max"),
        (100, 100, "0"),
        (100, 250, "150"),
        (100, -1, "max"),
        (None, -1, "max"),
    ],
)
def test_swap(limit: int | None, swap: int | None, expected: str | None) -> None:
    assert swap_max(limit, swap) == expected


@pytest.mark.parametrize(("limit", "swap"), [(None, 100), (-1, 100), (100, 99)])
def test_swap_without_enough_memory_is_refused(limit: int | None, swap: int) -> None:
    with pytest.raises(InvalidArgument, match=r"memory\.swap"):
        swap_max(limit, swap)


@pytest.mark.parametrize(("value", "word"), [(-1, "max"), (0, "0"), (7, "7")])
def test_limits(value: int, word: str) -> None:
    assert limit_word(value) == word
