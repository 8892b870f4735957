"""What was asked for in this session: each command, how long it took, how it ended. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tuicontainer.record import Record

KEPT = 500


class Activity(Record):
    """One command."""

    number: int
    began_ns: int
    """Nanoseconds since the epoch."""
    command: str
    """The command line that does the same."""
    took_ns: int | None = None
    """None while it is under way."""
    failure: str = ""
    """What went wrong; empty if nothing did."""
    result: str = ""
    """What came of it, where there is more to say than that it is done."""


class ActivityLog:
    """The last `KEPT` commands, oldest first."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._entries: deque[Activity] = deque(maxlen=KEPT)
        self._count = 0

    @property
    def entries(self) -> list[Activity]:
        """The commands, oldest first."""
        return list(self._entries)

    def begin(self, command: str) -> int:
        """Note that *command* was begun; return its number."""
        self._count += 1
        entry = Activity(number=self._count, began_ns=self._now_ns(), command=command)
        self._entries.append(entry)
        return entry.number

    def end(self, number: int, failure: str = "", result: str = "") -> None:
        """Note that a command has ended."""
        for place, entry in enumerate(self._entries):
            if entry.number == number:
                took_ns = max(0, self._now_ns() - entry.began_ns)
                self._entries[place] = entry.replace(
                    took_ns=took_ns, failure=failure, result=result
                )
                return
