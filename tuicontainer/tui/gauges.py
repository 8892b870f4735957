"""What one container uses now, as lines for a given width and height. Pure.

Every percentage says of what: CPU of one core and of the quota, memory of its limit, throttling of
the enforcement periods, pressure of the last ten seconds. Sources: Documentation/admin-guide/
cgroup-v2.rst (memory.stat, cpu.stat), accounting/psi.rst.
"""

from __future__ import annotations

from collections.abc import Sequence

from tuicontainer.engine.statistics import ContainerStats, HostStats
from tuicontainer.runtime.cgroups.sample import MemorySample, PressureSample
from tuicontainer.tui.graphs import area, resample, stacked
from tuicontainer.tui.preferences import Preferences
from tuicontainer.tui.quantities import (
    UNKNOWN,
    cores,
    of_size,
    percent,
    rate,
    short_rate,
    short_size,
    size,
)
from tuicontainer.tui.spans import Line, Span, clipped, fitted, printable, width_of

Samples = Sequence[tuple[int, ContainerStats]]
SECOND = 1_000_000_000


def heavy_bar(parts: Sequence[tuple[float, str]], whole: float, width: int) -> Line:
    """Return a bar of heavy lines: each part in its tone, the rest as track."""
    columns = stacked([amount for amount, _ in parts], whole, width)
    spans: list[Span] = [
        ("━" * count, tone) for count, (_, tone) in zip(columns, parts, strict=True) if count
    ]
    if not spans and width and sum(amount for amount, _ in parts) > 0:
        # Half a column for whatever is more than nothing.
        spans = [("╸", parts[0][1])]
    used = sum(len(text) for text, _ in spans)
    return (*spans, ("━" * max(0, width - used), "track"))


def memory_parts(memory: MemorySample) -> list[tuple[str, int, str]]:
    """Split the usage into (name, bytes, tone); what the kernel doesn't name is `other`.

    Shared memory is counted within `file` by the kernel, so it is taken out of it.
    """
    shmem = memory.shmem or 0
    parts = [
        ("anon", memory.anon or 0, "anon"),
        ("file", max(0, (memory.file or 0) - shmem), "file"),
        ("shmem", shmem, "shmem"),
        ("kernel", memory.kernel or memory.slab or 0, "kernel"),
    ]
    named = sum(amount for _, amount, _ in parts)
    if memory.usage is not None and named and memory.usage > named:
        parts.append(("other", memory.usage - named, "rest"))
    return [part for part in parts if part[1] > 0]


def full_lines(
    stats: ContainerStats, history: Samples, preferences: Preferences, width: int, height: int
) -> list[Line]:
    """Return the gauges with headings, most important first; at most *height* lines."""
    graphs = height >= 26
    blocks = [
        _cpu_block(stats, preferences, width),
        _memory_block(stats, width, legend=height >= 15),
        _pids_block(stats, preferences, width),
        _io_block(stats, width),
        _network_block(stats, width),
        _pressure_block(stats, preferences, width),
    ]
    if graphs:
        blocks[0] = blocks[0] + _cpu_graph(stats, history, width)
    blocks = [block for block in blocks if block]
    apart = sum(len(block) + 1 for block in blocks) - 1 <= height
    lines: list[Line] = []
    for block in blocks:
        if lines and apart:
            lines.append(())
        lines += block
    return lines


def compact_lines(stats: ContainerStats, preferences: Preferences, width: int) -> list[Line]:
    """Return one or two lines a resource, for small panes."""
    return [
        *_short_cpu(stats, preferences, width),
        *_short_memory(stats, width),
        *_pids_block(stats, preferences, width),
        *_io_block(stats, width),
        *_network_block(stats, width),
        *_pressure_block(stats, preferences, width),
    ]


def host_lines(host: HostStats, width: int) -> list[Line]:
    """Return the machine's own gauges, shown while no container is chosen."""
    used = host.memory_total - host.memory_available
    busy = host.cpu_percent or 0.0
    return [
        _titled("CPU", f"{percent(host.cpu_percent)} of {host.cpu_count} cores", width),
        heavy_bar([(busy, level_tone(busy))], 100, width),
        (),
        _titled("MEMORY", of_size(used, host.memory_total), width),
        heavy_bar([(used, "anon")], host.memory_total, width),
        (),
        _titled("LOAD", f"{host.load_1:.2f} in a minute", width),
    ]


