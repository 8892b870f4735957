"""Fifteen minutes of statistics, and no more."""

from __future__ import annotations

from tuicontainer.engine.history import KEPT_NS, History
from tuicontainer.engine.statistics import ContainerStats, HostStats, StatsTick
from tuicontainer.runtime.cgroups.sample import CgroupSample, MemorySample

SECOND = 1_000_000_000
HOST = HostStats(cpu_count=1, cpu_percent=None, memory_total=1, memory_available=1, load_1=0.0)


def tick(second: int, *ids: str, usage: int = 7) -> StatsTick:
    return StatsTick(
        time_ns=second * SECOND,
        host=HOST,
        containers={
            name: ContainerStats(
                id=name,
                instance=1,
                sample=CgroupSample(monotonic_ns=second, memory=MemorySample(usage=usage)),
            )
            for name in ids
        },
    )


def test_ticks_come_back_oldest_first() -> None:
    history = History()
    for second in range(3):
        history.add(tick(second, "a", usage=second))
    assert [(at // SECOND, stats.sample.memory.usage) for at, stats in history.of("a")] == [
        (0, 0),
        (1, 1),
        (2, 2),
    ]
    assert history.of("b") == ()


def test_what_is_older_than_fifteen_minutes_is_dropped_also_for_the_gone() -> None:
    history = History()
    history.add(tick(0, "a", "b"))
    history.add(tick(1, "a"))
    last = KEPT_NS // SECOND + 1
    history.add(tick(last, "a"))
    assert [at // SECOND for at, _ in history.of("a")] == [1, last]
    assert history.of("b") == ()


def test_a_clock_that_steps_back_loses_nothing() -> None:
    history = History()
    history.add(tick(100, "a"))
    history.add(tick(50, "a"))
    assert len(history.of("a")) == 2


def test_equal_parts_are_kept_once() -> None:
    history = History()
    history.add(tick(0, "a"))
    history.add(tick(1, "a"))
    (_, first), (_, second) = history.of("a")
    assert second.sample.memory is first.sample.memory
    assert second.sample.monotonic_ns == 1
