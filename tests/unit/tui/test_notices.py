"""What is worth a notice, and how terminals are asked to show it."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.engine.statistics import ContainerStats, HostStats, StatsTick
from tuicontainer.runtime.cgroups.sample import CgroupSample, PressureSample
from tuicontainer.supervise.views import Event
from tuicontainer.tui.notices import KEPT, Watch, desktop_sequence

HOST = HostStats(cpu_count=1, cpu_percent=0, memory_total=1, memory_available=1, load_1=0)


def event(type: str, instance: int = 1, **details: Any) -> Event:
    return Event(cursor=1, time_ns=5, type=type, id="web", instance=instance, details=details)


def pressure(share: float) -> PressureSample:
    return PressureSample(some_avg10=share, some_avg60=0.0, some_avg300=0.0, some_total_us=0)


def tick(**cpu: float) -> StatsTick:
    containers = {
        name: ContainerStats(
            id=name,
            instance=1,
            sample=CgroupSample(monotonic_ns=0, pressure={"cpu": pressure(share)}),
        )
        for name, share in cpu.items()
    }
    return StatsTick(time_ns=7, host=HOST, containers=containers)


@pytest.mark.parametrize(("events", "texts"), [
    ([event("oom")], ["web ran out of memory: the kernel killed a process"]),
    ([event("oom"), event("exited", status=137, oom_killed=True)],
     ["web ran out of memory: the kernel killed a process"]),
    ([event("exited", status=3)], ["web ended with status 3, and nobody had asked it to"]),
    ([event("exited", status=139)], ["web ended by SIGSEGV, and nobody had asked it to"]),
    ([event("exited", status=None)],
     ["web ended in a way that nobody saw, and nobody had asked it to"]),
    ([event("exited", status=0)], []),
    ([event("killed"), event("exited", status=137)], []),
    ([event("stopping"), event("exited", status=143)], []),
    ([event("stopping"), event("exited", 1, status=143), event("exited", 2, status=1)],
     ["web ended with status 1, and nobody had asked it to"]),
    ([event("killed"), event("deleted"), event("started"), event("paused")], []),
])  # fmt: skip
def test_what_is_worth_a_notice(events: list[Event], texts: list[str]) -> None:
    watch = Watch()
    found = [notice for one in events if (notice := watch.happened(one))]
    assert [notice.text for notice in found] == texts
    assert list(watch.entries) == found
    assert watch.unseen == len(texts)


def test_pressure_is_told_once_until_it_has_gone() -> None:
    watch = Watch()
    told = [
        [notice.container for notice in watch.measured(tick(a=share, b=0), (10, 40))]
        for share in (5, 39, 40, 90, 30, 90, 9, 50)
    ]
    assert told == [[], [], ["a"], [], [], [], [], ["a"]]
    assert watch.entries[0].text == "a waited for cpu in 40% of 10 s"
    assert not watch.measured(tick(b=0), (10, 40))
    assert watch.measured(tick(a=90), (10, 40)), "another container of this name is another case"


def test_waiting_for_the_own_quota_is_no_news() -> None:
    calm = tick(a=90)
    throttled = calm.containers["a"].replace(throttled_percent=50.0, cpu_limit_cores=1.0)
    assert not Watch().measured(calm.replace(containers={"a": throttled}), (10, 40))
    assert Watch().measured(calm, (10, 40))


def test_the_history_is_bounded() -> None:
    watch = Watch()
    for _ in range(KEPT + 5):
        watch.happened(event("oom"))
    assert len(watch.entries) == KEPT
    assert watch.entries[-1].number == KEPT + 5


@pytest.mark.parametrize(("form", "env", "sequence"), [
    ("osc9", {}, "\x1b]9;a;b: text\x07"),
    ("osc777", {}, "\x1b]777;notify;a,b;text\x07"),
    ("osc9", {"TMUX": "x"}, "\x1bPtmux;\x1b\x1b]9;a;b: text\x07\x1b\\"),
])  # fmt: skip
def test_how_terminals_are_asked(form: str, env: dict[str, str], sequence: str) -> None:
    assert desktop_sequence("a;b", "te\x07\x1bxt", form, env) == sequence
