"""The six hooks: when, where and with what they run, and what their failure does."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import OTHER, cgroup_folders, namespace_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel

RUNTIME_SIDE = ("prestart", "createRuntime", "poststart", "poststop")
ALL = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")
REPORT = """
exec >> {log}
echo NAME {name}
echo MOUNT $(readlink /proc/self/ns/mnt)
echo PID $(readlink /proc/self/ns/pid)
echo NETWORK $(readlink /proc/self/ns/net)
echo ENVIRONMENT $(env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort | tr '\\n' ' ')
echo STATE $(cat)
"""


def hook(script: str, **more: Any) -> dict[str, Any]:
    return {"path": "/bin/sh", "args": ["sh", "-c", script], **more}


def reporting(door: Door, log: Path) -> dict[str, list[dict[str, Any]]]:
    """Return hooks of all kinds that append what they see to a log."""
    hooks = {}
    for name in ALL:
        place = "/tmp/log" if name == "startContainer" else log
        script = REPORT.format(log=place, name=name)
        if name == "startContainer":
            script = (
                script.replace("readlink", "busybox readlink")
                .replace("grep", "busybox grep")
                .replace("sort", "busybox sort")
                .replace("tr ", "busybox tr ")
            )
        env = [f"ONLY={name}", "PATH=/bin:/usr/bin"]
        hooks[name] = [hook(script, env=env)]
    return hooks


def parse(text: str) -> dict[str, dict[str, str]]:
    reports: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        word, _, value = line.partition(" ")
        if word == "NAME":
            current = reports.setdefault(value, {})
        current[word] = value
    return reports


def test_each_hook_runs_in_its_place(door: Door) -> None:
    log = door.folder / "log"
    bundle = door.shell("exec sleep 60", lambda d: d.update(hooks=reporting(door, log)))
    door.edit(bundle, lambda document: document["root"].update(readonly=False))
    container_id = door.create(bundle)
    assert list(parse(log.read_text())) == ["prestart", "createRuntime", "createContainer"]
    inner_log = bundle / "rootfs/tmp/log"
    assert not inner_log.exists()
    pid = door.state(container_id)["pid"]
    inside = {name: namespace_of(pid, name) for name in ("mnt", "pid", "net")}
    outside = {name: namespace_of("self", name) for name in ("mnt", "pid", "net")}
    door.ok("start", container_id)
    door.ok("delete", "--force", container_id)

    reports = parse(log.read_text()) | parse(inner_log.read_text())
    assert set(reports) == set(ALL)
    for name, report in reports.items():
        place = outside if name in RUNTIME_SIDE else inside
        assert report["MOUNT"] == place["mnt"], name
        assert report["PID"] == place["pid"], name
        assert report["NETWORK"] == place["net"], name
        assert report["ENVIRONMENT"].split() == [f"ONLY={name}", "PATH=/bin:/usr/bin"], name
        state = json.loads(report["STATE"])
        assert state["id"] == container_id
        assert state["bundle"] == str(bundle)
        assert state["ociVersion"] == "1.0.2-dev"
    states = {name: json.loads(report["STATE"]) for name, report in reports.items()}
    assert {name: state["status"] for name, state in states.items()} == {
        "prestart": "created",
        "createRuntime": "created",
        "createContainer": "created",
        "startContainer": "created",
        "poststart": "running",
        "poststop": "stopped",
    }
    for name in ("prestart", "createRuntime", "poststart"):
        assert states[name]["pid"] == pid
    for name in ("createContainer", "startContainer"):
        assert states[name]["pid"] == 1
    assert not states["poststop"].get("pid")


def test_hooks_of_a_kind_run_in_listed_order(door: Door) -> None:
    log = door.folder / "log"
    hooks = {
        kind: [hook(f"echo {kind} {number} >> {log}") for number in range(3)]
        for kind in RUNTIME_SIDE
    }
    door.run(door.shell("true", lambda document: document.update(hooks=hooks)))
    wanted = [f"{kind} {number}" for kind in RUNTIME_SIDE for number in range(3)]
    assert log.read_text().splitlines() == wanted


@pytest.mark.parametrize("kind", ["prestart", "createRuntime", "createContainer"])
def test_a_failing_hook_stops_create_and_poststop_runs(door: Door, kind: str) -> None:
    log = door.folder / "log"
    hooks = {
        kind: [hook("echo went wrong >&2; exit 3"), hook(f"echo never >> {log}")],
        "poststop": [hook(f"echo poststop >> {log}")],
    }
    bundle = door.shell("true", lambda document: document.update(hooks=hooks))
    container_id = door.new_id()
    text = door.fails("create", "--bundle", str(bundle), container_id)
    assert "exit status 3" in text
    assert "went wrong" in text
    assert log.read_text() == "poststop\n"
    assert not cgroup_folders(container_id)


@pytest.mark.parametrize("kind", ["startContainer", "poststart"])
@ours_only
def test_a_failing_hook_of_start_destroys_the_container(door: Door, kind: str) -> None:
    log = door.folder / "log"
    path = "/bin/sh"
    hooks = {
        kind: [{"path": path, "args": ["sh", "-c", "echo went wrong >&2; exit 3"]}],
        "poststop": [hook(f"echo poststop >> {log}")],
    }
    bundle = door.shell("exec sleep 60", lambda document: document.update(hooks=hooks))
    container_id = door.create(bundle)
    text = door.fails("start", container_id)
    assert f"error running {kind} hook #0: exit status 3, stdout: , stderr: went wrong" in text
    assert "container does not exist" in door.fails("state", container_id)
    assert not cgroup_folders(container_id)
    assert log.read_text() == "poststop\n"


def test_a_failing_poststop_hook_only_warns(door: Door) -> None:
    log = door.folder / "log"
    hooks = {"poststop": [hook("exit 3"), hook(f"echo second >> {log}")]}
    bundle = door.shell("true", lambda document: document.update(hooks=hooks))
    container_id = door.started(bundle)
    door.await_status(container_id, "stopped")
    done = door.call("delete", container_id)
    assert done.returncode == 0
    assert "warning" in done.stderr
    assert log.read_text() == "second\n"


def test_a_hook_that_takes_too_long_is_killed(door: Door) -> None:
    hooks = {"createRuntime": [hook("sleep 60", timeout=1)]}
    bundle = door.shell("true", lambda document: document.update(hooks=hooks))
    text = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert "timeout" in text or OTHER


def test_a_hook_without_environment_has_the_runtimes(door: Door) -> None:
    log = door.folder / "log"
    hooks = {"prestart": [hook(f"echo $WORD >> {log}"), hook(f"echo :$WORD: >> {log}", env=[])]}
    bundle = door.shell("true", lambda document: document.update(hooks=hooks))
    door.run(bundle, env={**os.environ, "WORD": "inherited"})
    assert log.read_text() == "inherited\n::\n"


@pytest.mark.skipif("runc" in OTHER, reason="crun's annotations")
@pytest.mark.parametrize("kind", ["createRuntime", "createContainer", "startContainer", "poststop"])
def test_annotations_name_files_for_the_output_of_hooks(door: Door, kind: str) -> None:
    out, err = door.folder / "hooks.out", door.folder / "hooks.err"
    out.write_text("before\n")

    def change(document: dict[str, Any]) -> None:
        document["hooks"] = {kind: [hook("echo one; echo two >&2"), hook("echo three")]}
        document["annotations"] = {
            "run.oci.hooks.stdout": str(out),
            "run.oci.hooks.stderr": str(err),
        }

    door.run(door.shell("true", change))
    assert out.read_text() == "before\none\nthree\n"
    assert err.read_text() == "two\n"


@ours_only
def test_a_hook_may_ask_for_the_state(door: Door) -> None:
    answer = door.folder / "answer"
    container_id = door.new_id()
    state = door.root / container_id / "state.json"
    hooks = {"createRuntime": [hook(f"cat {state} > {answer}")]}
    bundle = door.shell("true", lambda document: document.update(hooks=hooks))
    door.ok("create", "--bundle", str(bundle), container_id)
    told = json.loads(answer.read_text())
    assert told["phase"] == "creating"
    assert told["init"]["pid"] == door.state(container_id)["pid"]


@ours_only
def test_kill_works_while_a_hook_hangs(door: Door) -> None:
    """Neither `kill` nor `state` takes the lock that `create` holds."""
    fifo = door.folder / "fifo"
    os.mkfifo(fifo)
    hooks = {"createRuntime": [hook(f"echo here > {fifo}; exec sleep 60", timeout=20)]}
    bundle = door.shell("true", lambda document: document.update(hooks=hooks))
    container_id = door.new_id()
    pid = os.fork()
    if pid == 0:
        os._exit(door.call("create", "--bundle", str(bundle), container_id).returncode)
    assert fifo.read_text() == "here\n"
    assert door.state(container_id)["status"] == "creating"
    init = door.state(container_id)["pid"]
    os.kill(init, 9)
    _, status = os.waitpid(pid, 0)
    assert status
