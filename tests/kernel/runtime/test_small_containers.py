"""How little a container needs: limits far below what an interpreter takes, and the time between
`create` and `start`, when it waits."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import PROGRAM, Door, cgroup2_options_kept
from tests.weight import Weight, created_weight

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
    bundle = str(door.bundle("/bin/sleep", "100"))

    def weight(*program: str) -> Weight:
        container = door.new_id()
        root = door.folder / f"root-{program[0].rpartition('/')[2]}"
        pid_file = door.folder / f"{container}.pid"
        command = [*program, "--root", str(root)]
        return created_weight(command, bundle=bundle, container=container, pid_file=pid_file)

    ours = weight(*PROGRAM)
    with cgroup2_options_kept():
        runcs = weight("runc")
    assert ours.process <= runcs.process // 100, (ours, runcs)
    if ours.group is None or runcs.group is None:
        pytest.skip("no hierarchy has the memory controller")
    assert ours.group < runcs.group, (ours, runcs)
