"""How long each step of an operation took: one clock reading and one append a step."""

from __future__ import annotations

import time


class Timeline:
    """Names of finished steps with the monotonic time in nanoseconds at which each ended.

    The first entry is `begin`. Marks made in another process (CLOCK_MONOTONIC is the same
    everywhere outside time namespaces) are merged by time.
    """

    __slots__ = ("marks",)

    def __init__(self) -> None:
        self.marks: list[tuple[str, int]] = [("begin", time.monotonic_ns())]

    def mark(self, step: str) -> None:
        """Note that *step* has just ended."""
        self.marks.append((step, time.monotonic_ns()))

    def merge(self, marks: list[tuple[str, int]]) -> None:
        """Take in the marks of another process and put all in order of time."""
        self.marks.extend(marks)
        self.marks.sort(key=lambda mark: mark[1])

    def durations(self) -> list[tuple[str, float]]:
        """Return each step with the milliseconds since the mark before it."""
        return [
            (step, (end - before) / 1e6)
            for (_, before), (step, end) in zip(self.marks, self.marks[1:], strict=False)
        ]
