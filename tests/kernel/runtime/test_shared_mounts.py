"""Containers in a mount namespace that wasn't made for them: somebody else's, or the runtime's."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import mounts, namespace_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]


@pytest.fixture
def holder() -> Iterator[int]:
    """The pid of a process in a mount namespace of its own."""
    with subprocess.Popen(["unshare", "--mount", "sleep", "600"]) as process:
        while namespace_of(process.pid, "mnt") == namespace_of("self", "mnt"):
            continue
        yield process.pid
        process.send_signal(signal.SIGKILL)


def namespace(path: str | None) -> Callable[[dict[str, Any]], None]:
    """Return a change that puts the container into this mount namespace, or for None the host's."""

    def change(document: dict[str, Any]) -> None:
        entries = [each for each in document["linux"]["namespaces"] if each["type"] != "mount"]
        if path is not None:
            entries.append({"type": "mount", "path": path})
        document["linux"]["namespaces"] = entries
        document["root"]["readonly"] = False

    return change


def joining(pid: int) -> Callable[[dict[str, Any]], None]:
    return namespace(f"/proc/{pid}/ns/mnt")


def test_it_is_a_member_with_its_own_root(door: Door, holder: int) -> None:
    container_id = door.started(door.shell("touch /made; sleep 60", joining(holder)))
    pid = door.state(container_id)["pid"]
    assert namespace_of(pid, "mnt") == namespace_of(holder, "mnt")
    assert sorted(os.listdir(f"/proc/{pid}/root"))[:3] == ["bin", "dev", "etc"]
    assert door.ok("exec", container_id, "/bin/sh", "-c", "until [ -e /made ]; do :; done") == ""
    assert not os.path.exists(f"/proc/{holder}/root/made")


def test_neither_the_members_root_nor_their_mounts_change(door: Door, holder: int) -> None:
    before = Path(f"/proc/{holder}/mountinfo").read_text()
    root = os.stat(f"/proc/{holder}/root/.")
    door.started(door.shell("sleep 60", joining(holder)))
    assert Path(f"/proc/{holder}/mountinfo").read_text() == before
    assert os.path.samestat(os.stat(f"/proc/{holder}/root/."), root)


def test_its_mounts_masks_and_read_only_paths_are_there(door: Door, holder: int) -> None:
    def change(document: dict[str, Any]) -> None:
        joining(holder)(document)
        document["root"]["readonly"] = True
        document["linux"]["maskedPaths"] = ["/proc/version"]
        document["linux"]["readonlyPaths"] = ["/proc/sys"]

    script = (
        "wc -c < /proc/version; touch /x || echo root; "
        "echo 1 > /proc/sys/vm/drop_caches || echo path; ls /dev/pts"
    )
    said = door.run(door.shell(f"{{ {script}; }} 2>/dev/null", change))
    assert said.split() == ["0", "root", "path", "ptmx"]


def test_the_runtimes_own_when_none_is_listed(door: Door) -> None:
    before = mounts()
    container_id = door.started(door.shell("sleep 60", namespace(None)))
    pid = door.state(container_id)["pid"]
    assert namespace_of(pid, "mnt") == namespace_of("self", "mnt")
    assert sorted(os.listdir(f"/proc/{pid}/root"))[:3] == ["bin", "dev", "etc"]
    assert mounts() == before


@pytest.mark.parametrize("own", [True, False])
def test_an_exec_sees_the_containers_root(door: Door, holder: int, own: bool) -> None:
    change = namespace(None) if own else joining(holder)
    bundle = door.shell("sleep 60", change)
    (bundle / "rootfs" / "mark").write_text("here")
    container_id = door.started(bundle)
    assert door.ok("exec", container_id, "/bin/cat", "/mark") == "here"
    said = door.ok("exec", "--cwd", "/etc", container_id, "/bin/sh", "-c", "cd ../..; pwd; ls")
    assert said.split()[:2] == ["/", "bin"]


def test_a_start_container_hook_runs_in_the_containers_root(door: Door, holder: int) -> None:
    def change(document: dict[str, Any]) -> None:
        joining(holder)(document)
        hook = {"path": "/bin/sh", "args": ["sh", "-c", "echo hook > /told"]}
        document["hooks"] = {"startContainer": [hook]}

    bundle = door.shell("cat /told", change)
    assert door.run(bundle) == "hook\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/proc/self/ns/net", "`/proc/self/ns/net` is not a namespace of type `mount`"),
        ("/no/such/namespace", "no such file or directory"),
    ],
)
def test_what_is_no_mount_namespace_is_refused(door: Door, path: str, text: str) -> None:
    bundle = door.bundle("/bin/true", change=namespace(path))
    assert text in door.fails("create", "--bundle", str(bundle), door.new_id())


def test_a_namespace_over_which_its_user_has_no_rights(door: Door) -> None:
    own = [{"containerID": 0, "hostID": 100_000, "size": 65536}]

    def change(document: dict[str, Any]) -> None:
        namespace(None)(document)
        document["linux"]["namespaces"].append({"type": "user"})
        document["linux"] |= {"uidMappings": own, "gidMappings": own}

    said = door.fails("create", "--bundle", str(door.shell("true", change)), door.new_id())
    assert "joining the mount namespace" in said
    assert "must belong to the container's own user namespace" in said
