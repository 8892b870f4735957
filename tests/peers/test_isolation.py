"""Namespaces, mounts and system call filters as Docker and Podman ask for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.peers.engine import Engine


def namespace(name: str) -> str:
    return f"busybox readlink /proc/self/ns/{name}"


@pytest.mark.parametrize(
    ("flag", "name"),
    [
        ("--pid=host", "pid"),
        ("--uts=host", "uts"),
        ("--ipc=host", "ipc"),
        ("--network=host", "net"),
    ],
)
def test_a_namespace_of_the_host(engine: Engine, flag: str, name: str) -> None:
    theirs = engine.ground.ok("readlink", f"/proc/self/ns/{name}")
    assert engine.shell(namespace(name), flag) == theirs
    assert engine.shell(namespace(name)) != theirs


@pytest.mark.parametrize(("flag", "name"), [("--pid", "pid"), ("--network", "net")])
def test_a_namespace_of_another_container(engine: Engine, flag: str, name: str) -> None:
    other = engine.detached("sleep 1000")
    theirs = engine.ok("exec", other, "busybox", "readlink", f"/proc/self/ns/{name}")
    assert engine.shell(namespace(name), f"{flag}=container:{other}") == theirs


def test_a_cgroup_namespace_hides_where_the_container_is(engine: Engine) -> None:
    script = "sed 's/.*://' /proc/self/cgroup | busybox sort -u"
    assert engine.shell(script, "--cgroupns=private") == "/\n"
    assert engine.shell(script, "--cgroupns=host") != "/\n"


def test_folders_of_the_host(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("inside out\n")
    writable, read_only = f"--volume={tmp_path}:/w", f"--volume={tmp_path}:/r:ro"
    script = "cat /r/file; echo back > /w/new; touch /r/x 2>&1 || :"
    told = engine.shell(script, writable, read_only)
    assert told == "inside out\ntouch: /r/x: Read-only file system\n"
    assert (tmp_path / "new").read_text() == "back\n"


def test_a_volume_outlives_its_container(engine: Engine) -> None:
    engine.shell("echo kept > /v/file", "--volume=kept:/v")
    assert engine.shell("cat /v/file", "--volume=kept:/v") == "kept\n"
    engine.ok("volume", "rm", "kept")


def test_a_privileged_container_may_mount(engine: Engine) -> None:
    script = "busybox mount -t tmpfs none /tmp && touch /tmp/x && ls /tmp"
    assert engine.run(command=("sh", "-c", script)).returncode != 0
    assert engine.shell(script, "--privileged") == "x\n"


def test_a_profile_denies_a_system_call(engine: Engine, tmp_path: Path) -> None:
    profile = {
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}],
    }
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(profile))
    told = engine.shell("busybox mkdir /x 2>&1 || :", f"--security-opt=seccomp={path}")
    assert "No space left on device" in told


def test_a_device_can_be_allowed_and_only_that(engine: Engine) -> None:
    made = "busybox mknod /tmp/d c 1 8 && busybox head -c 1 /tmp/d | wc -c"
    assert engine.shell(made, "--cap-add=mknod", "--device-cgroup-rule=c 1:8 rwm") == "1\n"
    denied = "busybox mknod /tmp/d c 1 2 && busybox head -c 1 /tmp/d 2>&1"
    assert (
        "Operation not permitted"
        in engine.run("--cap-add=mknod", command=("sh", "-c", denied)).stdout
    )


def test_an_init_of_the_engine_reaps(engine: Engine) -> None:
    engine.needs_init()
    assert engine.shell("cat /proc/1/comm", "--init") in ("docker-init\n", "podman-init\n")
