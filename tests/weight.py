"""What a container that waits for `start` costs, by the kernel's own accounts."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies


class Weight(NamedTuple):
    """Memory of one container in `created` state."""

    process: int
    """Proportional set size of its only process, in bytes."""
    group: int | None
    """What the memory controller charges its group, the kernel's own share too, in bytes; None
    where no hierarchy has that controller."""


def created_weight(command: list[str], *, bundle: str, container: str, pid_file: Path) -> Weight:
    """Create a container by a runtime's command line, weigh it, and delete it."""
    create = ["create", "--bundle", bundle, "--pid-file", str(pid_file), container]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    subprocess.run([*command, *create], check=True, **streams)
    try:
        pid = int(pid_file.read_text())
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        kib = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        return Weight(process=kib << 10, group=_charged(pid))
    finally:
        subprocess.run([*command, "delete", "--force", container], check=True, **streams)


def _charged(pid: int) -> int | None:
    groups = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
    for mount in read_hierarchies().mounts:
        if "memory" not in mount.controllers:
            continue
        name = "memory" if mount.version == 1 else ""
        path = next(path for _, names, path in groups if name in names.split(","))
        file = "memory.usage_in_bytes" if mount.version == 1 else "memory.current"
        return int(Path(f"{mount.mountpoint}{path}/{file}").read_text())
    return None
