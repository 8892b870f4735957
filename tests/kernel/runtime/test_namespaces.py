"""Every namespace, seen from inside and from outside (config-linux.md#namespaces)."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import OTHER, namespace_of
from tuicontainer.runtime.process.namespaces import FLAGS
from tuicontainer.syscalls.clone import clone3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel

PROC_NAMES = {
    "mount": "mnt",
    "network": "net",
    "ipc": "ipc",
    "pid": "pid",
    "uts": "uts",
    "user": "user",
    "cgroup": "cgroup",
    "time": "time",
}
MAPPING = {"containerID": 0, "hostID": 100_000, "size": 65536}
SHOW = "; ".join(f"ls -l /proc/self/ns/{name} | sed 's/.* //'" for name in PROC_NAMES.values())


def with_namespaces(*types: str | dict[str, str]) -> Callable[[dict[str, Any]], None]:
    """Return a change that leaves exactly these namespaces, and what goes with them."""

    def change(document: dict[str, Any]) -> None:
        entries = [each if isinstance(each, dict) else {"type": each} for each in types]
        document["linux"]["namespaces"] = entries
        names = {each["type"] for each in entries}
        if "uts" not in names:
            del document["hostname"]
        if any(each == {"type": "user"} for each in entries):
            document["linux"] |= {"uidMappings": [MAPPING], "gidMappings": [MAPPING]}
        if "network" not in names:
            # Who doesn't own the network namespace may not mount a sysfs that shows it.
            document["mounts"] = [each for each in document["mounts"] if each["type"] != "sysfs"]
            document["mounts"] = [each for each in document["mounts"] if each["type"] != "cgroup"]

    return change


@pytest.mark.parametrize("type_", [name for name in PROC_NAMES if name not in ("mount", "user")])
def test_a_listed_namespace_is_new_and_others_are_inherited(door: Door, type_: str) -> None:
    bundle = door.shell(STEADY, with_namespaces("mount", type_))
    pid = door.state(door.started(bundle))["pid"]
    new = {"mount", type_}
    for name, proc_name in PROC_NAMES.items():
        same = namespace_of(pid, proc_name) == namespace_of("self", proc_name)
        assert same == (name not in new), name


def test_all_eight_at_once(door: Door) -> None:
    bundle = door.shell(STEADY, with_namespaces(*PROC_NAMES))
    os.chown(bundle / "rootfs", 100_000, 100_000)
    container_id = door.started(bundle)
    pid = door.state(container_id)["pid"]
    for proc_name in PROC_NAMES.values():
        assert namespace_of(pid, proc_name) != namespace_of("self", proc_name)
    inside = door.ok("exec", container_id, "/bin/sh", "-c", SHOW).split()
    outside = [namespace_of(pid, proc_name) for proc_name in PROC_NAMES.values()]
    assert inside == outside


def test_the_first_process_is_number_one(door: Door) -> None:
    assert door.run(door.shell("echo $$")) == "1\n"


def test_names(door: Door) -> None:
    host = os.uname()
    bundle = door.shell(
        "hostname; cat /proc/sys/kernel/domainname",
        lambda document: document.update(hostname="inside", domainname="example.org"),
    )
    assert door.run(bundle) == "inside\nexample.org\n"
    assert os.uname() == host


def test_loopback_is_up_in_a_new_network_namespace(door: Door) -> None:
    output = door.run(door.shell("cat /sys/class/net/lo/flags; cat /proc/net/dev"))
    assert int(output.split()[0], 16) & 1
    assert "lo:" in output
    assert output.count(":") == 1


@ours_only
@pytest.mark.parametrize("owner", [0, 100_000], ids=["the host's root", "the container's root"])
def test_folders_closed_to_all_but_one_root_can_be_bound(door: Door, owner: int) -> None:
    closed = door.folder / "closed"
    (closed / "within").mkdir(parents=True)
    (closed / "within/file").write_text("seen\n")
    os.chown(closed, owner, owner)
    closed.chmod(0o700)
    bundle = door.shell(
        "cat /tmp/file", with_namespaces(*(name for name in PROC_NAMES if name != "time"))
    )
    entry = {"destination": "/tmp", "source": str(closed / "within"), "options": ["bind", "ro"]}
    door.edit(bundle, lambda document: document["mounts"].append(entry))
    os.chown(bundle / "rootfs", 100_000, 100_000)
    assert door.run(bundle) == "seen\n"


def test_user_namespace(door: Door) -> None:
    bundle = door.shell(
        "id; cat /proc/self/uid_map; touch /tmp/mine; exec sleep 60",
        with_namespaces(*(name for name in PROC_NAMES if name != "time")),
    )
    door.edit(bundle, lambda document: document["root"].update(readonly=False))
    os.chown(bundle / "rootfs", 100_000, 100_000)
    os.chown(bundle / "rootfs/tmp", 100_000, 100_000)
    container_id = door.started(bundle)
    pid = door.state(container_id)["pid"]
    status = Path(f"/proc/{pid}/status").read_text()
    assert "Uid:\t100000\t100000\t100000\t100000" in status
    assert Path(f"/proc/{pid}/gid_map").read_text().split() == ["0", "100000", "65536"]
    output = door.ok("exec", container_id, "/bin/id")
    assert output.startswith("uid=0(root) gid=0" if "root" in output else "uid=0 gid=0")
    assert (bundle / "rootfs/tmp/mine").stat().st_uid == 100_000
    queues = door.ok("exec", container_id, "/bin/busybox", "stat", "-c", "%u:%g", "/dev/mqueue")
    assert queues == "0:0\n"


@ours_only
def test_a_closed_folder_above_the_bundle_is_no_obstacle(door: Door) -> None:
    """The data root is 0700, and the container's root has no rights outside."""
    bundle = door.shell("echo fine", with_namespaces("mount", "user", "pid", "uts", "ipc"))
    os.chown(bundle / "rootfs", 100_000, 100_000)
    bundle.chmod(0o700)
    door.folder.chmod(0o700)
    assert door.run(bundle) == "fine\n"


