"""Limits of kernel memory, which engines still pass and no kernel has any more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.door import OTHER

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif("crun" in OTHER, reason="crun leaves it to the kernel"),
]

MIB = 2**20
IGNORED = "Kernel memory settings are ignored"


def test_they_are_ignored_with_a_warning(door: Door) -> None:
    memory = {"limit": 64 * MIB, "kernel": 32 * MIB}
    bundle = door.shell("exec sleep 100", lambda d: d["linux"]["resources"].update(memory=memory))
    container_id = door.new_id()
    done = door.call("run", "-d", "-b", str(bundle), container_id)
    assert (done.returncode, IGNORED in done.stderr) == (0, True)
    file = door.folder / "resources.json"
    file.write_text(json.dumps({"memory": {"limit": 65 * MIB, "kernel": 33 * MIB}}))
    done = door.call("update", "-r", str(file), container_id)
    assert done.returncode == 0
    assert IGNORED in done.stderr or OTHER
    stats = json.loads(door.ok("events", "--stats", container_id))
    assert stats["data"]["memory"]["usage"]["limit"] == 65 * MIB