def _titled(title: str, value: str, width: int, tone: str = "text") -> Line:
    """Return a heading at the left with its value at the right."""
    room = max(0, width - len(title) - 1)
    value = clipped(value, room)
    line: Line = ((title, "head"), (" " * max(1, width - len(title) - len(value)), "text"))
    return (*line, (value, tone))


def _aside(text: str, width: int, tone: str = "dim") -> Line:
    return ((clipped(text, width), tone),)


def level_tone(share: float | None) -> str:
    """Return the tone of a bar that shows *share* percent of what there is."""
    if share is None or share < 70:
        return "low"
    return "middle" if share < 90 else "high"


def _cpu_block(stats: ContainerStats, preferences: Preferences, width: int) -> list[Line]:
    used = stats.cpu_percent_of_core
    if used is None:
        return [_titled("CPU", UNKNOWN, width)]
    limit = stats.cpu_limit_cores
    whole = 100 * limit if limit else 100.0
    share = 100 * used / whole
    of = f"{percent(used)} of one core"
    tone = preferences.tone("cpu", share)
    lines = [_titled("CPU", of, width), heavy_bar([(used, tone)], whole, width)]
    if limit:
        text = f"{percent(stats.cpu_percent_of_limit)} of its limit, {cores(limit)} core"
        lines.append(_aside(text if limit <= 1 else text + "s", width))
        throttled = stats.throttled_percent
        if throttled is not None:
            tone = "warning" if throttled >= 1 else "dim"
            lines.append(_aside(f"throttled in {percent(throttled)} of periods", width, tone))
    else:
        lines.append(_aside("no limit", width))
    return lines


def _cpu_graph(stats: ContainerStats, history: Samples, width: int) -> list[Line]:
    if not history:
        return []
    points = [(time_ns, sample.cpu_percent_of_core) for time_ns, sample in history]
    values = resample(points, history[-1][0], SECOND, width * 2)
    top = max(100 * (stats.cpu_limit_cores or 1.0), *(value or 0.0 for value in values))
    return [((line, "low"),) for line in area(values, width, 3, top)]


def _short_cpu(stats: ContainerStats, preferences: Preferences, width: int) -> list[Line]:
    if not stats.cpu_limit_cores:
        return _cpu_block(stats, preferences, width)[:2]
    share = stats.cpu_percent_of_limit
    throttled = stats.throttled_percent
    value = f"{percent(stats.cpu_percent_of_core)} core · {percent(share)} limit"
    if width < 26:
        value = f"{percent(stats.cpu_percent_of_core)} of core"
    lines = [
        _titled("CPU", value, width),
        heavy_bar([(share or 0, preferences.tone("cpu", share))], 100, width),
    ]
    if throttled is not None and throttled >= 1:
        lines.append(_titled("THROTTLED", percent(throttled), width, "warning"))
    return lines


def _memory_value(memory: MemorySample) -> str:
    if memory.limit is None:
        return f"{size(memory.usage)}, no limit"
    return of_size(memory.usage or 0, memory.limit)


def _memory_bar(memory: MemorySample, width: int) -> Line:
    whole = memory.limit or memory.peak or memory.usage or 1
    parts: list[tuple[float, str]] = [(amount, tone) for _, amount, tone in memory_parts(memory)]
    bar = heavy_bar(parts or [(memory.usage or 0, "anon")], whole, width)
    if memory.limit is None or memory.peak is None:
        return bar
    return _ticked(bar, min(width - 1, int(memory.peak / whole * width)))


def _ticked(bar: Line, column: int) -> Line:
    """Put a tick on *bar*: the peak."""
    spans: list[Span] = []
    left = 0
    for text, tone in bar:
        place = column - left
        if 0 <= place < len(text):
            spans += [(text[:place], tone), ("┃", "strong"), (text[place + 1 :], tone)]
        else:
            spans.append((text, tone))
        left += len(text)
    return tuple(span for span in spans if span[0])


def _memory_block(stats: ContainerStats, width: int, *, legend: bool) -> list[Line]:
    memory = stats.sample.memory
    if memory.usage is None:
        return [_titled("MEMORY", UNKNOWN, width)]
    lines = [_titled("MEMORY", _memory_value(memory), width), _memory_bar(memory, width)]
    if legend:
        lines += _legend(memory, width)
    facts = []
    if stats.memory_percent_of_limit is not None:
        facts.append(f"{percent(stats.memory_percent_of_limit)} of its limit")
    if memory.peak is not None:
        facts.append(f"peak {short_size(memory.peak)}")
    if memory.swap:
        facts.append(f"swap {short_size(memory.swap)}")
    lines += _flowed([((fact, "dim"),) for fact in facts], (" · ", "dim"), width)
    return lines + _oom(memory, width)


