"""`events`: counters in runc's shape, OOM kills, and its end with the container's."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.door import OTHER, PROGRAM, Door

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

MIB = 2**20
until_the_end = pytest.mark.skipif(
    bool(OTHER), reason="runc's events go on until the control group is removed; crun has none"
)


def follow(door: Door, container: str, *flags: str) -> subprocess.Popen[str]:
    words = [*PROGRAM, "--root", str(door.root), "events", *flags, container]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def finish(follower: subprocess.Popen[str]) -> list[dict[str, Any]]:
    try:
        output, _ = follower.communicate(timeout=20)
    finally:
        follower.kill()
    assert follower.returncode == 0
    return [json.loads(line) for line in output.splitlines()]


def limited(document: dict[str, Any]) -> None:
    document["linux"]["resources"] = {
        "memory": {"limit": 32 * MIB, "swap": 32 * MIB},
        "pids": {"limit": 20},
    }


def test_statistics_are_the_kernels(door: Door) -> None:
    script = "head -c 4000000 /dev/zero | tail -c 1 >/dev/null; exec sleep 100"
    container = door.started(door.shell(script, change=limited))
    event = json.loads(door.ok("events", "--stats", container))
    assert (event["type"], event["id"]) == ("stats", container)
    data = event["data"]
    assert next(iter(data)) == "cpu"
    assert data["cpu"]["usage"]["total"] > 1_000_000
    assert set(data["cpu"]["usage"]) >= {"kernel", "user"}
    assert data["memory"]["usage"]["limit"] == 32 * MIB
    assert 0 < data["memory"]["usage"]["usage"] <= data["memory"]["usage"]["max"] <= 32 * MIB
    assert data["pids"]["limit"] == 20
    assert data["pids"]["current"] >= 1
    assert {"blkio", "hugetlb", "intel_rdt", "network_interfaces"} <= set(data)


@until_the_end
def test_samples_at_an_interval_until_the_end(door: Door) -> None:
    container = door.started(door.shell("sleep 1.5"))
    events = finish(follow(door, container, "--interval", "300ms"))
    assert 2 <= len(events) <= 6
    totals = [event["data"]["cpu"]["usage"]["total"] for event in events]
    assert totals == sorted(totals)


@until_the_end
def test_a_process_killed_for_want_of_memory(door: Door, tmp_path: Path) -> None:
    # The shell is not what the kernel kills: it takes the largest.
    script = "read line < /go; tail /dev/zero; sleep 1; echo survived"
    bundle = door.shell(script, change=limited)
    go = bundle / "rootfs" / "go"
    subprocess.run(["mkfifo", str(go)], check=True)
    container = door.started(bundle)
    follower = follow(door, container, "--interval=200ms")
    assert follower.stdout is not None
    assert '"stats"' in follower.stdout.readline()
    go.write_text("now\n")
    events = finish(follower)
    assert {"type": "oom", "id": container} in events
    assert sum(event["type"] == "oom" for event in events) == 1


def test_deleting_ends_it(door: Door) -> None:
    container = door.started(door.shell("exec sleep 100"))
    follower = follow(door, container, "--interval=100ms")
    assert follower.stdout is not None
    follower.stdout.readline()
    door.ok("delete", "--force", container)
    assert all(event["type"] == "stats" for event in finish(follower))


def test_what_is_refused(door: Door) -> None:
    assert "container does not exist" in door.fails("events", "--stats", "nosuch")
    container = door.started(door.shell("true"))
    door.await_status(container, "stopped")
    for flags in (["--stats"], []):
        said = door.fails("events", *flags, container)
        assert f"container with id {container} is not running" in said
    said = door.fails("events", "--interval=0s", container)
    assert "duration interval must be greater than 0" in said
    assert "interval" in door.fails("events", "--interval=soon", container)


def test_every_counter_of_the_memory_controller_is_told(door: Door) -> None:
    container_id = door.started(door.shell("exec sleep 100"))
    data = json.loads(door.ok("events", "--stats", container_id))["data"]
    raw = data["memory"]["raw"]
    assert {"inactive_file", "active_file", "pgfault"} <= raw.keys()
    assert all(isinstance(value, int) for value in raw.values())
    if "cpuset" in data:
        assert data["cpuset"]["cpus"]
        assert sum(data["cpu"]["usage"]["percpu"]) > 0
