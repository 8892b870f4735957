"""The line that says that what is shown isn't the present, and where one is in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tuicontainer.record import Record
from tuicontainer.tui.quantities import clock
from tuicontainer.tui.spans import Line, Span, merged, width_of

SECOND = 1_000_000_000
_SIGNS = {"oom": ("▲", "bad"), "exited": ("▾", "warning"), "started": ("·", "info")}
"""By the type of an event; what comes first hides the others in the same column."""
_LEAST_TRACK = 8


class Place(Record):
    """Where one is; times are nanoseconds since the epoch."""

    title: str
    first_ns: int
    last_ns: int
    now_ns: int
    playing: bool
    speed: int
    marks: Sequence[tuple[int, str]] = ()
    """Events by their times."""
    advice: tuple[str, ...] = ()
    """How to go on: in several ways, the longest first."""
    torn: bool = False


def time_bar_line(place: Place, width: int) -> tuple[Line, int, int]:
    """Return the bar, and the columns from and to which its track goes."""
    behind = max(0, place.last_ns - place.now_ns) // SECOND
    how = f"playing {place.speed}x" if place.playing else "paused"
    left: Line = (
        (f" {place.title} ", "alert"),
        (f" {how} ", "key"),
        (clock(place.now_ns), "strong"),
    )
    ago: Line = ((f"  -{duration(behind)}", "text"),) if behind else ()
    torn: Line = (("  its end is torn", "warning"),) if place.torn else ()
    rights: list[Line] = [((f"  {advice} ", "dim"),) for advice in place.advice]
    choices = [(ago, (*torn, *right)) for right in rights]
    choices += [((), right) for right in rights]
    for back, right in (*choices, (ago, torn), ((), ())):
        room = width - sum(map(width_of, (left, back, right))) - 3
        if room >= _LEAST_TRACK:
            break
    room = max(0, room)
    start = width_of((*left, *back)) + 2
    return ((*left, *back, ("  ", "text"), *_track(place, room), *right), start, start + room)


def _track(place: Place, columns: int) -> Line:
    if not columns:
        return ()
    here = _column(place, place.now_ns, columns)
    spans: list[Span] = [("━", "accent") if at < here else ("─", "faint") for at in range(columns)]
    for kind in reversed(_SIGNS):
        for time_ns, type_ in place.marks:
            if type_ == kind and place.first_ns <= time_ns <= place.last_ns:
                spans[_column(place, time_ns, columns)] = _SIGNS[kind]
    spans[here] = ("●", "strong")
    return merged(spans)


def _column(place: Place, time_ns: int, columns: int) -> int:
    whole = max(1, place.last_ns - place.first_ns)
    return min(columns - 1, max(0, (time_ns - place.first_ns) * (columns - 1) // whole))


def duration(seconds: int) -> str:
    """Return how long, as `9s`, `3m02s` or `1h05m`."""
    minutes, seconds = divmod(seconds, 60)
    if minutes >= 60:
        return f"{minutes // 60}h{minutes % 60:02}m"
    return f"{minutes}m{seconds:02}s" if minutes else f"{seconds}s"
