"""Containers in the host's PID namespace, whose processes no dying first process takes along."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.door import OTHER, reap_orphans

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel


def in_the_hosts(document: dict[str, Any]) -> None:
    namespaces = document["linux"]["namespaces"]
    document["linux"]["namespaces"] = [each for each in namespaces if each["type"] != "pid"]


def crowded(door: Door) -> tuple[str, list[int]]:
    """Start a container with several processes; return its id and their pids, the first first."""
    container_id = door.started(door.shell("exec sleep 100", in_the_hosts))
    for _ in range(3):
        door.ok("exec", "-d", container_id, "/bin/sleep", "100")
    first = door.state(container_id)["pid"]
    pids = json.loads(door.ok("ps", "-f", "json", container_id))
    assert len(pids) == 4
    return container_id, sorted(pids, key=lambda pid: pid != first)


def await_end(pids: list[int]) -> None:
    deadline = time.monotonic() + 10
    while alive := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        reap_orphans()
        assert time.monotonic() < deadline, f"{alive} live on"


def without_first(door: Door) -> tuple[str, list[int]]:
    container_id, pids = crowded(door)
    os.kill(pids[0], 9)
    door.await_status(container_id, "stopped")
    assert json.loads(door.ok("ps", "-f", "json", container_id))
    return container_id, pids[1:]


@pytest.mark.parametrize("flags", [[], ["--force"]], ids=["plain", "force"])
@pytest.mark.skipif("crun" in OTHER, reason="crun leaves them alive")
def test_delete_ends_what_outlived_the_first_process(door: Door, flags: list[str]) -> None:
    container_id, rest = without_first(door)
    door.ok("delete", *flags, container_id)
    await_end(rest)


@pytest.mark.skipif(bool(OTHER), reason="runc since 1.1.8 only, crun doesn't")
def test_kill_ends_what_outlived_the_first_process(door: Door) -> None:
    container_id, rest = without_first(door)
    assert "container not running" in door.fails("kill", container_id, "TERM")
    door.ok("kill", container_id, "KILL")
    await_end(rest)
    assert "container not running" in door.fails("kill", container_id, "KILL")


@pytest.mark.skipif(bool(OTHER), reason="runc since 1.1.8 only, crun doesn't")
def test_killing_the_container_kills_all_of_it(door: Door) -> None:
    container_id, pids = crowded(door)
    door.ok("kill", container_id, "KILL")
    await_end(pids)
