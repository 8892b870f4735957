"""How long each step of an operation took: one clock reading and one append a step."""

from __future__ import annotations

import time
from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.hooks import HookRun

MOST_MARKS = 200
"""Kept of one process, so that they fit into a packet; what comes after them is one step."""


def monotonic_epoch() -> int:
    """Return when this process's monotonic clock was zero, in nanoseconds since the epoch."""
    return time.time_ns() - time.monotonic_ns()


class Timeline:
    """When each step of an operation ended, by the monotonic clock, in nanoseconds.

    The runtime and the container's first process work side by side, so each has marks of its own:
    a step of one lasts from the mark before it, and may overlap with steps of the other.

    Attributes:
        marks: names of the runtime's steps with the time at which each ended; the first is `begin`.
        inner: the same of the container's first process; empty if none was made.
        hooks: those that were run, in the order in which they ended.
    """

    __slots__ = ("hooks", "inner", "marks")

    def __init__(self) -> None:
        self.marks: list[tuple[str, int]] = [("begin", time.monotonic_ns())]
        self.inner: list[tuple[str, int]] = []
        self.hooks: list[HookRun] = []

    def mark(self, step: str) -> None:
        """Note that *step* has just ended."""
        mark = (step, time.monotonic_ns())
        if len(self.marks) < MOST_MARKS:
            self.marks.append(mark)
        else:
            self.marks[-1] = ("more steps", mark[1])

    def steps(self) -> list[tuple[str, str, int, int]]:
        """Return process (`runtime` or `init`), name, begin and end of each step, by begin."""
        found = [
            (process, step, begin, end)
            for process, marks in (("runtime", self.marks), ("init", self.inner))
            for (_, begin), (step, end) in pairwise(marks)
        ]
        return sorted(found, key=lambda step: step[2])
