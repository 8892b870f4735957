"""`update`: the limits that the kernel has afterwards, and that a refusal changes none."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel

MIB = 2**20
V2 = read_hierarchies().mode == "v2"
UNLIMITED = 2**63 - 4096


def read(pid: int, controller: str, file: str) -> str:
    """Return a control file of the process's group in the hierarchy of *controller*."""
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if V2:
            return Path(f"/sys/fs/cgroup{path}/{file}").read_text().strip()
        if controller in controllers.split(","):
            return Path(f"/sys/fs/cgroup/{controller}{path}/{file}").read_text().strip()
    pytest.skip(f"this host has no controller `{controller}`")


def memory(pid: int) -> int:
    text = read(pid, "memory", "memory.max" if V2 else "memory.limit_in_bytes")
    return UNLIMITED if text == "max" else int(text)


def pids(pid: int) -> str:
    return read(pid, "pids", "pids.max")


def cpu_quota(pid: int) -> tuple[str, str]:
    if V2:
        quota, period = read(pid, "cpu", "cpu.max").split()
        return quota.replace("max", "-1"), period
    return read(pid, "cpu", "cpu.cfs_quota_us"), read(pid, "cpu", "cpu.cfs_period_us")


def everything(pid: int) -> tuple[Any, ...]:
    weight = read(pid, "cpu", "cpu.weight" if V2 else "cpu.shares")
    return memory(pid), pids(pid), cpu_quota(pid), weight, read(pid, "cpuset", "cpuset.cpus")


def limited(document: dict[str, Any]) -> None:
    document["linux"]["resources"] = {
        "memory": {"limit": 64 * MIB},
        "pids": {"limit": 20},
        "cpu": {"quota": 50_000, "period": 100_000, "shares": 512},
    }


@pytest.fixture
def container(door: Door) -> str:
    return door.started(door.shell("exec sleep 100", change=limited))


def pid_of(door: Door, container: str) -> int:
    return int(door.state(container)["pid"])


@pytest.mark.parametrize(
    ("text", "size"),
    [("33554432", 32 * MIB), ("32m", 32 * MIB), ("0.5g", 512 * MIB), ("-1", UNLIMITED)],
)
def test_memory_and_nothing_else(door: Door, container: str, text: str, size: int) -> None:
    pid = pid_of(door, container)
    before = everything(pid)[1:]
    door.ok("update", "--memory", text, container)
    assert memory(pid) == size
    assert everything(pid)[1:] == before


def test_cpu_and_pids(door: Door, container: str) -> None:
    pid = pid_of(door, container)
    flags = ("--cpu-quota=20000", "--cpu-period", "50000", "--cpu-share", "256")
    door.ok("update", *flags, "--cpuset-cpus=0", "--pids-limit", "77", container)
    assert cpu_quota(pid) == ("20000", "50000")
    assert pids(pid) == "77"
    assert read(pid, "cpuset", "cpuset.cpus") == "0"
    assert read(pid, "cpu", "cpu.weight" if V2 else "cpu.shares") == ("10" if V2 else "256")
    door.ok("update", "--pids-limit=-1", "--cpu-quota=-1", container)
    assert pids(pid) == "max"
    assert cpu_quota(pid)[0] == "-1"
    assert memory(pid) == 64 * MIB


def test_from_a_file_and_from_standard_input(door: Door, container: str, tmp_path: Path) -> None:
    pid = pid_of(door, container)
    file = tmp_path / "resources.json"
    file.write_text(json.dumps({"pids": {"limit": 31}, "unknown": True}))
    # The other flags don't count beside a file.
    door.ok("update", "-r", str(file), "--memory", "16m", container)
    assert (pids(pid), memory(pid)) == ("31", 64 * MIB)
    file.write_text(json.dumps({"memory": {"limit": 48 * MIB}, "cpu": {"quota": 30_000}}))
    with file.open("rb") as stdin:
        door.ok("update", "--resources=-", container, stdin=stdin)
    assert (pids(pid), memory(pid), cpu_quota(pid)) == ("31", 48 * MIB, ("30000", "100000"))


@ours_only
@pytest.mark.parametrize(
    "resources",
    [
        {"pids": {"limit": 30}, "cpu": {"cpus": "0-8191"}},
        {"memory": {"limit": 32 * MIB}, "pids": {"limit": 30}, "cpu": {"period": 5}},
        {"memory": {"limit": 32 * MIB, "swap": 16 * MIB}},
        {"pids": {"limit": 30}, "cpu": {"shares": 99, "quota": 5}},
        {"memory": {"limit": 32 * MIB}, "unified": {"nosuch.file": "1"}},
        {"pids": {"limit": "many"}},
    ],
)
def test_a_refusal_changes_nothing(
    door: Door, container: str, tmp_path: Path, resources: dict[str, Any]
) -> None:
    pid = pid_of(door, container)
    before = everything(pid)
    file = tmp_path / "resources.json"
    file.write_text(json.dumps(resources))
    assert "linux.resources" in door.fails("update", "-r", str(file), container)
    assert everything(pid) == before


@ours_only
def test_the_check_of_what_is_in_use(door: Door, container: str, tmp_path: Path) -> None:
    pid = pid_of(door, container)
    file = tmp_path / "resources.json"
    file.write_text(json.dumps({"memory": {"limit": 4096, "checkBeforeUpdate": True}}))
    assert "in use" in door.fails("update", "-r", str(file), container)
    assert memory(pid) == 64 * MIB


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ("--memory 20x", "invalid value for memory: invalid size: '20x'"),
        ("--cpu-quota abc", "invalid value for cpu-quota: "),
        ("-r /nonexistent", "open /nonexistent: no such file or directory"),
        ("--l3-cache-schema L3:0=f", "has no class of service to change"),
        ("--mem-bw-schema L3:0=f", "must begin with `MB:`"),
    ],
)
@ours_only
def test_flags_that_are_refused(door: Door, container: str, flags: str, text: str) -> None:
    assert text in door.fails("update", *flags.split(), container)


def test_only_of_a_container_that_runs(door: Door, container: str) -> None:
    assert "container does not exist" in door.fails("update", "--memory=64m", "nosuch")
    door.ok("pause", container)
    door.ok("update", "--pids-limit=44", container)
    assert pids(pid_of(door, container)) == "44"
    door.ok("resume", container)
    door.ok("kill", container, "KILL")
    door.await_status(container, "stopped")
    assert "container not running" in door.fails("update", "--memory=64m", container)


def test_a_new_limit_bites(door: Door) -> None:
    container = door.started(door.shell("exec sleep 100", change=limited))
    door.ok("update", "--pids-limit=1", container)
    done = door.call("exec", container, "/bin/sh", "-c", "true & wait")
    assert done.returncode != 0
    assert os.path.exists(f"/proc/{pid_of(door, container)}")
