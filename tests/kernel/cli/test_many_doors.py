"""Sixty-four command lines at once on the same few containers."""

from __future__ import annotations

import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.kernel.cli.program import Cli, wait_until

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(300)]

DOORS = 64
IDS = ("one", "two", "three")
VERBS = (
    ("start",), ("stop", "-t", "0"), ("restart", "-t", "0"), ("kill",), ("pause",), ("resume",),
    ("rm", "-f"), ("inspect",), ("state",),
)  # fmt: skip


def test_sixty_four_doors_at_once(cli: Cli) -> None:
    steady = cli.steady()
    for name in IDS:
        cli.ok("run", "-d", "--name", name, steady)
    dice = random.Random(64)

    def act(number: int) -> subprocess.CompletedProcess[str]:
        name = IDS[number % len(IDS)]
        if number % 4 == 0:
            return cli("run", "-d", "--name", name, steady, timeout=120)
        return cli(*dice.choice(VERBS), name, timeout=120)

    with ThreadPoolExecutor(DOORS) as pool:
        done = list(pool.map(act, range(DOORS)))
    for entry in done:
        assert "Traceback" not in entry.stderr, entry
        assert entry.returncode == 0 or entry.stderr.count("\n") == 1, entry
    assert any(entry.returncode == 0 for entry in done)
    for name in IDS:
        cli("rm", "-f", name)
        assert cli.status(name) == "gone"
    assert wait_until(lambda: not cli.helpers(), 20), "each monitor ends with its container"
    never_started_twice(cli.json_lines("events", "--no-follow"))


def never_started_twice(events: list[dict[str, Any]]) -> None:
    """Expect each start to be that of an instance which was made and not yet started."""
    waiting: dict[str, int | None] = {}
    starts = 0
    for event in events:
        if event["type"] == "created":
            waiting[event["id"]] = event["instance"]
        elif event["type"] == "started":
            assert waiting[event["id"]] == event["instance"], event
            waiting[event["id"]] = None
            starts += 1
    assert starts >= len(IDS)
