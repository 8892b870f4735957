"""What a recorder writes, a replay says: the engine in memory is recorded and played."""

from __future__ import annotations

import asyncio
import io
import json

import pytest

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import CreateOptions, Engine
from tuicontainer.engine.codec import decode, encode
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.engine.fake_container import Program
from tuicontainer.engine.recording import Recorder, without_output
from tuicontainer.engine.recording_reader import read_tape
from tuicontainer.engine.replay import ReplayEngine
from tuicontainer.engine.statistics import ContainerStats, HostStats, InterfaceStats, StatsTick
from tuicontainer.errors import InvalidArgument, NotFound, Unsupported
from tuicontainer.runtime.cgroups.sample import (
    CgroupSample,
    CpuSample,
    IoDeviceSample,
    MemorySample,
    PidsSample,
    PressureSample,
)
from tuicontainer.supervise.timelines import HookStep, Operation
from tuicontainer.supervise.views import ContainerView, ExitRecord

BUNDLE = BundleView(name="steady", path="/bundles/steady", args=("run",))


async def record() -> list[str]:
    """Record a container's life: created, started, having written, ended."""
    engine = FakeEngine((BUNDLE,), {"steady": Program(output=(("stdout", "hello"),))})
    file = io.StringIO()
    async with Recorder(engine, file) as recorder:
        await asyncio.sleep(0.05)
        recorder.mark("empty")
        container = await engine.create("steady")
        await asyncio.sleep(0.05)
        recorder.mark("created")
        await container.start()
        container.write("again", "stderr")
        engine.tick()
        await asyncio.sleep(1.1)
        recorder.mark("running")
        await container.kill()
        await asyncio.sleep(0.05)
        recorder.mark("stopped")
    return file.getvalue().splitlines()


async def test_a_replay_says_what_was_true_at_each_moment() -> None:
    lines = await record()
    assert json.loads(lines[0]) == {"recording": 1}
    engine = ReplayEngine(read_tape(lines), moment="empty")
    assert [bundle.name for bundle in await engine.bundles()] == ["steady"]
    assert (await engine.bundle_config("/bundles/steady"))["process"]["args"] == ["run"]
    assert await engine.containers() == ()
    with pytest.raises(NotFound):
        await engine.container("steady-1")
    for moment, status in (("created", "created"), ("running", "running"), ("stopped", "stopped")):
        engine.seek(moment)
        container = await engine.container("steady-1")
        assert (await container.view()).status == status
        assert (await container.state())["status"] == status
        assert (await container.inspect())["id"] == "steady-1"
    assert await container.wait() == 137
    texts = [(line.stream, line.text) async for line in container.logs()]
    assert texts == [("stdout", "hello"), ("stderr", "again")]
    assert [event.type async for event in engine.events(since=0, follow=False)] == [
        "created", "started", "killed", "exited",
    ]  # fmt: skip
    assert engine.stats_history("steady-1")


async def test_whoever_watches_is_told_of_another_moment() -> None:
    engine: Engine
    engine = replay = ReplayEngine(read_tape(await record()), moment="empty")
    seen: list[list[str]] = []

    async def watch() -> None:
        async for views in engine.watch_containers():
            seen.append([view.status for view in views])  # noqa: PERF401 - it never ends

    task = asyncio.create_task(watch())
    for moment in ("created", "running", "stopped"):
        await asyncio.sleep(0.01)
        replay.seek(moment)
    await asyncio.sleep(0.01)
    task.cancel()
    assert seen == [[], ["created"], ["running"], ["stopped"]]


async def test_a_followed_log_goes_on_at_later_moments() -> None:
    engine = ReplayEngine(read_tape(await record()), moment="created")
    container = await engine.container("steady-1")
    texts: list[str] = []

    async def follow() -> None:
        async for line in container.logs(follow=True):
            texts.append(line.text)  # noqa: PERF401 - it never ends

    task = asyncio.create_task(follow())
    await asyncio.sleep(0.01)
    assert texts == []
    engine.seek("stopped")
    await asyncio.sleep(0.01)
    task.cancel()
    assert texts == ["hello", "again"]