def _oom(memory: MemorySample, width: int) -> list[Line]:
    if not memory.oom_kills:
        return []
    times = "once" if memory.oom_kills == 1 else f"{memory.oom_kills} times"
    return [_aside(f"▲ killed for want of memory {times}", width, "bad")]


def _legend(memory: MemorySample, width: int) -> list[Line]:
    """Return what the colours of the memory bar mean."""
    entries: list[Line] = [
        (("▪", tone), (f" {name} {short_size(amount)}", "dim"))
        for name, amount, tone in memory_parts(memory)
    ]
    return _flowed(entries, ("  ", "text"), width)


def _flowed(entries: Sequence[Line], between: Span, width: int) -> list[Line]:
    """Put *entries* on lines, as many on each as fit."""
    lines: list[Line] = []
    row: Line = ()
    for entry in entries:
        longer = (*row, between, *entry) if row else entry
        if row and width_of(longer) > width:
            lines.append(row)
            longer = entry
        row = longer
    return [fitted(line, width) for line in (*lines, row) if line]


def _short_memory(stats: ContainerStats, width: int) -> list[Line]:
    memory = stats.sample.memory
    if memory.usage is None:
        return [_titled("MEMORY", UNKNOWN, width)]
    value = _memory_value(memory)
    if len(value) + 7 > width:
        value = short_size(memory.usage)
    return [_titled("MEMORY", value, width), _memory_bar(memory, width), *_oom(memory, width)]


def _pids_block(stats: ContainerStats, preferences: Preferences, width: int) -> list[Line]:
    pids = stats.sample.pids
    if pids.current is None:
        return []
    if pids.limit is None:
        return [_titled("PROCESSES", f"{pids.current}, no limit", width)]
    share = 100 * pids.current / max(1, pids.limit)
    tone = {"low": "text", "middle": "warning", "high": "bad"}[preferences.tone("pids", share)]
    return [_titled("PROCESSES", f"{pids.current} of {pids.limit}", width, tone)]


def _io_block(stats: ContainerStats, width: int) -> list[Line]:
    if stats.sample.io is None:
        return []
    read, write = stats.io_read_bytes_per_s, stats.io_write_bytes_per_s
    value = f"read {rate(read)} · write {rate(write)}"
    if len(value) + 10 > width:
        value = f"r {short_rate(read)} w {short_rate(write)}"
    title = "BLOCK I/O" if len(value) + 10 <= width else "I/O"
    return [_titled(title, value, width)]


def _network_block(stats: ContainerStats, width: int) -> list[Line]:
    lines = []
    for interface in stats.interfaces:
        name = printable(interface.name)
        received, sent = interface.rx_bytes_per_s, interface.tx_bytes_per_s
        value = f"↓ {rate(received)} ↑ {rate(sent)}"
        if len(value) + len(name) + 9 > width:
            value = f"↓{short_rate(received)} ↑{short_rate(sent)}"
        title = f"NETWORK {name}" if len(value) + len(name) + 9 <= width else name
        lines.append(_titled(title, value, width))
    return lines


def _pressure_block(stats: ContainerStats, preferences: Preferences, width: int) -> list[Line]:
    """Return the share of the last ten seconds in which tasks waited (some) or all did (full)."""
    pressure = stats.sample.pressure
    if not pressure:
        return []
    if width < 30:
        worst = max(sample.some_avg10 for sample in pressure.values())
        return [_titled("PRESSURE", f"{percent(worst)} of 10 s", width)]
    lines = [_titled("PRESSURE of 10 s", "some   full", width, "head")]
    for kind in ("cpu", "memory", "io"):
        sample = pressure.get(kind)
        if sample is not None:
            lines.append(_pressure_line(kind, sample, preferences, width))
    return lines


def _pressure_line(kind: str, sample: PressureSample, preferences: Preferences, width: int) -> Line:
    some, full = sample.some_avg10, sample.full_avg10
    tone = {"low": "text", "middle": "warning", "high": "bad"}[preferences.tone("pressure", some)]
    name, values = f"  {kind}", f"{percent(some):>5}  {percent(full):>5}"
    return fitted(((name, "dim"), (values.rjust(max(0, width - len(name))), tone)), width)
