"""Kernel parameters, read back from the kernel, and those that are the host's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.test_namespaces import with_namespaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel

ALL = ("mount", "pid", "network", "ipc", "uts", "cgroup")
USER = (*ALL, "user")


def sysctl(
    values: dict[str, str], *namespaces: str | dict[str, str]
) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        with_namespaces(*(namespaces or ALL))(document)
        document["linux"]["sysctl"] = values

    return change


def read(*paths: str) -> str:
    return "cat " + " ".join(f"/proc/sys/{path}" for path in paths)


def host(path: str) -> str:
    return Path("/proc/sys", path).read_text()


def test_parameters_of_the_namespaces_are_set_there_and_not_on_the_host(door: Door) -> None:
    values = {
        "net.ipv4.ip_forward": "0" if host("net/ipv4/ip_forward") == "1\n" else "1",
        "net/ipv4/conf/lo/forwarding": "1",
        "kernel.shmmni": "77",
        "kernel/sem": "251 32001 101 129",
        "fs.mqueue.msg_max": "21",
        "kernel.domainname": "inside.example",
    }
    paths = (
        "net/ipv4/ip_forward", "net/ipv4/conf/lo/forwarding", "kernel/shmmni", "kernel/sem",
        "fs/mqueue/msg_max", "kernel/domainname",
    )  # fmt: skip
    before = [host(path) for path in paths]
    output = door.run(door.shell(read(*paths), sysctl(values)))
    found = [" ".join(line.split()) for line in output.splitlines()]
    assert found == list(values.values())
    assert [host(path) for path in paths] == before


RENAME = """
PID=$(sed 's/.*"pid": *\\([0-9]*\\).*/\\1/')
nsenter -t $PID -n ip link set lo name a.b
"""


@pytest.mark.skipif(not (shutil.which("nsenter") and shutil.which("ip")), reason="nsenter and ip")
def test_an_interface_with_a_dot_is_written_with_slashes(door: Door) -> None:
    """The interface must have the name when the parameter is set, so a hook gives it."""
    path = "net/ipv4/conf/a.b/forwarding"

    def change(document: dict[str, Any]) -> None:
        sysctl({path: "1"})(document)
        hook = {"path": "/bin/sh", "args": ["sh", "-c", RENAME], "env": ["PATH=/usr/sbin:/usr/bin"]}
        document["hooks"] = {"createRuntime": [hook]}

    assert door.run(door.shell(read(path), change)) == "1\n"


@ours_only
def test_in_a_user_namespace_too(door: Door) -> None:
    values = {
        "net.ipv4.ip_forward": "1",
        "kernel.shmmni": "77",
        "user.max_user_namespaces": "5",
        "kernel.domainname": "inside",
    }
    paths = [name.replace(".", "/") for name in values]
    bundle = door.shell(read(*paths), sysctl(values, *USER))
    os.chown(bundle / "rootfs", 100_000, 100_000)
    assert door.run(bundle).split() == list(values.values())


@ours_only
def test_where_no_procfs_can_be_made(door: Door) -> None:
    """Of the host's PID namespace only the host's root can make one."""

    def change(document: dict[str, Any]) -> None:
        sysctl({"net.ipv4.ip_forward": "1"}, *(name for name in USER if name != "pid"))(document)
        document["mounts"] = [each for each in document["mounts"] if each["type"] != "proc"]
        document["linux"] |= {"maskedPaths": [], "readonlyPaths": []}

    bundle = door.shell(STEADY, change)
    os.chown(bundle / "rootfs", 100_000, 100_000)
    pid = door.state(door.started(bundle))["pid"]
    words = ["nsenter", "-t", str(pid), "-n", "cat", "/proc/sys/net/ipv4/ip_forward"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "1\n"


@ours_only
def test_cve_2025_52881_a_file_mounted_over_a_parameter_gets_nothing(
    door: Door, tmp_path: Path
) -> None:
    """The write was led to another file by a mount on the container's /proc."""
    trap = tmp_path / "trap"
    trap.write_text("untouched")

    def change(document: dict[str, Any]) -> None:
        sysctl({"net.ipv4.ip_forward": "1"})(document)
        bind = {"type": "bind", "source": str(trap), "options": ["bind"]}
        document["mounts"] += [{**bind, "destination": "/proc/sys/net/ipv4/ip_forward"}]

    bundle = door.shell(STEADY, change)
    done = door.call("create", "--bundle", str(bundle), container := door.new_id())
    assert trap.read_text() == "untouched"
    if done.returncode == 0:
        pid = door.state(container)["pid"]
        words = ["nsenter", "-t", str(pid), "-n", "cat", "/proc/sys/net/ipv4/ip_forward"]
        assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "1\n"


@pytest.mark.parametrize(
    ("name", "value", "namespaces"),
    [
        ("kernel.core_pattern", "|/bin/x", ALL),
        ("kernel.hostname", "x", ALL),
        ("vm.overcommit_memory", "1", ALL),
        ("net.ipv4.ip_forward", "1", ("mount", "pid", "ipc", "uts")),
        ("kernel.shmmni", "77", ("mount", "pid", "network", "uts")),
        ("kernel.domainname", "x", ("mount", "pid", "network", "ipc")),
    ],
)
def test_parameters_of_the_host_are_refused(
    door: Door, name: str, value: str, namespaces: tuple[str, ...]
) -> None:
    path = name.replace(".", "/")
    before = host(path)
    bundle = door.shell("true", sysctl({name: value}, *namespaces))
    assert name in door.fails("create", "--bundle", str(bundle), door.new_id())
    assert host(path) == before


def test_our_own_namespace_by_its_path_is_the_hosts(door: Door) -> None:
    ours = {"type": "network", "path": "/proc/self/ns/net"}
    before = host("net/ipv4/ip_forward")
    bundle = door.shell("true", sysctl({"net.ipv4.ip_forward": "1"}, "mount", "pid", "uts", ours))
    message = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert "network" in message
    assert host("net/ipv4/ip_forward") == before


@pytest.mark.parametrize(
    ("name", "value"), [("net.ipv4.no_such_thing", "1"), ("net.ipv4.ip_forward", "many")]
)
def test_what_the_kernel_refuses_is_an_error(door: Door, name: str, value: str) -> None:
    bundle = door.shell("true", sysctl({name: value}))
    message = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert name.rpartition(".")[2] in message