async def test_a_recording_refuses_to_be_changed() -> None:
    engine = ReplayEngine(read_tape(await record()), moment="running")
    container = await engine.container("steady-1")
    for attempt in (
        engine.create("steady"), container.start(), container.stop(), container.restart(),
        container.kill(), container.pause(), container.resume(), container.delete(),
    ):  # fmt: skip
        with pytest.raises(Unsupported, match="this is a recording"):
            await attempt


async def test_what_isnt_a_recording_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="newer tuicontainer"):
        read_tape(['{"recording": 99}'])
    lines = await record()
    with pytest.raises(InvalidArgument, match="no moment `never`"):
        ReplayEngine(read_tape(lines), moment="never")


def test_without_logs_a_timeline_holds_nothing_that_hooks_wrote() -> None:
    failed = "error running prestart hook #0: exit status 3, stdout: token, stderr: token"
    hook = HookStep(kind="prestart", index=0, path="/h", start_us=0, duration_us=1, status=3,
                    error="exit status 3", stderr="token")  # fmt: skip
    made = Operation(operation="create", instance=1, began_ns=1, duration_us=1, error=failed,
                     hooks=(hook,))  # fmt: skip
    shown = without_output([made.to_document()])
    assert "token" not in json.dumps(shown)
    (kept,) = (Operation.from_document(each) for each in shown)
    assert kept == made.replace(
        error="error running prestart hook #0: exit status 3", hooks=(hook.replace(stderr=""),)
    )


@pytest.mark.parametrize("bad", [
    7, [7], [{}], [{"operation": "dance", "instance": 1, "began_ns": 1, "duration_us": 1}],
    [{"operation": "create", "instance": 1, "began_ns": 1, "duration_us": "long"}],
])  # fmt: skip
async def test_a_recorded_timeline_that_is_none_is_refused(bad: object) -> None:
    file = io.StringIO()
    engine = FakeEngine([BUNDLE], {})
    async with Recorder(engine, file):
        await engine.create("steady", CreateOptions(container_id="a"))
        await asyncio.sleep(0.1)
    lines = []
    for line in file.getvalue().splitlines():
        entry = json.loads(line)
        if "inspect" in entry:
            entry["inspect"]["document"]["timeline"] = bad
        lines.append(json.dumps(entry))
    container = await ReplayEngine(read_tape(lines)).container("a")
    with pytest.raises(InvalidArgument, match="timeline of `a` can't be read"):
        await container.timeline()


def test_records_survive_the_way_through_json() -> None:
    pressure = PressureSample(some_avg10=1.5, some_avg60=0, some_avg300=0, some_total_us=7)
    tick = StatsTick(
        time_ns=1,
        host=HostStats(cpu_count=2, cpu_percent=None, memory_total=1, memory_available=0, load_1=0),
        containers={
            "a": ContainerStats(
                id="a",
                instance=2,
                sample=CgroupSample(
                    monotonic_ns=5,
                    cpu=CpuSample(usage_ns=3),
                    memory=MemorySample(usage=1, oom_kills=0),
                    pids=PidsSample(current=0),
                    io=(IoDeviceSample(major=8, minor=0, read_bytes=1),),
                    pressure={"cpu": pressure},
                ),
                interfaces=(InterfaceStats(name="lo", rx_bytes=0, tx_bytes=0, rx_packets=0,
                                           tx_packets=0),),
            )
        },
    )  # fmt: skip
    assert decode(StatsTick, json.loads(json.dumps(encode(tick)))) == tick
    view = ContainerView(
        id="a", status="stopped", pid=0, bundle="/b", created_ns=1, annotations={"x": "y"},
        args=("a", "b"), exit=ExitRecord(status=None, finished_ns=None, reason="unknown"),
    )  # fmt: skip
    assert decode(ContainerView, json.loads(json.dumps(encode(view)))) == view
    assert "terminal" not in encode(view), "defaults are left out"
