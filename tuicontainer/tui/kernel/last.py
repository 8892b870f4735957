"""The last moments of a container that has ended: why, what it had used, what it wrote. Pure.

Sources: cgroup-v2.rst (cpu.stat, memory.events, memory.peak); signal(7) for what signals mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tuicontainer.engine.codec import decode
from tuicontainer.runtime.cgroups.sample import CgroupSample, CpuSample, MemorySample
from tuicontainer.spec.signals import signal_name
from tuicontainer.supervise.views import ContainerView, ExitRecord
from tuicontainer.tui.ansi import decoded
from tuicontainer.tui.kernel.layout import heading, paragraph
from tuicontainer.tui.quantities import clock, of_size, percent, plural, short_span, size
from tuicontainer.tui.spans import Line, fitted

_MEANINGS = {
    "ABRT": "it gave up by itself",
    "BUS": "it used memory that isn't there",
    "FPE": "it divided by zero",
    "ILL": "it ran into what is no instruction",
    "KILL": "somebody killed it",
    "PIPE": "it wrote to a pipe that nobody reads",
    "SEGV": "it used memory that isn't its own",
    "SYS": "a system call was forbidden to it",
    "TERM": "somebody asked it to end",
}

_OOM = ("OOM kill", "bad", "the kernel killed a process of it, for want of memory")
_FAILED = ("failed", "bad", "its program could not be started")
_REBOOT = ("reboot", "warning", "the machine was started anew while it ran")
_UNKNOWN = ("unknown", "warning", "it ended while nobody was there to see how")


def last_moment_lines(view: ContainerView, document: Mapping[str, Any], width: int) -> list[Line]:
    """Return why a container ended, what its control group had counted, and its last lines.

    Args:
        view: the container.
        document: what `inspect` says of it.
        width: columns.
    """
    if view.exit is None:
        return [(), *paragraph(f"{view.id} hasn't ended yet: this is for when it has", width)]
    lines = [*_why(view, view.exit, width), ()]
    kept = document.get("last_sample")
    sample = _sample(kept)
    if sample is None:
        lines += paragraph("its control group told nothing: it had none, or it was gone", width)
    else:
        lines += [heading("Used in all"), *_used(sample, width)]
    lines.append(())
    written = document.get("last_lines")
    if not isinstance(written, Sequence):
        text = "its last lines aren't kept here: the tab Logs has them where there is a log"
        return [*lines, *paragraph(text, width)]
    if not written:
        return [*lines, *paragraph("it wrote nothing", width)]
    return [*lines, heading("Last lines"), *(_line(entry, width) for entry in written)]


def _why(view: ContainerView, ended: ExitRecord, width: int) -> list[Line]:
    word, tone, meaning = _verdict(ended)
    facts = []
    if ended.finished_ns is not None:
        facts.append(f"at {clock(ended.finished_ns)}")
        if view.started_ns is not None and view.status == "stopped":
            facts.append(f"after {short_span(max(0, ended.finished_ns - view.started_ns))}")
    if view.instance > 1:
        facts.append(f"instance {view.instance}")
    if view.restarts:
        facts.append(f"started again {plural(view.restarts, 'time')} by its policy")
    if view.status != "stopped":
        facts.append("the one before: it runs again")
    line: Line = (("■ ", tone), (word, tone), (f"  {' · '.join(facts)}", "text"))
    return [fitted(line, width), *paragraph(meaning, width)]


def _verdict(ended: ExitRecord) -> tuple[str, str, str]:
    """Return the end in a word or two, its tone, and what it means."""
    for holds, verdict in (
        (ended.oom_killed, _OOM),
        (ended.reason == "failed", _FAILED),
        (ended.reason == "reboot", _REBOOT),
        (ended.status is None, _UNKNOWN),
    ):
        if holds:
            return verdict
    status = ended.status or 0
    if ended.reason == "signaled" and status > 128:
        name = signal_name(status - 128)
        return f"SIG{name}", "warning", _MEANINGS.get(name, "a signal ended it")
    how = "with a failure" if status else "and well"
    return f"exit {status}", "bad" if status else "good", f"it ended by itself, {how}"


def _sample(kept: object) -> CgroupSample | None:
    """Return the sample that `inspect` shows; None if there is none, or not of our making."""
    if not isinstance(kept, Mapping):
        return None
    try:
        return decode(CgroupSample, kept.get("sample"))
    except TypeError:
        return None


def _used(sample: CgroupSample, width: int) -> list[Line]:
    facts = [
        ("processor", _processor(sample.cpu)),
        ("memory", _memory(sample.memory)),
        ("block I/O", _io(sample)),
        ("processes", "" if sample.pids.limit is None else f"{sample.pids.limit} allowed"),
    ]
    lines: list[Line] = [
        fitted(((f"  {name:<11}", "dim"), (text, "text")), width) for name, text in facts if text
    ]
    kills = sample.memory.oom_kills
    if kills:
        times = "once" if kills == 1 else f"{kills} times"
        text = f"killed for want of memory {times}"
        lines.append(fitted((("  ▲ ", "bad"), (text, "bad")), width))
    return lines


def _processor(cpu: CpuSample) -> str:
    if cpu.usage_ns is None:
        return ""
    parts = [short_span(cpu.usage_ns)]
    if cpu.user_ns is not None and cpu.system_ns is not None:
        parts.append(f"user {short_span(cpu.user_ns)}, system {short_span(cpu.system_ns)}")
    if cpu.periods and cpu.throttled_periods:
        share = percent(100 * cpu.throttled_periods / cpu.periods)
        parts.append(f"throttled in {share} of periods")
    return " · ".join(parts)


def _memory(memory: MemorySample) -> str:
    if memory.peak is None:
        return "" if memory.limit is None else f"limit {size(memory.limit)}"
    if memory.limit is None:
        return f"peak {size(memory.peak)}, no limit"
    return f"peak {of_size(memory.peak, memory.limit)}"


def _io(sample: CgroupSample) -> str:
    if sample.io is None:
        return ""
    read = sum(device.read_bytes for device in sample.io)
    write = sum(device.write_bytes for device in sample.io)
    return f"read {size(read)}, written {size(write)}"


def _line(entry: object, width: int) -> Line:
    if not isinstance(entry, Mapping):
        return ()
    time_ns, text = entry.get("time_ns"), entry.get("text")
    when = clock(time_ns) if isinstance(time_ns, int) and 0 <= time_ns < 1 << 63 else "?"
    tone = "warning" if entry.get("stream") == "stderr" else "text"
    return fitted(((f"  {when} ", "dim"), ("│ ", "faint"), *decoded(str(text), tone)), width)
