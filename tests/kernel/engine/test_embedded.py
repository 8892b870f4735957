"""What only the real engine can show: other engines, other doors, re-discovery, refusal."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.contracts.engine.test_streams import opened, statuses, until
from tests.kernel.engine.place import Place, open_files, run
from tuicontainer.engine.api import CreateOptions
from tuicontainer.errors import PermissionDenied
from tuicontainer.supervise.client import Client
from tuicontainer.supervise.requests import CreateRequest

pytestmark = pytest.mark.kernel


async def test_everything_is_there_again_when_the_engine_is_opened_again(place: Place) -> None:
    async with place.open() as engine:
        running = await run(engine, place.bundle("steady"), "running")
        ended = await run(engine, place.bundle("quick", "echo out; exit 3"), "ended")
        assert await ended.wait() == 3
        pid = (await running.view()).pid
    async with place.open() as engine:
        views = {view.id: view for view in await engine.containers()}
        assert statuses(views.values()) == {"running": "running", "ended": "stopped"}
        assert views["running"].pid == pid
        assert [line.text async for line in (await engine.container("ended")).logs()] == ["out"]
        kinds = [event.type async for event in engine.events(since=0, follow=False)]
        assert kinds.count("created") == 2
        async with opened(engine.stats(0.1)) as ticks:
            assert "running" in (await anext(ticks)).containers


async def test_what_another_door_does_is_seen_within_a_second(place: Place) -> None:
    place.bundle("steady")
    async with place.open() as engine, opened(engine.watch_containers()) as views:
        assert list(await anext(views)) == []
        client = Client(engine.locations)
        request = CreateRequest(bundle=str(place.bundles / "steady"), container_id="x")
        for act, wanted in (
            (lambda: client.create(request), {"x": "created"}),
            (lambda: client.start("x"), {"x": "running"}),
            (lambda: client.pause("x"), {"x": "paused"}),
            (lambda: client.resume("x"), {"x": "running"}),
            (lambda: client.kill("x"), {"x": "stopped"}),
            (lambda: client.delete("x"), {}),
        ):
            await asyncio.to_thread(act)
            begin = time.monotonic()
            await until(views, lambda seen, wanted=wanted: statuses(seen) == wanted, 5)
            assert time.monotonic() - begin < 1.0


async def test_two_engines_agree(place: Place) -> None:
    place.bundle("steady")
    async with place.open() as one, place.open() as other:
        container = await run(one, "steady", "x")
        waiting = asyncio.ensure_future(container.wait())
        await (await other.container("x")).stop(20)
        assert await asyncio.wait_for(waiting, 20) == 0
        await (await other.container("x")).delete()
        assert list(await one.containers()) == []


async def test_a_read_only_engine_refuses_by_itself(place: Place) -> None:
    place.bundle("steady")
    async with place.open() as engine:
        await run(engine, "steady", "x")
    async with place.open(read_only=True) as engine:
        assert (await engine.info()).read_only
        with pytest.raises(PermissionDenied, match="create"):
            await engine.create("steady", CreateOptions(container_id="y"))
        container = await engine.container("x")
        for verb in ("start", "stop", "restart", "kill", "pause", "resume", "delete"):
            with pytest.raises(PermissionDenied, match=verb):
                await getattr(container, verb)()
        assert statuses(await engine.containers()) == {"x": "running"}
        async with opened(engine.stats(0.1)) as ticks:
            assert "x" in (await anext(ticks)).containers


async def test_the_loop_is_never_blocked(place: Place) -> None:
    """A hook that sleeps keeps `create` waiting, and nobody else."""
    hook = {"path": "/bin/sleep", "args": ["sleep", "1"]}
    place.bundle("slow", hooks={"createRuntime": [hook]})
    late = 0.0

    async def watch() -> None:
        nonlocal late
        while True:
            begin = time.monotonic()
            await asyncio.sleep(0.02)
            late = max(late, time.monotonic() - begin - 0.02)

    async with place.open() as engine:
        watcher = asyncio.ensure_future(watch())
        creating = asyncio.ensure_future(engine.create("slow", CreateOptions(container_id="x")))
        async with opened(engine.stats(0.1)) as ticks, opened(engine.watch_containers()) as views:
            await anext(views)
            for _ in range(6):
                await anext(ticks)
            assert not creating.done()
        container = await creating
        await container.start()
        await container.kill()
        await container.wait()
        watcher.cancel()
    assert late < 0.4, f"the loop stood still for {late:.3f} s"


async def test_out_of_memory_shows(place: Place) -> None:
    place.bundle("eater", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done")
    async with place.open() as engine:
        container = await run(engine, "eater", "x", memory_limit=16 << 20)
        assert await asyncio.wait_for(container.wait(), 30) == 137
        ended = (await container.view()).exit
        assert ended is not None
        assert ended.oom_killed
        async with opened(engine.events(since=0)) as events:
            await until(events, lambda event: event.type == "oom")


async def test_closing_leaves_no_thread_and_no_descriptor(place: Place) -> None:
    import threading

    place.bundle("steady")
    threads = {thread.name for thread in threading.enumerate()}
    before = open_files()
    async with place.open() as engine:
        await run(engine, "steady", "x")
        async with opened(engine.stats(0.1)) as ticks:
            for _ in range(3):
                await anext(ticks)
    new = {thread.name for thread in threading.enumerate()} - threads
    assert not [name for name in new if not name.startswith("asyncio_")]
    new_files = open_files() - before
    assert not [path for path in new_files if "cgroup" in path or path.startswith("/proc/")]
