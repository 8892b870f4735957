"""The ring of the last minutes, the tape under it, and going to and fro on it."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import pytest

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.engine.history import KEPT_NS, History
from tuicontainer.engine.past import PastEngine, Ring
from tuicontainer.engine.playback import MOST_SHOWN, SETTLED_NS, SPEEDS, Playback
from tuicontainer.engine.replay import ReplayEngine
from tuicontainer.engine.statistics import ContainerStats, HostStats, StatsTick
from tuicontainer.engine.tape import MOST_KEPT, Tape
from tuicontainer.errors import NotFound, Unsupported
from tuicontainer.runtime.cgroups.sample import CgroupSample, CpuSample, MemorySample
from tuicontainer.supervise.views import ContainerView, Event

SECOND = 1_000_000_000
START = 1_780_000_000 * SECOND
HOST = HostStats(cpu_count=2, cpu_percent=1.0, memory_total=1, memory_available=1, load_1=0.0)


def view(container_id: str, **changes: Any) -> ContainerView:
    values = {"id": container_id, "status": "running", "pid": 1, "bundle": "/b", "created_ns": 1}
    return ContainerView(**(values | changes))


def tick(at: int, *ids: str, busy: bool = True) -> StatsTick:
    def stats(name: str) -> ContainerStats:
        counter = at + random.randrange(9999) if busy else 10**12
        return ContainerStats(
            id=name,
            instance=1,
            sample=CgroupSample(
                monotonic_ns=at,
                cpu=CpuSample(usage_ns=counter, user_ns=counter + 1, system_ns=counter + 2),
                memory=MemorySample(usage=counter, anon=counter + 1, file=counter + 2),
            ),
        )

    return StatsTick(time_ns=at, host=HOST, containers={name: stats(name) for name in ids})


class Clock:
    now = START

    def __call__(self) -> int:
        return self.now


def test_a_tape_tells_what_was_true_at_a_time() -> None:
    tape = Tape()
    for at in (10, 20, 30):
        tape.add("key", at, f"since {at}")
    told = [tape.latest("key", at) for at in (9, 10, 19, 20, 99)]
    assert told == [None, "since 10", "since 10", "since 20", "since 30"]
    assert tape.until("key", 20) == ["since 10", "since 20"]
    assert tape.latest("other", 99) is None


def test_a_clock_that_is_set_back_hides_nothing() -> None:
    tape = Tape()
    tape.add("key", 100, "before")
    tape.add("key", 50, "after the step")
    assert tape.latest("key", tape.last_ns) == "after the step"


def test_what_is_old_is_forgotten_but_for_what_is_still_true() -> None:
    tape = Tape(keep_ns=100)
    tape.add("containers", 1, "true ever since")
    for at in range(1000):
        tape.add("tick", at, at)
    assert tape.latest("containers", tape.first_ns) == "true ever since"
    assert tape.first_ns == 899
    assert tape.value("tick", 0) <= 899
    assert tape.count("tick") < 150


def test_what_changes_all_the_time_is_bounded() -> None:
    tape = Tape(keep_ns=KEPT_NS)
    for at in range(3 * MOST_KEPT):
        tape.add("containers", at, at)
    assert tape.count("containers") <= MOST_KEPT * 9 // 8 + 32


def test_unchanged_containers_are_kept_once() -> None:
    ring = Ring(Clock())
    ring.keep("containers", (view("a"), view("b")))
    ring.keep("containers", (view("a"), view("b", status="paused")))
    first, second = ring.tape.until("containers", ring.tape.last_ns)
    assert first[0] is second[0]
    assert [each.status for each in second] == ["running", "paused"]


@pytest.mark.parametrize(("busy", "most"), [(False, 450), (True, 1000)])
def test_fifteen_minutes_of_a_container_cost_little(busy: bool, most: int) -> None:
    """Measured: 287 KiB idle, 658 busy, history and ring together."""
    clock, history = Clock(), History()
    ring = Ring(clock)
    ids = [f"c-{number}" for number in range(10)]
    tracemalloc.start()
    try:
        for second in range(1200):
            clock.now = START + second * SECOND
            ring.keep("tick", history.add(tick(clock.now, *ids, busy=busy)))
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert ring.tape.count("tick") <= 1000
    assert used / 10 / 1024 < most, "KiB a container"


@pytest.fixture
def past() -> PastEngine:
    """Ten seconds in which `a` came, and ended at the seventh."""
    clock = Clock()
    ring = Ring(clock)
    for second in range(10):
        clock.now = START + second * SECOND
        if second in (2, 7):
            status = "running" if second == 2 else "stopped"
            ring.keep("containers", (view("a", status=status),))
            kind = "started" if second == 2 else "exited"
            ring.keep("event", Event(cursor=second, time_ns=clock.now, type=kind, id="a"))
        ring.keep("tick", tick(clock.now, *(["a"] if 2 <= second < 7 else [])))
    bundle = BundleView(name="b", path="/b")
    return PastEngine(ring, FakeEngine((bundle,), {}))


async def test_the_past_is_as_it_was(past: PastEngine) -> None:
    past.seek(START + 5 * SECOND)
    assert [each.status for each in await past.containers()] == ["running"]
    assert len(past.stats_history("a")) == 4
    past.seek(START + 1 * SECOND)
    assert list(await past.containers()) == []
    with pytest.raises(NotFound):
        await past.container("a")


async def test_the_past_refuses_every_change(past: PastEngine) -> None:
    past.seek(START + 5 * SECOND)
    container = await past.container("a")
    for attempt in (past.create("/b"), container.kill(), container.delete(), past.restore("a")):
        with pytest.raises(Unsupported):
            await attempt


def test_one_goes_to_and_fro_within_what_there_is(past: PastEngine) -> None:
    playback = Playback(past, playing=False)
    playback.by(-3)
    assert playback.now_ns == START + 6 * SECOND
    playback.by(-100)
    assert playback.now_ns == playback.first_ns
    playback.by(100)
    assert playback.at_end
    playback.seek_share(0.5)
    assert playback.now_ns == START + 9 * SECOND // 2


def test_time_passes_at_the_speed_until_the_end(past: PastEngine) -> None:
    playback = Playback(past, playing=False)
    playback.seek(playback.first_ns)
    playback.pass_time(1)
    assert playback.now_ns == playback.first_ns
    playback.toggle()
    playback.faster()
    playback.pass_time(1.5)
    assert playback.now_ns == playback.first_ns + 3 * SECOND
    playback.pass_time(60)
    assert playback.at_end
    assert not playback.playing
    playback.toggle()
    assert (playback.now_ns, playback.playing) == (playback.first_ns, True)


def test_speeds_go_round(past: PastEngine) -> None:
    playback = Playback(past, playing=False)
    seen = []
    for _ in SPEEDS:
        seen.append(playback.speed)
        playback.faster()
    assert tuple(seen) == SPEEDS
    assert playback.speed == SPEEDS[0]


def test_one_goes_from_event_to_event(past: PastEngine) -> None:
    playback = Playback(past, playing=False)
    assert playback.seek_mark(-1)
    assert playback.now_ns == START + 7 * SECOND + SETTLED_NS
    assert playback.seek_mark(-1)
    assert playback.now_ns == START + 2 * SECOND + SETTLED_NS
    assert not playback.seek_mark(-1)
    assert playback.seek_mark(1)
    assert playback.now_ns == START + 7 * SECOND + SETTLED_NS
    assert not playback.seek_mark(1)


def test_many_marks_are_thinned_for_a_bar() -> None:
    clock = Clock()
    ring = Ring(clock)
    for number in range(3000):
        clock.now = START + number * SECOND // 10
        kind = "oom" if number == 1500 else "started"
        ring.keep("event", Event(cursor=number, time_ns=clock.now, type=kind, id="a"))
    playback = Playback(ReplayEngine(ring.tape), playing=False)
    assert len(playback.marks()) == 3000
    shown = playback.shown_marks()
    assert len(shown) <= MOST_SHOWN + 2
    assert "oom" in {type_ for _, type_ in shown}


def test_an_empty_tape_can_be_played() -> None:
    playback = Playback(ReplayEngine(Tape()), playing=True)
    playback.pass_time(1)
    playback.seek_share(1)
    assert not playback.playing
    assert not playback.seek_mark(1)
