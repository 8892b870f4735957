"""Counters to rates: never negative, never infinite, whatever counters and clocks do."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.engine.rates import InterfaceCounters, Reading, host_cpu_percent, with_rates
from tuicontainer.engine.statistics import ContainerStats
from tuicontainer.runtime.cgroups.sample import (
    CgroupSample,
    CpuSample,
    IoDeviceSample,
    MemorySample,
)

SECOND = 1_000_000_000


def reading(
    at: int,
    *,
    cpu: CpuSample | None = None,
    memory: MemorySample | None = None,
    io: tuple[IoDeviceSample, ...] | None = None,
    interfaces: tuple[InterfaceCounters, ...] = (),
    instance: int = 1,
) -> Reading:
    sample = CgroupSample(
        monotonic_ns=at, cpu=cpu or CpuSample(), memory=memory or MemorySample(), io=io
    )
    return Reading(id="c", instance=instance, sample=sample, interfaces=interfaces)


def cpu_stats(now: CpuSample, before: CpuSample, *, elapsed: int = SECOND) -> ContainerStats:
    return with_rates(reading(elapsed, cpu=now), reading(0, cpu=before))


def test_the_first_reading_has_no_rates_but_what_needs_none() -> None:
    stats = with_rates(
        reading(
            5,
            cpu=CpuSample(usage_ns=9, quota_us=50_000, period_us=100_000),
            memory=MemorySample(usage=1, limit=4),
        ),
        None,
    )
    assert stats.cpu_percent_of_core is None
    assert stats.throttled_percent is None
    assert stats.io_read_bytes_per_s is None
    assert stats.cpu_limit_cores == 0.5
    assert stats.memory_percent_of_limit == 25.0


@pytest.mark.parametrize(
    ("now", "before", "elapsed", "of_core", "of_limit"),
    [
        (CpuSample(usage_ns=SECOND), CpuSample(usage_ns=0), SECOND, 100.0, None),
        (CpuSample(usage_ns=SECOND), CpuSample(usage_ns=0), 2 * SECOND, 50.0, None),
        (CpuSample(usage_ns=3 * SECOND), CpuSample(usage_ns=0), SECOND, 300.0, None),
        (
            CpuSample(usage_ns=SECOND // 4, quota_us=25_000, period_us=50_000),
            CpuSample(usage_ns=0),
            SECOND,
            25.0,
            50.0,
        ),
        (CpuSample(usage_ns=5), CpuSample(usage_ns=9), SECOND, None, None),
        (CpuSample(usage_ns=9), CpuSample(usage_ns=5), 0, None, None),
        (CpuSample(usage_ns=9), CpuSample(usage_ns=5), -SECOND, None, None),
        (CpuSample(), CpuSample(usage_ns=5), SECOND, None, None),
        (CpuSample(usage_ns=5), CpuSample(), SECOND, None, None),
        (CpuSample(usage_ns=5, quota_us=-1, period_us=9), CpuSample(usage_ns=5), SECOND, 0.0, None),
        (CpuSample(usage_ns=5, quota_us=9, period_us=0), CpuSample(usage_ns=5), SECOND, 0.0, None),
    ],
)
def test_cpu(
    now: CpuSample, before: CpuSample, elapsed: int, of_core: float | None, of_limit: float | None
) -> None:
    stats = cpu_stats(now, before, elapsed=elapsed)
    assert (stats.cpu_percent_of_core, stats.cpu_percent_of_limit) == (of_core, of_limit)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ((20, 5), (10, 0), 50.0),
        ((10, 0), (10, 0), 0.0),
        ((20, 20), (10, 0), 100.0),
        ((5, 0), (10, 0), None),
        ((20, 1), (10, 2), None),
        ((None, None), (10, 0), None),
        ((20, 5), (None, None), None),
    ],
)
def test_throttling_is_a_share_of_periods(
    now: tuple[int | None, int | None],
    before: tuple[int | None, int | None],
    expected: float | None,
) -> None:
    stats = cpu_stats(
        CpuSample(periods=now[0], throttled_periods=now[1]),
        CpuSample(periods=before[0], throttled_periods=before[1]),
    )
    assert stats.throttled_percent == expected


def device(minor: int, read_bytes: int) -> IoDeviceSample:
    return IoDeviceSample(major=8, minor=minor, read_bytes=read_bytes)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ((device(0, 300),), (device(0, 100),), 200.0),
        ((device(0, 300), device(1, 50)), (device(0, 100), device(1, 40)), 210.0),
        ((device(0, 300), device(1, 50)), (device(0, 300),), 50.0),
        ((device(1, 50),), (device(0, 300), device(1, 50)), 0.0),
        ((), (), 0.0),
        ((device(0, 1),), (device(0, 9),), None),
        (None, (), None),
        ((), None, None),
    ],
)
def test_io_is_summed_over_devices(
    now: tuple[IoDeviceSample, ...] | None,
    before: tuple[IoDeviceSample, ...] | None,
    expected: float | None,
) -> None:
    stats = with_rates(reading(SECOND, io=now), reading(0, io=before))
    assert stats.io_read_bytes_per_s == expected


def counters(name: str, rx: int) -> InterfaceCounters:
    return InterfaceCounters(name=name, rx_bytes=rx, rx_packets=1, tx_bytes=rx, tx_packets=1)


def test_interfaces_are_told_apart_and_new_ones_have_no_rate() -> None:
    stats = with_rates(
        reading(SECOND, interfaces=(counters("eth0", 500), counters("eth1", 9))),
        reading(0, interfaces=(counters("eth0", 100), counters("gone", 1))),
    )
    assert [(entry.name, entry.rx_bytes_per_s) for entry in stats.interfaces] == [
        ("eth0", 400.0),
        ("eth1", None),
    ]


def test_an_interface_that_was_made_anew_has_no_rate() -> None:
    stats = with_rates(
        reading(SECOND, interfaces=(counters("eth0", 5),)),
        reading(0, interfaces=(counters("eth0", 100),)),
    )
    assert stats.interfaces[0].rx_bytes_per_s is None


def test_another_instance_is_no_earlier_reading() -> None:
    stats = with_rates(
        reading(SECOND, cpu=CpuSample(usage_ns=9), instance=2),
        reading(0, cpu=CpuSample(usage_ns=5), instance=1),
    )
    assert stats.cpu_percent_of_core is None


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ((50, 200), (0, 100), 50.0),
        ((50, 200), None, None),
        ((50, 100), (50, 100), None),
        ((49, 200), (50, 100), 0.0),
        ((160, 200), (50, 100), 100.0),
    ],
)
def test_the_hosts_cpu(
    now: tuple[int, int], before: tuple[int, int] | None, expected: float | None
) -> None:
    assert host_cpu_percent(now, before) == expected


number = st.none() | st.integers(0, 2**64)
sample = st.builds(
    reading,
    st.integers(0, 2**63),
    cpu=st.builds(
        CpuSample,
        usage_ns=number,
        periods=number,
        throttled_periods=number,
        quota_us=st.none() | st.integers(-1, 10**6),
        period_us=number,
    ),
    memory=st.builds(MemorySample, usage=number, limit=number),
    io=st.none() | st.lists(st.builds(device, st.integers(0, 3), st.integers(0, 2**64))).map(tuple),
    interfaces=st.lists(st.builds(counters, st.sampled_from("ab"), st.integers(0, 2**64))).map(
        tuple
    ),
    instance=st.integers(1, 2),
)


@given(sample, sample)
def test_no_rate_is_ever_negative_or_infinite(now: Reading, before: Reading) -> None:
    stats = with_rates(now, before)
    rates = [value for name, value in stats.items() if name.endswith(("_s", "_core", "_percent"))]
    rates += [stats.cpu_percent_of_limit]
    rates += [entry.rx_bytes_per_s for entry in stats.interfaces]
    for rate in rates:
        assert rate is None or (rate >= 0 and math.isfinite(rate))
