"""The gauges say of what each percentage is, and fit any size."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.engine.statistics import ContainerStats, HostStats, InterfaceStats
from tuicontainer.runtime.cgroups.sample import (
    CgroupSample,
    CpuSample,
    IoDeviceSample,
    MemorySample,
    PidsSample,
    PressureSample,
)
from tuicontainer.tui.gauges import (
    compact_lines,
    full_lines,
    heavy_bar,
    host_lines,
    memory_parts,
)
from tuicontainer.tui.preferences import Preferences
from tuicontainer.tui.spans import Line, plain, width_of

MIB = 1 << 20
PRESSURE = PressureSample(some_avg10=12.5, some_avg60=0, some_avg300=0, some_total_us=0,
                          full_avg10=3.0)  # fmt: skip


def stats(**changes: Any) -> ContainerStats:
    """Return a busy container with everything that a host may tell."""
    values: dict[str, Any] = {
        "id": "web-1",
        "instance": 1,
        "sample": CgroupSample(
            monotonic_ns=0,
            cpu=CpuSample(usage_ns=1),
            memory=MemorySample(
                usage=48 * MIB, limit=64 * MIB, peak=60 * MIB, anon=30 * MIB, file=12 * MIB,
                shmem=4 * MIB, kernel=3 * MIB, swap=MIB, oom_kills=2,
            ),
            pids=PidsSample(current=3, limit=64),
            io=(IoDeviceSample(major=8, minor=0),),
            pressure={"cpu": PRESSURE, "memory": PRESSURE, "io": PRESSURE},
        ),
        "cpu_percent_of_core": 45.0,
        "cpu_percent_of_limit": 90.0,
        "cpu_limit_cores": 0.5,
        "throttled_percent": 20.0,
        "memory_percent_of_limit": 75.0,
        "io_read_bytes_per_s": 0.0,
        "io_write_bytes_per_s": 2048.0,
        "interfaces": (InterfaceStats(name="eth0", rx_bytes=0, tx_bytes=0, rx_packets=0,
                                      tx_packets=0, rx_bytes_per_s=1024.0, tx_bytes_per_s=0.0),),
    }  # fmt: skip
    return ContainerStats(**(values | changes))


def texts(lines: list[Line]) -> str:
    return "\n".join(plain(line) for line in lines)


def test_every_percentage_says_of_what_it_is() -> None:
    shown = texts(full_lines(stats(), (), Preferences(), 40, 40))
    for words in (
        "45% of one core",
        "90% of its limit, 0.5 core",
        "throttled in 20% of periods",
        "48.0 of 64.0 MiB",
        "75% of its limit · peak 60.0M",
        "swap 1.0M",
        "3 of 64",
        "read 0 B/s · write 2.0 KiB/s",
        "↓ 1.0 KiB/s ↑ 0 B/s",
        "PRESSURE of 10 s",
        "killed for want of memory 2 times",
    ):
        assert words in shown


def test_what_the_host_doesnt_tell_isnt_shown_as_zero() -> None:
    nothing = ContainerStats(id="x", instance=1, sample=CgroupSample(monotonic_ns=0))
    shown = texts(full_lines(nothing, (), Preferences(), 40, 40))
    assert "0" not in shown
    assert "I/O" not in shown
    assert "PRESSURE" not in shown


def test_without_limits_it_says_so() -> None:
    free = stats(
        cpu_limit_cores=None,
        cpu_percent_of_limit=None,
        memory_percent_of_limit=None,
        sample=CgroupSample(monotonic_ns=0, memory=MemorySample(usage=MIB),
                            pids=PidsSample(current=1)),
    )  # fmt: skip
    shown = texts(full_lines(free, (), Preferences(), 40, 40))
    assert shown.count("no limit") == 3


def test_the_parts_of_memory_add_up_and_shared_memory_counts_once() -> None:
    parts = {name: amount for name, amount, _ in memory_parts(stats().sample.memory)}
    assert parts == {
        "anon": 30 * MIB, "file": 8 * MIB, "shmem": 4 * MIB, "kernel": 3 * MIB, "other": 3 * MIB,
    }  # fmt: skip


@given(st.integers(20, 120), st.integers(1, 60), st.booleans())
def test_no_line_is_wider_than_the_pane(width: int, height: int, limited: bool) -> None:
    subject = stats() if limited else stats(cpu_limit_cores=None)
    samples = [(number * 1_000_000_000, subject) for number in range(50)]
    for lines in (
        full_lines(subject, samples, Preferences(), width, height),
        compact_lines(subject, Preferences(), width),
    ):
        assert max(width_of(line) for line in lines) <= width
    host = HostStats(cpu_count=2, cpu_percent=50.0, memory_total=8 << 30,
                     memory_available=6 << 30, load_1=0.5)  # fmt: skip
    assert max(width_of(line) for line in host_lines(host, width)) <= width


@pytest.mark.parametrize(("parts", "bar"), [
    ([(0, "a")], "━" * 10),
    ([(0.1, "a")], "╸" + "━" * 9),
    ([(5, "a"), (2, "b")], "━" * 10),
])  # fmt: skip
def test_bars_fill_their_width(parts: list[tuple[float, str]], bar: str) -> None:
    assert plain(heavy_bar(parts, 10, 10)) == bar


def test_bars_have_the_tones_of_their_parts() -> None:
    assert heavy_bar([(5, "a"), (2, "b")], 10, 10) == (
        ("━━━━━", "a"),
        ("━━", "b"),
        ("━━━", "track"),
    )


def test_the_peak_is_a_tick_on_the_memory_bar() -> None:
    lines = [plain(line) for line in full_lines(stats(), (), Preferences(), 64, 40)]
    bar = lines[[line.startswith("MEMORY") for line in lines].index(True) + 1]
    assert bar.index("┃") == 60
    assert len(bar) == 64
