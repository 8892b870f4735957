"""The five operations, their order, and what each refuses (runtime.md#operations)."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.door import OTHER, cgroup_folders, mounts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel


def test_the_operations_in_order(door: Door) -> None:
    bundle = door.shell(STEADY, lambda document: document.update(annotations={"a.b": "c"}))
    pid_file = door.folder / "pid"
    container_id = door.create(bundle, "--pid-file", str(pid_file))
    state = door.state(container_id)
    assert state["status"] == "created"
    assert state["pid"] == int(pid_file.read_text())
    assert state["bundle"] == str(bundle)
    assert state["annotations"] == {"a.b": "c"}
    assert state["ociVersion"] == "1.0.2-dev"
    assert state["id"] == container_id
    door.ok("start", container_id)
    assert door.state(container_id)["status"] == "running"
    door.ok("kill", container_id, "KILL")
    door.await_status(container_id, "stopped")
    assert door.state(container_id)["pid"] == 0
    door.ok("delete", container_id)
    assert "container does not exist" in door.fails("state", container_id)


def test_a_relative_pid_file_is_in_the_callers_folder(door: Door) -> None:
    bundle = door.shell(STEADY)
    container_id = door.create(bundle, "--pid-file", "here.pid", cwd=door.folder)
    assert int((door.folder / "here.pid").read_text()) == door.state(container_id)["pid"]


def test_the_program_waits_for_start(door: Door) -> None:
    bundle = door.shell("echo ran > /tmp/ran", lambda d: d["root"].update(readonly=False))
    container_id = door.create(bundle)
    assert not (bundle / "rootfs/tmp/ran").exists()
    door.ok("start", container_id)
    door.await_status(container_id, "stopped")
    assert (bundle / "rootfs/tmp/ran").read_text() == "ran\n"


def test_the_configuration_may_change_after_create(door: Door) -> None:
    bundle = door.shell("echo old")
    container_id = door.create(bundle)
    (bundle / "config.json").write_text("{}")
    door.ok("start", container_id)
    door.await_status(container_id, "stopped")
    door.ok("delete", container_id)


def test_list_shows_all_containers(door: Door) -> None:
    bundle = door.shell(STEADY)
    one, two = door.create(bundle), door.started(bundle)
    rows = {row["id"]: row for row in json.loads(door.ok("list", "--format", "json"))}
    assert {one: "created", two: "running"} == {key: row["status"] for key, row in rows.items()}
    assert {"ociVersion", "id", "pid", "status", "bundle", "rootfs", "created", "owner"} <= set(
        rows[one]
    )
    assert door.ok("list", "-q").split() == sorted([one, two])
    assert one in door.ok("list")


def test_ps_lists_the_processes(door: Door) -> None:
    container_id = door.started(door.shell("sleep 60 & sleep 60"))
    pids = json.loads(door.ok("ps", "--format", "json", container_id))
    assert door.state(container_id)["pid"] in pids
    assert all(str(pid) in door.ok("ps", container_id) for pid in pids)


def test_pause_and_resume(door: Door) -> None:
    container_id = door.started(door.shell(STEADY))
    door.ok("pause", container_id)
    assert door.state(container_id)["status"] == "paused"
    door.ok("resume", container_id)
    assert door.state(container_id)["status"] == "running"


def test_a_paused_container_can_be_killed_and_deleted(door: Door) -> None:
    container_id = door.started(door.shell(STEADY))
    door.ok("pause", container_id)
    door.ok("kill", container_id, "KILL")
    door.await_status(container_id, "stopped")
    door.ok("delete", container_id)


def test_kill_all_reaches_every_process(door: Door) -> None:
    """Without a PID namespace of its own the init's end doesn't end the others."""

    def share_pids(document: dict[str, Any]) -> None:
        namespaces = document["linux"]["namespaces"]
        document["linux"]["namespaces"] = [each for each in namespaces if each["type"] != "pid"]

    container_id = door.started(door.shell("sleep 60 & sleep 60", share_pids))
    assert len(json.loads(door.ok("ps", "--format", "json", container_id))) == 2
    door.ok("kill", "--all", container_id, "KILL")
    door.await_status(container_id, "stopped")
    door.ok("kill", "--all", container_id, "KILL")
    door.ok("delete", container_id)


def test_delete_force_ends_a_running_container(door: Door) -> None:
    container_id = door.started(door.shell(STEADY))
    door.ok("delete", "--force", container_id)
    assert "does not exist" in door.fails("state", container_id)
    door.ok("delete", "--force", container_id)


def test_delete_takes_a_container_that_was_never_started(door: Door) -> None:
    container_id = door.create(door.shell(STEADY))
    door.ok("delete", container_id)


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("state", "ID"), 1, "container does not exist"),
        (("start", "ID"), 1, "container does not exist"),
        (("kill", "ID"), 1, "container does not exist"),
        (("delete", "ID"), 1, "container does not exist"),
        (("pause", "ID"), 1, "container does not exist"),
        (("ps", "ID"), 1, "container does not exist"),
        (("exec", "ID", "ls"), 255, "container does not exist"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_unknown_containers(door: Door, words: tuple[str, ...], status: int, text: str) -> None:
    named = [door.new_id() if word == "ID" else word for word in words]
    assert text in door.fails(*named, status=status)


def test_operations_on_a_running_container(door: Door) -> None:
    bundle = door.shell(STEADY)
    container_id = door.started(bundle)
    pid = door.state(container_id)["pid"]
    text = door.fails("create", "--bundle", str(bundle), container_id)
    assert "container with given ID already exists" in text
    assert "cannot start an already running container" in door.fails("start", container_id)
    assert "that is not stopped" in door.fails("delete", container_id) or not OTHER
    assert "container not paused" in door.fails("resume", container_id)
    assert "unknown signal" in door.fails("kill", container_id, "NONSENSE")
    assert door.state(container_id) | {"pid": pid, "status": "running"} == door.state(container_id)


def test_operations_on_a_stopped_container(door: Door) -> None:
    container_id = door.started(door.bundle("/bin/true"))
    door.await_status(container_id, "stopped")
    assert "container not running" in door.fails("kill", container_id)
    assert "that has stopped" in door.fails("start", container_id)
    assert "container not running" in door.fails("pause", container_id)
    assert "stopped container" in door.fails("exec", container_id, "ls", status=255)


@pytest.mark.parametrize("name", ["a/b", "..", ".", "a b", "", "ä", "a\nb"])
def test_illegal_ids(door: Door, name: str) -> None:
    text = door.fails("create", "--bundle", str(door.bundle("true")), name)
    assert "invalid container ID format" in text or (not name and OTHER)


def _process(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["process"].update(changes)


BAD_CONFIGURATIONS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "program missing": (_process(args=["nope"]), "executable file not found in $PATH"),
    "path missing": (_process(args=["/nope"]), "no such file or directory"),
    "program not executable": (_process(args=["/etc/plain"]), "permission denied"),
    "program is a folder": (_process(args=["/etc"]), "exec: "),
    "folder in the way of cwd": (_process(cwd="/etc/plain/x"), "plain"),
    "cwd outside": (_process(cwd="/proc/self/fd/5"), "fd/5"),
    "unknown namespace": (
        lambda d: d["linux"]["namespaces"].append({"type": "moon"}),
        "moon",
    ),
    "namespace twice": (lambda d: d["linux"]["namespaces"].append({"type": "pid"}), "pid"),
    "namespace path missing": (
        lambda d: d["linux"]["namespaces"].append({"type": "user", "path": "/nope"}),
        "/nope",
    ),
    "namespace of another type": (
        lambda d: d["linux"].update(
            namespaces=[
                {"type": "mount"},
                {"type": "network", "path": f"/proc/{os.getpid()}/ns/ipc"},
            ]
        ),
        "",
    ),
    "rootfs missing": (lambda d: d["root"].update(path="nope"), "nope"),
    "mount source missing": (
        lambda d: d["mounts"].append(
            {"destination": "/mnt", "type": "bind", "source": "/nope", "options": ["bind"]}
        ),
        "nope",
    ),
    "prestart hook fails": (
        lambda d: d.update(hooks={"prestart": [{"path": "/bin/false"}]}),
        "hook",
    ),
    "createRuntime hook missing": (
        lambda d: d.update(hooks={"createRuntime": [{"path": "/nope"}]}),
        "hook",
    ),
    "createContainer hook fails": (
        lambda d: d.update(hooks={"createContainer": [{"path": "/bin/false"}]}),
        "hook",
    ),
}


@pytest.mark.parametrize("case", BAD_CONFIGURATIONS)
def test_a_failing_create_says_why_and_leaves_nothing(door: Door, case: str) -> None:
    change, text = BAD_CONFIGURATIONS[case]
    bundle = door.bundle("true", change=change)
    (bundle / "rootfs/etc/plain").write_text("x")
    before = mounts()
    container_id = door.new_id()
    assert text in door.fails("create", "--bundle", str(bundle), container_id)
    assert mounts() == before
    assert not cgroup_folders(container_id)
    assert "does not exist" in door.fails("state", container_id)
    assert text in door.fails("run", "--bundle", str(bundle), container_id)
    assert not cgroup_folders(container_id)


def test_bundles_that_are_none(door: Door, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    container_id = door.new_id()
    assert "config.json" in door.fails("create", "--bundle", str(empty), container_id)
    (empty / "config.json").write_text("{ not json")
    door.fails("create", "--bundle", str(empty), container_id)
    assert "no such file" in door.fails("create", "--bundle", str(empty / "x"), container_id)


def test_a_program_the_kernel_refuses_fails_at_start(door: Door) -> None:
    bundle = door.bundle("/bin/strange")
    strange = bundle / "rootfs/bin/strange"
    strange.write_text("#!/nope\n")
    strange.chmod(0o755)
    container_id = door.create(bundle)
    text = door.fails("start", container_id)
    assert "/bin/strange" in text or OTHER
    door.await_status(container_id, "stopped")
    door.ok("delete", container_id)


@pytest.mark.skipif(bool(OTHER), reason="runc and crun want it at create already")
def test_only_start_needs_a_process(door: Door) -> None:
    """runtime.md#start: it is an error if `process` was not set; `create` goes without."""
    container_id = door.create(door.shell("true", lambda document: document.pop("process")))
    assert door.state(container_id)["status"] == "created"
    assert "`process` is missing" in door.fails("start", container_id)
    door.await_status(container_id, "stopped")
    door.ok("delete", container_id)
