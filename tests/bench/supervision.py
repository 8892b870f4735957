"""What it costs to look after a hundred idle containers: proportional set sizes (PSS)."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.screens import helpers
from tuicontainer.supervise.client import Client
from tuicontainer.supervise.inventory import list_containers
from tuicontainer.supervise.requests import CreateRequest

if TYPE_CHECKING:
    from tests.bench.runtimes import Setting

CONTAINERS = 100
_SPAWNER = "tuic-spawner"


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """Sizes of the spawner and of the monitors, each beside all the others."""

    setting: Setting
    bundle: str
    name: str = "supervision"

    def show(self, rounds: int | None = None) -> None:
        """Measure and print them; rounds mean nothing here."""
        del rounds
        locations = self.setting.locations
        client = Client(locations)
        for _ in range(CONTAINERS):
            client.start(client.create(CreateRequest(bundle=self.bundle)).id)
        sizes = [(_comm(pid), proportional(pid)) for pid in helpers(locations.state_root)]
        for view in list_containers(locations):
            client.delete(view.id, force=True)
        monitors = [size for comm, size in sizes if comm != _SPAWNER]
        spawners = [size for comm, size in sizes if comm == _SPAWNER]
        sys.stdout.write(
            f"\n{self.name}: beside {CONTAINERS} idle containers, PSS\n"
            f"  {len(monitors)} monitors, each      {statistics.mean(monitors):8.0f} KiB\n"
            f"  spawner                 {sum(spawners):8} KiB\n"
        )
        sys.stdout.flush()


def proportional(pid: int) -> int:
    """Return a process's proportional set size in KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


def _comm(pid: int) -> str:
    with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
        return file.read().strip()


def races(setting: Setting) -> list[Supervision]:
    """Return the table."""
    return [Supervision(setting=setting, bundle=setting.bundle("idle", "/bin/sleep", "100000"))]
