"""Random actions on many containers while our own processes are killed at random.

`make test` soaks for half a minute; SOAK_SECONDS says otherwise (600 for ten minutes).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kernel.cli.program import Cli, wait_until

SECONDS = float(os.environ.get("SOAK_SECONDS") or 30)
CONTAINERS = 30 if SECONDS > 60 else 8
DOORS = 3
KILLS_EVERY = 1.5
"""Seconds between two kills."""
pytestmark = [pytest.mark.kernel, pytest.mark.timeout(int(SECONDS * 10 + 600))]

ACTIONS = (
    ("start",), ("start",), ("stop", "-t", "0"), ("restart", "-t", "0"), ("kill",), ("pause",),
    ("resume",), ("exec", "true"), ("rm", "-f"), ("update", "--pids-limit", "50"), ("inspect",),
)  # fmt: skip


class Soak:
    """Some doors at work on the same containers until the time is over."""

    def __init__(self, cli: Cli, seconds: float) -> None:
        self._cli = cli
        self._bundle = cli.steady()
        self._end = time.monotonic() + seconds
        self.outcomes: Counter[str] = Counter()

    def work(self, seed: int) -> None:
        """Act at random."""
        dice = random.Random(seed)
        while time.monotonic() < self._end:
            name = f"c{dice.randrange(CONTAINERS)}"
            verb, *words = dice.choice((("run",), *ACTIONS))
            if verb == "run":
                done = self._cli("run", "-d", "--name", name, self._bundle, timeout=60)
            else:
                done = self._cli(verb, *words[:-1] if verb == "exec" else words, name,
                                 *words[-1:] if verb == "exec" else (), timeout=60)  # fmt: skip
            assert "Traceback" not in done.stderr, done
            assert done.returncode == 0 or done.stderr.count("\n") == 1, done
            self.outcomes[f"{verb} {'done' if done.returncode == 0 else 'refused'}"] += 1

    def kill(self, seed: int) -> None:
        """Kill one of our own processes now and then."""
        dice = random.Random(seed)
        while time.monotonic() < self._end - 2 * KILLS_EVERY:
            time.sleep(KILLS_EVERY)
            if helpers := self._cli.helpers():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(dice.choice(helpers), signal.SIGKILL)
                self.outcomes["killed"] += 1


def findings(cli: Cli, *words: str) -> list[dict[str, str]]:
    done = cli("doctor", "--format", "json", *words, timeout=120)
    return [entry for entry in json.loads(done.stdout) if entry["kind"] != "host"]


def test_random_actions_and_random_deaths(cli: Cli) -> None:
    soak = Soak(cli, SECONDS)
    with ThreadPoolExecutor(DOORS + 1) as pool:
        works = [pool.submit(soak.work, seed) for seed in range(DOORS)]
        works.append(pool.submit(soak.kill, DOORS))
        for work in works:
            work.result()
    print(dict(soak.outcomes))
    assert soak.outcomes["killed"]
    assert soak.outcomes["run done"]
    findings(cli, "--fix")
    assert wait_until(lambda: not findings(cli), 20), findings(cli)
    for row in cli.json("ps", "-a"):
        cli("rm", "-f", row["id"])
    assert cli.json("ps", "-a") == []
    assert wait_until(lambda: not cli.helpers(), 20)
    assert cli.leftovers() == []


def test_many_lives_leave_the_spawner_as_it_was(cli: Cli) -> None:
    quick = cli.bundle("quick", "exit 0")
    cli.ok("run", "-d", "--name", "keeper", cli.steady())
    for _ in range(5):
        cli.ok("run", "--rm", quick)
    spawner = min(cli.helpers())
    before = weight(spawner)
    lives = 200 if SECONDS > 60 else 20
    for _ in range(lives):
        cli.ok("run", "--rm", quick)
    assert wait_until(lambda: weight(spawner)[0] <= before[0], 10), "descriptors"
    assert weight(spawner)[1] - before[1] < 512 * 1024, "memory of its own"
    cli.ok("rm", "-f", "keeper")


def weight(pid: int) -> tuple[int, int]:
    """Return how many descriptors a process has, and its own resident bytes."""
    folder = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    return len(list((folder / "fd").iterdir())), int(status["RssAnon"].split()[0]) * 1024
