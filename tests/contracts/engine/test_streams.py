"""What every engine tells as it happens: containers, bundles, events, logs, statistics."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any, TypeVar, cast

import pytest

from tests.contracts.engine.subjects import Subject
from tuicontainer.engine.api import CreateOptions

T = TypeVar("T")


async def until(stream: AsyncIterator[T], true: Callable[[T], Any], seconds: float = 10) -> T:
    """Read on until something is *true* and return it; the stream stays open."""
    async with asyncio.timeout(seconds):
        async for entry in stream:
            if true(entry):
                return entry
    pytest.fail("the stream ended")


@contextlib.asynccontextmanager
async def opened(stream: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    try:
        yield stream
    finally:
        await cast("Any", stream).aclose()


def statuses(views: Any) -> dict[str, str]:
    return {view.id: view.status for view in views}


async def test_containers_are_told_now_and_after_each_change(subject: Subject) -> None:
    async with opened(subject.engine.watch_containers()) as views:
        assert list(await anext(views)) == []
        container = await subject.engine.create("steady", CreateOptions(container_id="x"))
        await until(views, lambda seen: statuses(seen) == {"x": "created"})
        await container.start()
        await until(views, lambda seen: statuses(seen) == {"x": "running"})
        await container.pause()
        await until(views, lambda seen: statuses(seen) == {"x": "paused"})
        await container.resume()
        await container.kill()
        stopped = await until(views, lambda seen: statuses(seen) == {"x": "stopped"})
        if stopped[0].exit is None:
            stopped = await until(views, lambda seen: seen[0].exit is not None)
        assert stopped[0].exit.status == 137
        await container.delete()
        await until(views, lambda seen: not seen)


async def test_only_those_with_a_process_when_asked(subject: Subject) -> None:
    await subject.engine.create("quick", CreateOptions(container_id="waiting"))
    running = await subject.engine.create("steady", CreateOptions(container_id="running"))
    await running.start()
    everything = await subject.engine.containers()
    assert [view.id for view in everything] == ["waiting", "running"]
    assert [view.id for view in await subject.engine.containers(all=False)] == ["running"]


async def test_bundles_are_told_now_and_after_each_change(subject: Subject) -> None:
    def names(views: Any) -> list[str]:
        return [view.name for view in views]

    async with opened(subject.engine.watch_bundles()) as views:
        first = await anext(views)
        assert names(first) == ["broken", "quick", "steady"]
        assert [bool(view.problem) for view in first] == [True, False, False]
        assert list(first) == list(await subject.engine.bundles())
        subject.add_bundle("fresh")
        await until(views, lambda seen: "fresh" in names(seen))
        subject.remove_bundle("fresh")
        await until(views, lambda seen: "fresh" not in names(seen))


async def test_events_tell_a_life_in_order(subject: Subject) -> None:
    async with opened(subject.engine.events(since=0)) as events:
        container = await subject.engine.create("steady", CreateOptions(container_id="x"))
        await container.start()
        await container.pause()
        await container.resume()
        await container.kill()
        await asyncio.wait_for(container.wait(), 20)
        await container.delete()
        seen = [await until(events, lambda _: True)]
        while seen[-1].type != "deleted":
            seen.append(await until(events, lambda _: True))
    life = ["created", "started", "paused", "resumed", "killed", "exited", "deleted"]
    assert [event.type for event in seen if event.type in life] == life
    assert {event.id for event in seen} == {"x"}
    assert all(before.cursor < after.cursor for before, after in pairwise(seen))
    [ended] = [event for event in seen if event.type == "exited"]
    assert ended.details["status"] == 137
    again = [event async for event in subject.engine.events(since=0, follow=False)]
    assert again == seen
    later = [event async for event in subject.engine.events(since=seen[2].cursor, follow=False)]
    assert later == seen[3:]


async def test_events_without_a_cursor_begin_now(subject: Subject) -> None:
    await subject.engine.create("quick", CreateOptions(container_id="before"))
    # An event is announced once it is safe on disk, which may be after the call has returned.
    await asyncio.sleep(0.3)
    async with opened(subject.engine.events()) as events:
        first = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.3)
        await subject.engine.create("quick", CreateOptions(container_id="after"))
        event = await asyncio.wait_for(first, 10)
    assert (event.type, event.id) == ("created", "after")


async def test_logs_have_both_streams_and_the_instance(subject: Subject) -> None:
    container = await subject.engine.create("quick", CreateOptions(container_id="x"))
    for _ in range(2):
        await container.start()
        await asyncio.wait_for(container.wait(), 20)
    lines = [line async for line in container.logs()]
    assert sorted((line.instance, line.stream, line.text) for line in lines) == [
        (1, "stderr", "err"),
        (1, "stdout", "out"),
        (2, "stderr", "err"),
        (2, "stdout", "out"),
    ]
    assert [line async for line in container.logs(tail=1)] == lines[-1:]
    assert [line async for line in container.logs(tail=0)] == []
    assert [line async for line in container.logs(since_ns=lines[-1].time_ns + 1)] == []


async def test_following_logs_survives_a_restart_and_ends_with_the_container(
    subject: Subject,
) -> None:
    container = await subject.engine.create("quick", CreateOptions(container_id="x"))
    async with opened(container.logs(follow=True)) as lines:
        for instance in (1, 2):
            await container.start()
            for _ in range(2):
                line = await until(lines, lambda _: True)
                assert line.instance == instance
            await asyncio.wait_for(container.wait(), 20)
        await container.delete()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(lines), 10)


async def test_statistics_are_of_what_runs(subject: Subject) -> None:
    container = await subject.engine.create("steady", CreateOptions(container_id="x"))
    await container.start()
    async with opened(subject.engine.stats(0.2)) as ticks:
        first = await until(ticks, lambda tick: "x" in tick.containers)
        second = await until(ticks, lambda _: True)
        assert second.time_ns > first.time_ns
        stats = second.containers["x"]
        assert (stats.id, stats.instance) == ("x", 1)
        assert stats.cpu_percent_of_core is not None
        assert stats.cpu_percent_of_core >= 0
        assert stats.sample.memory.usage
        assert second.host.memory_total > 0
        await container.kill()
        await until(ticks, lambda tick: "x" not in tick.containers)
    history = subject.engine.stats_history("x")
    assert history
    assert all(entry.id == "x" for _, entry in history)
    assert subject.engine.stats_history("nobody") == ()


async def test_info_names_the_host(subject: Subject) -> None:
    facts = await subject.engine.info()
    assert facts.cgroup_mode in ("v1", "v2", "hybrid", "none")
    assert facts.state_root.startswith("/")
    assert facts.oci_version
