"""What crun's command line has beside runc's: `--config`, `--regex`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.door import OTHER, Door

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif("runc" in OTHER, reason="runc has neither flag"),
]


def test_another_configuration_for_a_bundle(door: Door, tmp_path: Path) -> None:
    bundle = door.shell("echo own")
    document = json.loads((bundle / "config.json").read_text())
    document["process"]["args"] = ["/bin/sh", "-c", "echo other"]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document))
    for flags in (["--config", str(other)], ["-f", os.path.relpath(other, bundle.parent)]):
        words = ["run", "--bundle", str(bundle), *flags, door.new_id()]
        assert door.ok(*words, cwd=bundle.parent) == "other\n"
    container = door.create(bundle, "--config", str(other))
    assert door.state(container)["bundle"] == str(bundle)
    said = door.fails("run", "--bundle", str(bundle), "--config=nosuch.json", door.new_id())
    assert "nosuch.json" in said


def test_kill_and_delete_by_a_regular_expression(door: Door) -> None:
    bundle = door.shell("exec sleep 100")
    one, two, other = (door.started(bundle) for _ in range(3))
    pattern = f"^({one}|{two})$"
    door.ok("kill", "--regex", pattern, "KILL")
    for container in (one, two):
        door.await_status(container, "stopped")
    assert door.state(other)["status"] == "running"
    door.ok("delete", "-r", pattern)
    assert json.loads(door.ok("list", "--format", "json"))[0]["id"] == other
    # Nothing is matched any more, which is no error.
    door.ok("delete", "--regex", pattern)


@pytest.mark.skipif(bool(OTHER), reason="crun tells of failures by warnings only")
def test_one_failure_does_not_stop_the_others(door: Door) -> None:
    bundle = door.shell("exec sleep 100")
    running, stopped = door.started(bundle), door.started(bundle)
    door.ok("kill", stopped, "KILL")
    door.await_status(stopped, "stopped")
    said = door.fails("delete", "--regex", door.prefix)
    assert f"container `{running}`: cannot delete container" in said
    assert [row["id"] for row in json.loads(door.ok("list", "-f", "json"))] == [running]
    assert "isn't a regular expression" in door.fails("kill", "--regex", "(", "KILL")
    door.ok("delete", "--force", "--regex", door.prefix)
