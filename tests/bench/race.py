"""Interleaved races: each round runs every contestant once, so that all meet the same machine.

Absolute times of a shared machine say nothing; the ratio of medians within one run does.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """One question, put to several programs.

    Attributes:
        name: one word, to choose it on the command line.
        what: the question in a line.
        contestants: what each does once per round; ours is the first.
        rounds: how often, unless the command line says otherwise.
    """

    name: str
    what: str
    contestants: Mapping[str, Callable[[], object]]
    rounds: int = 20

    def show(self, rounds: int | None = None) -> None:
        """Run it and print its standings as a table."""
        standings = run_race(self, rounds)
        write = sys.stdout.write
        write(f"\n{self.name}: {self.what}\n")
        for standing in standings:
            against = "" if standing is standings[0] else f"   ours/theirs {standing.ratio:5.2f}"
            write(
                f"  {standing.name:<24} median {standing.median * 1000:8.1f} ms"
                f"   fastest {standing.fastest * 1000:8.1f} ms{against}\n"
            )
        sys.stdout.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One contestant's result."""

    name: str
    median: float
    """Seconds."""
    fastest: float
    ratio: float
    """Our median divided by this one's: below 1 we are faster."""


def run_race(race: Race, rounds: int | None = None) -> list[Standing]:
    """Run *race* and return the standings in the order of its contestants."""
    seconds: dict[str, list[float]] = {name: [] for name in race.contestants}
    for act in race.contestants.values():
        act()  # caches, bytecode, the spawner: everybody starts warm
    for _ in range(rounds or race.rounds):
        for name, act in race.contestants.items():
            begin = time.perf_counter()
            act()
            seconds[name].append(time.perf_counter() - begin)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    ours = next(iter(medians.values()))
    return [
        Standing(name=name, median=medians[name], fastest=min(values), ratio=ours / medians[name])
        for name, values in seconds.items()
    ]
