"""Memory beside runc and crun: while a container waits for `start`, and the least one runs with."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.weight import created_weight

if TYPE_CHECKING:
    from tests.bench.runtimes import Setting

NAME = "memory"
ROUNDS = 5
KIB = 1 << 10
LIMITS = tuple(KIB << power for power in range(14, 5, -1))
"""From 16 MiB down to 64 KiB."""


@dataclass(frozen=True, kw_only=True)
class Weighing:
    """The table of this file, as the others of the bench are called."""

    setting: Setting
    name: str = NAME

    def show(self, rounds: int | None = None) -> None:
        """Measure and print it; rounds mean nothing here."""
        del rounds
        weigh(self.setting)


def races(setting: Setting) -> list[Weighing]:
    """Return the table."""
    return [Weighing(setting=setting)]


def weigh(setting: Setting) -> None:
    """Print what each runtime's container costs and needs."""
    write = sys.stdout.write
    write(f"\n{NAME}: of a container in `created` state, and the least limit that it starts with\n")
    steady = setting.bundle("weighed", "/bin/sleep", "1000")
    ours = 0.0
    for name in setting.runtimes:
        command = setting.command(name)
        weights = []
        for _ in range(ROUNDS):
            container = setting.new_id()
            pid_file = Path(setting.folder, f"{container}.pid")
            weights.append(
                created_weight(command, bundle=steady, container=container, pid_file=pid_file)
            )
        process = statistics.median(weight.process for weight in weights) / KIB
        charges = [weight.group for weight in weights if weight.group is not None]
        group = f"{statistics.median(charges) / KIB:8.0f} KiB" if charges else "unknown"
        least = _least_limit(setting, name)
        needs = f"{least // KIB:6} KiB" if least else f"more than {LIMITS[0] // KIB} KiB"
        ours = ours or process
        against = "" if process == ours else f"   ours/theirs {ours / process:7.4f}"
        write(f"  {name:<24} process {process:8.0f} KiB   group {group}   limit {needs}{against}\n")
    sys.stdout.flush()


def _least_limit(setting: Setting, name: str) -> int | None:
    """Return the smallest of `LIMITS` under which a container runs; None if it needs more."""
    least = None
    for limit in LIMITS:
        bundle = setting.bundle(f"limit-{name}-{limit}", "/bin/true")
        config = Path(bundle, "config.json")
        document = json.loads(config.read_text())
        document["linux"]["resources"]["memory"] = {"limit": limit}
        config.write_text(json.dumps(document))
        container = setting.new_id()
        command = setting.command(name)
        done = subprocess.run(
            [*command, "run", "--bundle", bundle, container],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        if done.returncode:
            subprocess.run(
                [*command, "delete", "--force", container], capture_output=True, check=False
            )
            break
        least = limit
    return least
