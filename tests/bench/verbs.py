"""Each verb by itself, as an engine calls it: a table of medians, and of ratios to the peers.

Beside the time that passes stands the processor time, user and system, of the command and of what
it waited for: other work on the machine disturbs it less.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.runtimes import Setting

VERBS = ("create", "start", "state", "exec", "kill", "delete", "run")
_POLL_SECONDS = 0.002


class Cost(NamedTuple):
    """Of one command, in seconds."""

    passed: float
    processor: float


@dataclass(frozen=True, kw_only=True)
class VerbTable:
    """The verbs of one container's life, by each runtime in turn, and `run` of another."""

    setting: Setting
    steady: str
    """A bundle whose program waits."""
    brief: str
    """A bundle whose program ends at once."""
    name: str = "each"
    what: str = "each verb of a container's life, and `run` of another, by cold commands"
    rounds: int = 20
    costs: dict[tuple[str, str], list[Cost]] = field(default_factory=lambda: defaultdict(list))

    def show(self, rounds: int | None = None) -> None:
        """Measure and print the table."""
        names = list(self.setting.runtimes)
        for _ in range(1 + (rounds or self.rounds)):
            for name in names:
                self._live(name)
        write = sys.stdout.write
        write(f"\n{self.name}: {self.what}; medians in ms (processor time)\n")
        ratios = [f"ours/{peer}" for peer in names[1:]]
        write("  " + "".join(f"{title:>23}" for title in ("", *names, *ratios)) + "\n")
        for verb in VERBS:
            medians = [self._medians(name, verb) for name in names]
            cells = [_pair(each.passed * 1000, each.processor * 1000, 1) for each in medians]
            cells += [
                _pair(medians[0].passed / each.passed, medians[0].processor / each.processor, 2)
                for each in medians[1:]
            ]
            write("  " + "".join(f"{cell:>23}" for cell in (verb, *cells)) + "\n")
        sys.stdout.flush()

    def _medians(self, name: str, verb: str) -> Cost:
        # The first round is for the caches.
        rounds = self.costs[name, verb][1:]
        return Cost(*(statistics.median(values) for values in zip(*rounds, strict=True)))

    def _live(self, name: str) -> None:
        """Let one container live, and another run."""
        container = self.setting.new_id()
        self._call(name, "create", "--bundle", self.steady, container)
        self._call(name, "start", container)
        self._call(name, "state", container)
        self._call(name, "exec", container, "/bin/true")
        pid = self.setting.pid_of(name, container)
        self._call(name, "kill", container, "KILL")
        wait_for_end(pid)
        self._call(name, "delete", container)
        self._call(name, "run", "--bundle", self.brief, self.setting.new_id())

    def _call(self, name: str, verb: str, *words: str) -> None:
        self.costs[name, verb].append(cost_of([*self.setting.command(name), verb, *words]))


def _pair(passed: float, processor: float, digits: int) -> str:
    return f"{passed:.{digits}f} ({processor:.{digits}f})"


def cost_of(command: Sequence[str]) -> Cost:
    """Run a command to its end and return what it cost.

    Raises:
        RuntimeError: it failed.
    """
    null = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1)]
    begin = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=null)
    _, status, usage = os.wait4(pid, 0)
    passed = time.perf_counter() - begin
    if status:
        raise RuntimeError(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(passed, usage.ru_utime + usage.ru_stime)


def wait_for_end(pid: int) -> None:
    """Wait until a process that isn't our child has ended; a zombie has."""
    while True:
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(_POLL_SECONDS)


def races(setting: Setting) -> list[VerbTable]:
    """Return the table."""
    steady = setting.bundle("living", "/bin/sleep", "1000")
    brief = setting.bundle("brief", "/bin/true")
    return [VerbTable(setting=setting, steady=steady, brief=brief)]