def test_time_namespace_with_offsets(door: Door) -> None:
    def change(document: dict[str, Any]) -> None:
        document["linux"]["namespaces"].append({"type": "time"})
        document["linux"]["timeOffsets"] = {
            "boottime": {"secs": 1_000_000},
            "monotonic": {"secs": 500_000, "nanosecs": 5},
        }

    uptime = float(door.run(door.shell("cat /proc/uptime", change)).split()[0])
    ours = float(Path("/proc/uptime").read_text().split()[0])
    assert 999_999 <= uptime - ours < 1_000_060


def test_cgroup_namespace_begins_at_the_container(door: Door) -> None:
    def change(document: dict[str, Any]) -> None:
        document["linux"]["namespaces"].append({"type": "cgroup"})

    groups = door.run(door.shell("cat /proc/self/cgroup", change)).splitlines()
    held = [line for line in groups if line.split(":")[1] in ("pids", "memory", "cpu")]
    assert all(line.endswith(":/") for line in held)


@contextmanager
def holder(type_: str, *, setgroups: str = "allow") -> Iterator[int]:
    """Yield the pid of a process in a new namespace of this type."""
    pid, pidfd = clone3(FLAGS[type_])
    if pid == 0:
        signal.pause()
    try:
        if type_ == "user":
            Path(f"/proc/{pid}/setgroups").write_text(setgroups)
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{pid}/{name}").write_text("0 100000 65536")
        yield pid
    finally:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        os.close(pidfd)
        os.waitpid(pid, 0)


@pytest.mark.parametrize("type_", ["network", "ipc", "uts", "pid", "cgroup", "time"])
def test_joining_by_path(door: Door, type_: str) -> None:
    proc_name = PROC_NAMES[type_]
    with holder(type_) as pid:
        path = f"/proc/{pid}/ns/{proc_name}"
        bundle = door.shell(STEADY, with_namespaces("mount", {"type": type_, "path": path}))
        container = door.started(bundle)
        init = door.state(container)["pid"]
        assert namespace_of(init, proc_name) == namespace_of(pid, proc_name)
        assert namespace_of(init, "mnt") != namespace_of("self", "mnt")
        assert Path(f"/proc/{init}/stat").read_text().split()[3] == str(os.getpid())
        # The first process of a PID namespace can't end before all others in it are reaped.
        door.close()


@ours_only
@pytest.mark.parametrize("setgroups", ["allow", "deny"])
def test_joining_a_user_namespace_by_path(door: Door, setgroups: str) -> None:
    with holder("user", setgroups=setgroups) as pid:
        path = f"/proc/{pid}/ns/user"
        types = ("mount", "pid", "uts", "ipc", {"type": "user", "path": path})
        bundle = door.shell(STEADY, with_namespaces(*types))
        os.chown(bundle / "rootfs", 100_000, 100_000)
        init = door.state(door.started(bundle))["pid"]
        assert namespace_of(init, "user") == namespace_of(pid, "user")


@ours_only
def test_the_container_of_another_container(door: Door) -> None:
    """A pod: the second container joins the first one's network, IPC and PID namespaces."""
    first = door.state(door.started(door.shell(STEADY)))["pid"]
    types = [
        {"type": type_, "path": f"/proc/{first}/ns/{PROC_NAMES[type_]}"}
        for type_ in ("network", "ipc", "pid")
    ]
    second = door.started(door.shell("ps; exec sleep 60", with_namespaces("mount", "uts", *types)))
    init = door.state(second)["pid"]
    assert namespace_of(init, "pid") == namespace_of(first, "pid")
    assert "trap" in door.ok("exec", second, "/bin/ps")


@ours_only
def test_setns_leaves_the_runtime_where_it_was(door: Door) -> None:
    """`run` waits in its own namespaces while the container is in another's."""
    with holder("network") as pid:
        types = ("mount", "pid", "uts", {"type": "network", "path": f"/proc/{pid}/ns/net"})
        bundle = door.shell("cat /proc/net/dev", with_namespaces(*types))
        assert "lo:" in door.run(bundle)


@pytest.mark.skipif("runc" in OTHER, reason="runc wants mappings")
def test_a_user_namespace_without_mappings_has_our_own_ids(door: Door) -> None:
    def change(document: dict[str, Any]) -> None:
        document["linux"]["namespaces"].append({"type": "user"})
        document["mounts"] = [each for each in document["mounts"] if each["type"] != "devpts"]

    told = door.run(door.shell("cat /proc/self/uid_map /proc/self/gid_map", change))
    assert [line.split() for line in told.splitlines()] == [["0", str(os.geteuid()), "1"]] * 2


def test_mappings_without_a_user_namespace_mean_nothing(door: Door) -> None:
    mapping = [{"containerID": 0, "hostID": 1000, "size": 1}]
    changes = {"uidMappings": mapping, "gidMappings": mapping}
    own = Path("/proc/self/uid_map").read_text().split()
    bundle = door.shell("cat /proc/self/uid_map", lambda d: d["linux"].update(changes))
    assert door.run(bundle).split() == own
