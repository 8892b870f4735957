"""Interfaces that move into the container (config-linux.md#network-devices).

Each test works in a network namespace of its own, with interfaces that it makes there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import namespace_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]


PAIR = "ip link add test0 type veth peer name other0"


class Network:
    """A network namespace that a sleeping process holds, with the runtime in it."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._holder = subprocess.Popen(["unshare", "--net", "sleep", "600"])
        self._enter = ("nsenter", f"--net=/proc/{self._holder.pid}/ns/net")
        while namespace_of(self._holder.pid, "net") == namespace_of("self", "net"):
            time.sleep(0.01)
        door.launcher = self._enter
        added = self.call(*PAIR.split(), check=False)
        if added.returncode:
            self.close()
            pytest.skip(f"needs veth interfaces: {added.stderr.strip()}")
        for line in (
            "ip link set lo up",
            "ip link set other0 up",
            "ip link set test0 mtu 1380 address 02:00:00:00:00:07 up",
            "ip address add 192.0.2.7/24 broadcast + dev test0 noprefixroute",
            "ip address add 2001:db8::7/64 dev test0 nodad",
            "ip address add 169.254.7.7/16 scope link dev test0",
            "ip address add 192.0.2.99/24 dev test0 valid_lft 1000 preferred_lft 1000",
        ):
            self.call(*line.split())

    def call(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self._enter, *words], check=check, capture_output=True, text=True)

    def links(self) -> dict[str, Any]:
        return by_name(self.call("ip", "--json", "address").stdout)

    def inside(self, container: str) -> dict[str, Any]:
        pid = self.door.state(container)["pid"]
        words = ("nsenter", f"--net=/proc/{pid}/ns/net", "ip", "--json", "address")
        return by_name(subprocess.run(words, check=True, capture_output=True, text=True).stdout)

    def close(self) -> None:
        self.door.launcher = ()
        self.door.close()
        self._holder.kill()
        self._holder.wait()


def by_name(text: str) -> dict[str, Any]:
    return {link["ifname"]: link for link in json.loads(text)}


def addresses(link: dict[str, Any]) -> set[str]:
    return {f"{each['local']}/{each['prefixlen']}" for each in link["addr_info"]}


def of_address(link: dict[str, Any], local: str) -> dict[str, Any]:
    return next(each for each in link["addr_info"] if each["local"] == local)


@pytest.fixture
def network(door: Door) -> Iterator[Network]:
    for program in ("ip", "nsenter", "unshare"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program} (Debian: iproute2, util-linux)")
    network = Network(door)
    yield network
    network.close()


def moving(
    devices: dict[str, dict[str, str]], path: str | None = None
) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["linux"]["netDevices"] = devices
        if path is not None:
            for each in document["linux"]["namespaces"]:
                if each["type"] == "network":
                    each["path"] = path

    return change


def test_an_interface_moves_with_what_it_is(door: Door, network: Network) -> None:
    before = network.links()["test0"]
    container = door.started(door.shell(STEADY, moving({"test0": {}})))
    moved = network.inside(container)["test0"]
    assert "UP" in moved["flags"]
    assert (moved["mtu"], moved["address"]) == (1380, "02:00:00:00:00:07")
    assert addresses(moved) >= {"192.0.2.7/24", "2001:db8::7/64"}
    # Neither an address of narrower scope nor one that expires.
    assert not addresses(moved) & {"169.254.7.7/16", "192.0.2.99/24"}
    assert of_address(moved, "192.0.2.7") == of_address(before, "192.0.2.7")
    assert of_address(moved, "2001:db8::7") == of_address(before, "2001:db8::7")
    assert "test0" not in network.links()


def test_an_interface_gets_another_name(door: Door, network: Network) -> None:
    container = door.started(door.shell(STEADY, moving({"test0": {"name": "eth0"}})))
    moved = network.inside(container)
    assert "192.0.2.7/24" in addresses(moved["eth0"])
    assert "test0" not in moved


def test_a_free_number_is_found(door: Door, network: Network) -> None:
    network.call("ip", "link", "set", "other0", "name", "test1", "down")
    devices = {"test0": {"name": "net%d"}, "test1": {"name": "net%d"}}
    container = door.started(door.shell(STEADY, moving(devices)))
    assert set(network.inside(container)) >= {"lo", "net0", "net1"}


def test_hooks_see_it(door: Door, network: Network, tmp_path: Path) -> None:
    script = 'pid=$(sed "s/.*\\"pid\\":\\([0-9]*\\).*/\\1/"); '
    script += f"cat /proc/$pid/net/dev > {tmp_path}/seen"
    hook = {"path": "/bin/sh", "args": ["sh", "-c", script], "env": ["PATH=/bin:/usr/bin"]}

    def change(document: dict[str, Any]) -> None:
        moving({"test0": {"name": "eth0"}})(document)
        document["hooks"] = {"createRuntime": [hook]}

    door.run(door.shell("true", change))
    assert "eth0:" in (tmp_path / "seen").read_text()


@pytest.mark.parametrize(
    ("devices", "text"),
    [
        ({"nope0": {}}, "no network interface `nope0` here"),
        ({"test0": {"name": "lo"}}, "the container has a network interface `lo` already"),
        ({"lo": {"name": "other"}}, "moving network interface `lo` into the container"),
        ({"test0": {"name": "much-too-long-a-name"}}, "must have at most 15 bytes"),
        ({"test0": {"name": "a/b"}}, "must be an interface's name"),
        ({"test0": {"name": "a%s"}}, "must be an interface's name"),
        ({"test0": {"name": "x"}, "test1": {"name": "x"}}, "must not be given twice"),
    ],
)
def test_refusing(
    door: Door, network: Network, devices: dict[str, dict[str, str]], text: str
) -> None:
    before = network.links()
    bundle = door.shell("true", moving(devices))
    assert text in door.fails("run", "--bundle", str(bundle), door.new_id())
    assert network.links() == before


def test_a_later_failure_brings_it_back(door: Door, network: Network) -> None:
    def change(document: dict[str, Any]) -> None:
        moving({"test0": {"name": "eth0"}})(document)
        document["process"]["args"] = ["/nowhere"]

    before = network.links()["test0"]
    door.fails("create", "--bundle", str(door.shell("", change)), door.new_id())
    after = network.links()["test0"]
    assert addresses(after) == addresses(before)
    assert (after["flags"], after["mtu"]) == (before["flags"], before["mtu"])


def test_without_a_network_namespace(door: Door, network: Network) -> None:
    def change(document: dict[str, Any]) -> None:
        moving({"test0": {}})(document)
        entries = document["linux"]["namespaces"]
        document["linux"]["namespaces"] = [each for each in entries if each["type"] != "network"]

    said = door.fails("run", "--bundle", str(door.shell("true", change)), door.new_id())
    assert "unable to move network devices without a NET namespace" in said
    assert "test0" in network.links()


def test_the_runtimes_own_namespace(door: Door, network: Network) -> None:
    bundle = door.shell("true", moving({"test0": {}}, "/proc/self/ns/net"))
    said = door.fails("run", "--bundle", str(bundle), door.new_id())
    assert "the container's network namespace is the runtime's own" in said


def test_a_joined_namespace_keeps_it(door: Door, network: Network) -> None:
    """The runtime doesn't bring it back at the end (config-linux.md#network-devices)."""
    other = door.started(door.shell(STEADY))
    path = f"/proc/{door.state(other)['pid']}/ns/net"
    door.run(door.shell("true", moving({"test0": {"name": "eth7"}}, path)))
    assert "192.0.2.7/24" in addresses(network.inside(other)["eth7"])
