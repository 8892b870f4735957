"""crun's annotations on real containers; `tests/unit/spec/test_annotations.py` has the rules."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import OTHER

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif("runc" in OTHER, reason="crun's extensions"),
]


def annotate(document: dict[str, Any], **annotations: str) -> None:
    document["annotations"] = {f"run.oci.{name}": value for name, value in annotations.items()}


def test_a_receiver_gets_a_pidfd(door: Door) -> None:
    path = door.folder / "receiver"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as receiver:
        receiver.bind(str(path))
        receiver.listen()
        receiver.settimeout(20)
        bundle = door.shell("exec sleep 100", lambda d: annotate(d, pidfd_receiver=str(path)))
        container_id = door.create(bundle)
        connection, _ = receiver.accept()
        with connection:
            _, (pidfd,), _, _ = socket.recv_fds(connection, 4096, 1)
    pid = f"Pid:\t{door.state(container_id)['pid']}\n"
    assert pid in Path(f"/proc/self/fdinfo/{pidfd}").read_text()
    os.close(pidfd)


@ours_only
def test_a_receiver_that_is_not_there_leaves_no_container(door: Door) -> None:
    bundle = door.shell("true", lambda d: annotate(d, pidfd_receiver="/nowhere/socket"))
    assert "/nowhere/socket" in door.fails("run", "-b", str(bundle), door.new_id())
    assert "null" in door.ok("list", "-f", "json")


@pytest.mark.parametrize("kept", [True, False])
def test_groups_of_the_caller_stay(door: Door, kept: bool) -> None:
    def change(document: dict[str, Any]) -> None:
        document["process"]["user"]["additionalGids"] = [7]
        if kept:
            annotate(document, keep_original_groups="1")

    script = "busybox grep Groups: /proc/self/status"
    bundle = door.shell(f"{script}; exec sleep 100", change)
    groups = {"extra_groups": [4321]}
    wanted = [b"4321" if kept else b"7"]
    container_id = door.create(bundle, **groups)
    status = Path(f"/proc/{door.state(container_id)['pid']}/status").read_bytes()
    assert status.split(b"Groups:")[1].split(b"\n")[0].split() == wanted
    door.ok("start", container_id)
    told = door.ok("exec", container_id, "/bin/sh", "-c", script, **groups)
    assert told.split()[1:] == [wanted[0].decode()]


@pytest.mark.parametrize("strict", [True, False])
def test_an_unknown_system_call(door: Door, strict: bool) -> None:
    def change(document: dict[str, Any]) -> None:
        names = ["mkdir", "frobnicate"]
        document["linux"]["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": names, "action": "SCMP_ACT_ERRNO"}],
        }
        if strict:
            annotate(document, seccomp_fail_unknown_syscall="1")

    bundle = door.shell("true", change)
    if strict:
        assert "frobnicate" in door.fails("run", "-b", str(bundle), door.new_id())
    else:
        door.run(bundle)
