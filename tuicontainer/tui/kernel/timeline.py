"""A container's life as a waterfall: what happened when, and how long each state lasted. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tuicontainer.record import Record
from tuicontainer.supervise.views import Event
from tuicontainer.tui.kernel.layout import heading, paragraph
from tuicontainer.tui.quantities import clock, short_span, span
from tuicontainer.tui.spans import Line, clipped, printable

_STATES = {
    "created": ("created", "info"),
    "started": ("running", "good"),
    "paused": ("paused", "warning"),
    "resumed": ("running", "good"),
    "stopping": ("stopping", "middle"),
    "exited": ("stopped", "track"),
    "restored": ("stopped", "track"),
}
"""Event that begins a state: the state's name and its tone."""
_TONES = {"oom": "bad", "killed": "warning", "exited": "text", "deleted": "dim"}


class Phase(Record):
    """A state that lasted."""

    name: str
    tone: str
    instance: int
    from_ns: int
    to_ns: int


def timeline_lines(events: Sequence[Event], now_ns: int, width: int) -> list[Line]:
    """Return a bar for each state and a line for each event, by instances.

    Args:
        events: of one container, oldest first.
        now_ns: where the last state ends if it goes on.
        width: columns.
    """
    if not events:
        return paragraph("the journal holds nothing of it any more", width)
    lines: list[Line] = []
    phases = find_phases(events, now_ns)
    for instance in dict.fromkeys(event.instance for event in events):
        own = [phase for phase in phases if phase.instance == instance]
        happened = [event for event in events if event.instance == instance]
        if lines:
            lines.append(())
        lines += _waterfall(instance, own, width)
        lines += [_event_line(event, happened[0].time_ns, width) for event in happened]
    return lines


def find_phases(events: Sequence[Event], now_ns: int) -> list[Phase]:
    """Return the states that a container was in, each until the next; `stopped` is none."""
    phases: list[Phase] = []
    begun = [event for event in events if event.type in _STATES]
    for place, event in enumerate(begun):
        name, tone = _STATES[event.type]
        after = begun[place + 1] if place + 1 < len(begun) else None
        if name == "stopped":
            continue
        phases.append(
            Phase(
                name=name,
                tone=tone,
                instance=event.instance,
                from_ns=event.time_ns,
                to_ns=now_ns if after is None else after.time_ns,
            )
        )
    return phases


def _waterfall(instance: int, phases: Sequence[Phase], width: int) -> list[Line]:
    if not phases:
        return [heading(f"Instance {instance}")]
    first, last = phases[0].from_ns, phases[-1].to_ns
    lines = [heading(f"Instance {instance}", f"{clock(first)}, {_length(last - first)} in all")]
    room = max(10, width - 22)
    whole = max(1, last - first)
    for phase in phases:
        start = min(room - 1, (phase.from_ns - first) * room // whole)
        columns = max(1, min(room - start, (phase.to_ns - phase.from_ns) * room // whole))
        lines.append(
            (
                (f"{phase.name:<9}", "text"),
                (f"{_length(phase.to_ns - phase.from_ns):>9}   ", "dim"),
                ("·" * start, "track"),
                ("━" * columns, phase.tone),
                ("·" * (room - start - columns), "track"),
            )
        )
    return lines


def _event_line(event: Event, first_ns: int, width: int) -> Line:
    facts = " ".join(
        f"{name}={', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in event.details.items()
        if value not in (None, [], False)
    )
    tone = _TONES.get(event.type, "text")
    after = f"+{short_span(event.time_ns - first_ns)}"
    left = f"{clock(event.time_ns)} {after:>8}   {event.type:<10} "
    return ((left, tone), (clipped(printable(facts), max(0, width - len(left))), "dim"))


def _length(nanoseconds: int) -> str:
    return short_span(nanoseconds) if nanoseconds < 3_600_000_000_000 else span(nanoseconds)
