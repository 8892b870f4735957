"""What is printed and how, for scripts that read it: the same as runc's."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.door import OTHER
from tuicontainer.runtime.process.capabilities import NAMES
from tuicontainer.syscalls.capabilities import in_bounding_set

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif("crun" in OTHER, reason="crun's columns and field order are its own"),
]

KEYS = ["ociVersion", "id", "pid", "status", "bundle", "rootfs", "created"]


def test_fields_of_a_state_are_in_order(door: Door) -> None:
    bundle = door.shell("exec sleep 100", lambda d: d.update(annotations={"a": "b"}))
    container_id = door.create(bundle)
    wanted = [*KEYS, "annotations", "owner"]
    assert list(door.state(container_id)) == wanted
    listed = json.loads(door.ok("list", "--format", "json"))
    assert [list(row) for row in listed] == [wanted]


def test_columns_of_a_list(door: Door) -> None:
    assert door.ok("list").split() == ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]
    bundle = door.shell("exec sleep 100")
    ids = [door.create(bundle) for _ in range(2)]
    for form in ([], ["--format", "table"], ["-f=table"]):
        heading, *rows = door.ok("list", *form).splitlines()
        assert re.fullmatch(r"ID +PID +STATUS +BUNDLE +CREATED +OWNER", heading)
        assert [row.split()[0] for row in rows] == ids
        # `STATUS` is narrower than the least width of a column.
        assert heading.index("BUNDLE") - heading.index("STATUS") == 12
        assert {row.index(str(bundle)) for row in rows} == {heading.index("BUNDLE")}
    assert door.ok("list", "-q").split() == ids
    assert "invalid format option" in door.fails("list", "--format", "yaml")


def test_an_empty_list_is_null(door: Door) -> None:
    assert json.loads(door.ok("list", "-f", "json")) is None


def test_processes_of_a_stopped_container(door: Door) -> None:
    container_id = door.started(door.shell("exec sleep 100"))
    running = door.ok("ps", container_id)
    assert re.match(r"UID +PID +PPID +C +STIME +TTY +TIME +CMD", running)
    assert len(running.splitlines()) == 2
    assert door.ok("ps", container_id, "-o", "pid,args").split()[:2] == ["PID", "COMMAND"]
    door.ok("kill", container_id, "KILL")
    door.await_status(container_id, "stopped")
    assert door.ok("ps", container_id).splitlines() == running.splitlines()[:1]
    assert json.loads(door.ok("ps", "-f", "json", container_id)) is None


def test_a_container_can_be_asked_for_without_a_signal(door: Door) -> None:
    container_id = door.started(door.shell("exec sleep 100"))
    door.ok("kill", container_id, "0")
    assert door.state(container_id)["status"] == "running"
    door.ok("kill", container_id, "9")
    door.await_status(container_id, "stopped")
    assert "container not running" in door.fails("kill", container_id, "0")


def test_what_a_paused_container_refuses(door: Door) -> None:
    container_id = door.started(door.shell("exec sleep 100"))
    door.ok("pause", container_id)
    assert "container not running" in door.fails("pause", container_id)
    assert "in the paused state" in door.fails("start", container_id)
    assert "that is not stopped: paused" in door.fails("delete", container_id)
    door.ok("resume", container_id)
    assert "container not paused" in door.fails("resume", container_id)


def test_words_of_a_refused_exec(door: Door) -> None:
    container_id = door.started(door.shell("exec sleep 100"))
    said = door.fails("exec", container_id, status=255)
    assert "exec failed: process args cannot be empty" in said
    said = door.fails("exec", "--cwd", "/nosuch", container_id, "/bin/true", status=255)
    assert '(\\"/nosuch\\") set in config.json failed: no such file or directory' in said
    said = door.fails("exec", "--cwd", "bin", container_id, "/bin/true", status=255)
    assert "must be an absolute path" in said
    said = door.fails("exec", container_id, "nosuch", status=255)
    assert "executable file not found in $PATH" in said


def test_a_capability_nobody_knows_is_warned_of(door: Door) -> None:
    bundle = door.shell(
        "exec sleep 100", lambda d: d["process"]["capabilities"]["bounding"].append("CAP_MOON")
    )
    container_id = door.new_id()
    done = door.call("run", "-d", "-b", str(bundle), container_id)
    words = "ignoring unknown or unavailable capabilities: [CAP_MOON]"
    assert (done.returncode, words in done.stderr) == (0, True)
    done = door.call("exec", "--cap", "CAP_MOON", container_id, "/bin/true")
    assert (done.returncode, words in done.stderr) == (0, True)


@pytest.mark.skipif(bool(OTHER), reason="runc says nothing of those")
def test_a_capability_the_host_lacks_is_warned_of(door: Door) -> None:
    missing = [name for bit, name in enumerate(NAMES) if not in_bounding_set(bit)]
    if not missing:
        pytest.skip("needs a host that has taken a capability away from root")
    bundle = door.shell(
        "true", lambda d: d["process"]["capabilities"]["bounding"].append(missing[0])
    )
    done = door.call("run", "-b", str(bundle), door.new_id())
    assert done.returncode == 0
    assert f"ignoring unknown or unavailable capabilities: [{missing[0]}]" in done.stderr
