"""Where one is in the past, and how fast one goes on. Pure: whoever draws tells the time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tuicontainer.engine.replay import ReplayEngine
from tuicontainer.supervise.views import Event

SPEEDS = (1, 2, 5, 10, 60)
"""Seconds of the past that pass in a second."""
SECOND = 1_000_000_000
SETTLED_NS = SECOND // 2
"""After an event, until lists and statistics tell of it too: they are looked at in turn."""
MOST_SHOWN = 1000
"""Places on a bar; wider than any terminal."""
MARKED = ("started", "exited", "oom")
"""Types of events that one may look for."""


class Playback:
    """Plays, pauses and seeks an engine of the past.

    Attributes:
        engine: whose moment is moved.
        playing: whether time passes.
        speed: one of `SPEEDS`.
    """

    def __init__(self, engine: ReplayEngine, *, playing: bool) -> None:
        """Begin where *engine* is."""
        self.engine = engine
        self.playing = playing
        self.speed = SPEEDS[0]
        self._marks: tuple[tuple[int, str], ...] = ()
        self._marked = (0, 0)
        """How many events there were, and when the newest came, when the marks were looked for."""

    @property
    def first_ns(self) -> int:
        """The earliest moment that can be gone to."""
        return self.engine.tape.first_ns

    @property
    def last_ns(self) -> int:
        """The latest."""
        return self.engine.tape.last_ns

    @property
    def now_ns(self) -> int:
        """The moment that is shown."""
        return self.engine.now_ns

    @property
    def at_end(self) -> bool:
        """Whether nothing comes after the moment."""
        return self.now_ns >= self.last_ns

    def seek(self, time_ns: int) -> None:
        """Go to a moment, or as near to it as there is something."""
        self.engine.seek(min(max(time_ns, self.first_ns), self.last_ns))

    def seek_share(self, share: float) -> None:
        """Go to a place between the beginning, 0, and the end, 1."""
        self.seek(self.first_ns + int((self.last_ns - self.first_ns) * share))

    def by(self, seconds: float) -> None:
        """Go on, or back."""
        self.seek(self.now_ns + int(seconds * SECOND))

    def pass_time(self, seconds: float) -> None:
        """Let *seconds* pass, if time passes; it ends with what there is."""
        if self.playing:
            self.by(seconds * self.speed)
            self.playing = not self.at_end

    def toggle(self) -> None:
        """Pause, or play on; at the end from the beginning."""
        if not self.playing and self.at_end:
            self.seek(self.first_ns)
        self.playing = not self.playing

    def faster(self) -> None:
        """Take the next speed; after the highest the lowest."""
        self.speed = SPEEDS[(SPEEDS.index(self.speed) + 1) % len(SPEEDS)]

    def marks(self) -> Sequence[tuple[int, str]]:
        """Return when something happened that one may look for, and its event's type."""
        tape = self.engine.tape
        count = tape.count("event")
        known = (count, tape.time("event", count - 1) if count else 0)
        if known != self._marked:
            self._marked = known
            events: list[Event] = tape.until("event", tape.last_ns)
            times = [tape.time("event", place) for place in range(count)]
            self._marks = tuple(
                (time_ns, event.type)
                for time_ns, event in zip(times, events, strict=True)
                if event.type in MARKED
            )
        return self._marks

    def shown_marks(self) -> Sequence[tuple[int, str]]:
        """Return marks for a bar: of many that are near each other one of a type."""
        marks = self.marks()
        if len(marks) <= MOST_SHOWN:
            return marks
        step = (self.last_ns - self.first_ns) // MOST_SHOWN + 1
        return tuple(
            {(time_ns // step, type_): (time_ns, type_) for time_ns, type_ in marks}.values()
        )

    def seek_mark(self, by: int) -> bool:
        """Go to the next mark, or with -1 to the one before; return whether there is one."""
        times = sorted({min(time_ns + SETTLED_NS, self.last_ns) for time_ns, _ in self.marks()})
        if by > 0:
            found = next((time_ns for time_ns in times if time_ns > self.now_ns), None)
        else:
            ends = [*times, self.last_ns + 1]
            found = next((a for a, b in pairwise(ends) if a < self.now_ns <= b), None)
        if found is not None:
            self.seek(found)
        return found is not None
