"""What every engine tells of a world that stands still, a replayed one too.

In it `quick` has run as `ended`, and `steady` runs as `running`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.engine.subjects import SUBJECTS, Subject
from tests.contracts.engine.test_streams import opened, until
from tuicontainer.engine.api import CreateOptions, Engine
from tuicontainer.engine.past import PastEngine, Ring
from tuicontainer.engine.recording import Recorder
from tuicontainer.engine.recording_file import RecordingWriter
from tuicontainer.engine.replay import open_replay
from tuicontainer.errors import FailedPrecondition, InvalidArgument, NotFound, TuiContainerError
from tuicontainer.supervise.views import Event
from tuicontainer.tui.feed import Feed
from tuicontainer.tui.model import Model


async def tell(engine: Engine) -> None:
    """Let happen what the tests read of."""
    ended = await engine.create("quick", CreateOptions(container_id="ended"))
    await ended.start()
    await asyncio.wait_for(ended.wait(), 20)
    running = await engine.create("steady", CreateOptions(container_id="running"))
    await running.start()
    await asyncio.sleep(0.4)


@pytest.fixture(
    params=["fake", "replay", "past", pytest.param("embedded", marks=pytest.mark.kernel)],
)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    kind = request.param
    async with SUBJECTS["embedded" if kind == "embedded" else "fake"](tmp_path) as subject:
        if kind == "past":
            async with looked_back_at(subject.engine) as past:
                yield past
        elif kind == "replay":
            writer = RecordingWriter(str(tmp_path / "recording"))
            async with Recorder(subject.engine, writer):
                await tell_slowly(subject.engine)
            writer.close()
            async with open_replay(writer.path) as replay:
                replay.seek(replay.tape.last_ns)
                yield replay
        else:
            await tell(subject.engine)
            yield subject.engine


async def tell_slowly(engine: Engine) -> None:
    """Let happen what the tests read of while it is looked at once a second."""
    await asyncio.sleep(0.1)
    await tell(engine)
    await asyncio.sleep(1.2)


@contextlib.asynccontextmanager
async def looked_back_at(engine: Engine) -> AsyncIterator[PastEngine]:
    """Keep what *engine* tells as the terminal user interface does, and look back at it."""
    ring = Ring(time.time_ns)
    model = Model(time.time_ns, read_only=False)
    feeding = asyncio.create_task(Feed(engine, model, Nobody(), ring).run())
    await tell_slowly(engine)
    yield PastEngine(ring, engine)
    feeding.cancel()


class Nobody:
    """Listens to a feed and does nothing about it."""

    def changed(self, part: str) -> None: ...

    def happened(self, event: Event) -> None: ...

    def failed(self, error: TuiContainerError) -> None:
        raise error


async def test_containers(world: Engine) -> None:
    everything = {view.id: view for view in await world.containers()}
    assert {name: view.status for name, view in everything.items()} == {
        "ended": "stopped",
        "running": "running",
    }
    ending = everything["ended"].exit
    assert ending is not None
    assert ending.status == 3
    assert [view.id for view in await world.containers(all=False)] == ["running"]
    async with opened(world.watch_containers()) as views:
        assert list(await anext(views)) == list(everything.values())


async def test_handles(world: Engine) -> None:
    handle = await world.container("runn")
    assert handle.id == "running"
    assert (await handle.view()).id == "running"
    assert (await handle.state())["status"] == "running"
    document = await handle.inspect()
    assert (document["id"], document["state"]["status"]) == ("running", "running")
    assert await (await world.container("ended")).wait() == 3
    with pytest.raises(NotFound):
        await world.container("nobody")


async def test_logs(world: Engine) -> None:
    handle = await world.container("ended")
    lines = [line async for line in handle.logs()]
    assert sorted((line.stream, line.text) for line in lines) == [
        ("stderr", "err"),
        ("stdout", "out"),
    ]
    assert [line async for line in handle.logs(tail=1)] == lines[-1:]
    assert [line async for line in handle.logs(tail=0)] == []


async def test_the_timeline_tells_what_making_and_starting_took(world: Engine) -> None:
    container = await world.container("running")
    create, start = await container.timeline()
    assert (create.operation, start.operation) == ("create", "start")
    assert 0 < create.began_ns <= start.began_ns
    for operation in (create, start):
        assert operation.instance == 1
        assert not operation.error
        begins = [step.start_us for step in operation.steps]
        assert begins == sorted(begins)
        ours = [step.duration_us for step in operation.steps if step.process == "runtime"]
        assert sum(ours) == operation.duration_us > 0
    assert {"plan", "namespaces", "pivot"} <= {step.step for step in create.steps}
    assert [step.step for step in start.steps][-1] == "exec"
    shown = (await container.inspect())["timeline"]
    assert [each["duration_us"] for each in shown] == [create.duration_us, start.duration_us]


async def test_events(world: Engine) -> None:
    events = [event async for event in world.events(since=0, follow=False)]
    told = [(event.type, event.id) for event in events]
    life = ("created", "started", "exited")
    assert [entry for entry in told if entry[0] in life] == [
        ("created", "ended"),
        ("started", "ended"),
        ("exited", "ended"),
        ("created", "running"),
        ("started", "running"),
    ]
    later = [event async for event in world.events(since=events[1].cursor, follow=False)]
    assert later == events[2:]


async def test_bundles(world: Engine) -> None:
    bundles = {bundle.name: bundle for bundle in await world.bundles()}
    assert set(bundles) == {"broken", "quick", "steady"}
    assert (await world.bundle_config(bundles["quick"].path))["process"]["args"]
    with pytest.raises(TuiContainerError):
        await world.bundle_config("/nowhere")


async def test_statistics(world: Engine) -> None:
    async with opened(world.stats(0.1)) as ticks:
        tick = await until(ticks, lambda tick: "running" in tick.containers)
    assert "ended" not in tick.containers
    assert tick.host.memory_total > 0
    history = world.stats_history("running")
    assert history
    assert [at for at, _ in history] == sorted(at for at, _ in history)


async def test_info(world: Engine) -> None:
    assert (await world.info()).cgroup_mode in ("v1", "v2", "hybrid", "none")


async def test_what_cant_be_done_changes_nothing(world: Engine) -> None:
    """An engine refuses for the state's sake, a replayed one refuses everything."""
    handle = await world.container("running")
    refusals = (FailedPrecondition, InvalidArgument, TuiContainerError)
    with pytest.raises(refusals):
        await handle.start()
    with pytest.raises(refusals):
        await handle.delete()
    assert (await handle.view()).status == "running"


async def test_groups_and_drift_of_what_runs(subject: Subject) -> None:
    container = await subject.engine.create("steady")
    await container.start()
    groups = await container.groups()
    assert groups
    assert {group.depth for group in groups} == {0}
    assert all(group.path.endswith(f"/{container.id}") for group in groups)
    assert max(group.processes for group in groups) >= 1
    assert list(await container.drift()) == []
    await container.kill()
    await container.wait()
    assert sum(group.processes for group in await container.groups()) == 0
    with pytest.raises(FailedPrecondition):
        await container.drift()
