"""Values over time, by key: the last minutes in memory, or all of a recording. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

MOST_KEPT = 4000
"""Values of one key on a tape that forgets: something that changes many times a second would
otherwise take more memory than fifteen minutes of it are worth."""


class Tape:
    """What was true when, for engines that answer for a moment of the past.

    Attributes:
        moments: named moments, nanoseconds since the epoch.
        first_ns: time of the oldest value; 0 while there is none.
        last_ns: time of the newest.
    """

    def __init__(
        self, *, keep_ns: int | None = None, unpack: Callable[[str, Any], Any] | None = None
    ) -> None:
        """Make an empty tape.

        Args:
            keep_ns: forget what is older than this (nanoseconds); None to keep everything.
            unpack: returns a stored value, of a key, as it is asked for.
        """
        self.moments: dict[str, int] = {}
        self.first_ns = 0
        self.last_ns = 0
        self._keep_ns = keep_ns
        self._unpack = unpack
        self._times: dict[str, list[int]] = {}
        self._values: dict[str, list[Any]] = {}

    def add(self, key: str, time_ns: int, value: object) -> None:
        """Add a value; one that is older than the newest is taken as of the newest's time.

        A clock that is set back would otherwise hide what came after.
        """
        self.last_ns = max(self.last_ns, time_ns)
        self.first_ns = self.first_ns or self.last_ns
        times, values = self._times.setdefault(key, []), self._values.setdefault(key, [])
        times.append(self.last_ns)
        values.append(value)
        if self._keep_ns is not None:
            self._forget(times, values, self.last_ns - self._keep_ns)

    @property
    def keys(self) -> Sequence[str]:
        """The keys in the order in which they came."""
        return tuple(self._times)

    def count(self, key: str, until_ns: int | None = None) -> int:
        """Return how many values of *key* there are up to a time."""
        times = self._times.get(key, [])
        return len(times) if until_ns is None else bisect_right(times, until_ns)

    def time(self, key: str, place: int) -> int:
        """Return when the value at a place came."""
        return self._times[key][place]

    def value(self, key: str, place: int) -> Any:
        """Return the value at a place, 0 for the oldest that is kept."""
        value = self._values[key][place]
        return value if self._unpack is None else self._unpack(key, value)

    def stored(self, key: str, place: int) -> Any:
        """Return a value as it is stored."""
        return self._values[key][place]

    def latest(self, key: str, until_ns: int) -> Any:
        """Return what was true of *key* at a time; None if nothing is known."""
        count = self.count(key, until_ns)
        return self.value(key, count - 1) if count else None

    def until(self, key: str, until_ns: int) -> list[Any]:
        """Return all values of *key* up to a time."""
        return [self.value(key, place) for place in range(self.count(key, until_ns))]

    def _forget(self, times: list[int], values: list[Any], before_ns: int) -> None:
        """Drop what is too old, but for the one that is still true at the beginning."""
        gone = max(bisect_right(times, before_ns) - 1, len(times) - MOST_KEPT)
        # In slices, because each moves the whole list.
        if gone > 0 and (gone >= 32 or gone > len(times) // 8):
            del times[:gone], values[:gone]
        self.first_ns = max(self.first_ns, before_ns)
