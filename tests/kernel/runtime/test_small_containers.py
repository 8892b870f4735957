"""How little a container needs: limits far below what an interpreter takes, and the time between
`create` and `start`, when it waits."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import PROGRAM, Door
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies

pytestmark = pytest.mark.kernel

KIB, MIB = 1 << 10, 1 << 20


def limited(**resources: Any) -> Any:
    def change(document: dict[str, Any]) -> None:
        document["linux"]["resources"] |= resources

    return change


@pytest.mark.parametrize("limit", [4 * MIB, 512 * KIB])
def test_little_memory(door: Door, limit: int) -> None:
    bundle = door.bundle("/bin/echo", "fine", change=limited(memory={"limit": limit}))
    assert door.run(bundle) == "fine\n"


def test_one_process(door: Door) -> None:
    bundle = door.bundle("/bin/echo", "fine", change=limited(pids={"limit": 1}))
    assert door.run(bundle) == "fine\n"


def test_one_process_in_little_memory_step_by_step(door: Door) -> None:
    resources = limited(memory={"limit": 512 * KIB}, pids={"limit": 1})
    container = door.started(door.bundle("/bin/sleep", "100", change=resources))
    assert door.state(container)["status"] == "running"
    door.ok("delete", "--force", container)


@ours_only
@pytest.mark.skipif(shutil.which("runc") is None, reason="needs runc to compare with")
def test_waiting_for_start_costs_less_than_runcs_init(door: Door) -> None:
    """Proportional memory of the process, and what its group is charged, kernel's memory too."""
    bundle = door.bundle("/bin/sleep", "100")
    ours = created_memory(PROGRAM, door, bundle)
    runcs = created_memory(["runc"], door, bundle)
    assert ours[0] <= runcs[0] // 100, (ours, runcs)
    assert ours[1] < runcs[1], (ours, runcs)


def created_memory(program: list[str], door: Door, bundle: Path) -> tuple[int, int]:
    """Create a container; return PSS in KiB and the group's charge in bytes, and delete it."""
    container = door.new_id()
    command = [*program, "--root", str(door.folder / f"root-{Path(program[0]).name}")]
    pid_file = door.folder / f"{container}.pid"
    create = ["create", "--bundle", str(bundle), "--pid-file", str(pid_file), container]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    subprocess.run([*command, *create], check=True, **streams)
    try:
        pid = int(pid_file.read_text())
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        pss = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        return pss, charged(pid)
    finally:
        subprocess.run([*command, "delete", "--force", container], check=True, **streams)


def charged(pid: int) -> int:
    """Return what the memory controller charges a process's group, in bytes."""
    found = read_hierarchies()
    groups = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
    for mount in found.mounts:
        if "memory" not in mount.controllers:
            continue
        name = "memory" if mount.version == 1 else ""
        path = next(path for _, names, path in groups if name in names.split(","))
        file = "memory.usage_in_bytes" if mount.version == 1 else "memory.current"
        return int(Path(f"{mount.mountpoint}{path}/{file}").read_text())
    pytest.skip("no hierarchy has the memory controller")
