"""The statistics stream: one sampler while somebody listens."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time

import pytest

from tuicontainer.engine.history import History
from tuicontainer.engine.statistics import HostStats, StatsTick
from tuicontainer.engine.stats_stream import StatsStream
from tuicontainer.errors import InvalidArgument, Unavailable

HOST = HostStats(cpu_count=1, cpu_percent=None, memory_total=1, memory_available=1, load_1=0.0)


class CountingSampler:
    """Stands where the sampler stands and counts; touches neither /proc nor cgroups."""

    opened = 0
    closed = 0

    def __init__(self) -> None:
        type(self).opened += 1
        self.thread = threading.current_thread()

    def tick(self) -> StatsTick:
        assert threading.current_thread() is self.thread
        return StatsTick(time_ns=time.time_ns(), host=HOST, containers={})

    def close(self) -> None:
        type(self).closed += 1


class BrokenSampler(CountingSampler):
    def tick(self) -> StatsTick:
        raise OSError("no /proc here")


def stream(kind: type[CountingSampler] = CountingSampler) -> StatsStream:
    kind.opened = kind.closed = 0
    return StatsStream(kind, History())  # type: ignore[arg-type]


async def take(stats: StatsStream, interval: float, count: int) -> list[float]:
    times = []
    async with contextlib.aclosing(stats.listen(interval)) as ticks:
        async for _ in ticks:
            times.append(time.monotonic())
            if len(times) == count:
                break
    return times


async def test_ticks_come_at_the_interval_and_the_thread_ends_with_the_last_listener() -> None:
    stats = stream()
    before = threading.active_count()
    times = await take(stats, 0.1, 5)
    assert 0.35 < times[-1] - times[0] < 0.9
    await stats.close()
    for _ in range(50):
        if threading.active_count() <= before:
            break
        await asyncio.sleep(0.02)
    assert CountingSampler.opened == CountingSampler.closed == 1


async def test_one_sampler_serves_all_at_their_own_pace() -> None:
    stats = stream()
    quick, slow = await asyncio.gather(take(stats, 0.05, 10), take(stats, 0.2, 3))
    assert CountingSampler.opened == 1
    assert slow[-1] - slow[0] > 0.3
    assert quick[-1] - quick[0] < slow[-1] - slow[0] + 0.3
    await stats.close()


async def test_a_slow_listener_gets_the_newest_tick_only() -> None:
    stats = stream()
    async with contextlib.aclosing(stats.listen(0.05)) as ticks:
        await anext(ticks)
        await asyncio.sleep(0.4)
        tick = await anext(ticks)
        assert time.time_ns() - tick.time_ns < 150_000_000
    await stats.close()


async def test_a_failing_sampler_fails_the_stream() -> None:
    stats = stream(BrokenSampler)
    with pytest.raises(Unavailable, match="no /proc here"):
        await take(stats, 0.1, 1)
    assert BrokenSampler.closed == 1


async def test_an_interval_must_be_above_zero() -> None:
    with pytest.raises(InvalidArgument):
        await take(stream(), 0.0, 1)


async def test_closing_ends_the_thread_while_somebody_listens() -> None:
    stats = stream()
    ticks = stats.listen(0.05)
    await anext(ticks)
    await stats.close()
    assert CountingSampler.closed == 1
    await ticks.aclose()
