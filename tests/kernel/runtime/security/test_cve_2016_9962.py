"""CVE-2016-9962: members of a container that look into the runtime's processes while it enters.

What they may see is the last of them: a few instructions from a sealed memfd, with the streams and
the identity of the program that comes next.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.security.hostile import SPY, host_seen

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]

ROUNDS = 15
MAPPING = [{"containerID": 0, "hostID": 100_000, "size": 65536}]


def spying(*capabilities: str) -> Any:
    def change(document: dict[str, Any]) -> None:
        document["root"]["readonly"] = False
        for names in document["process"]["capabilities"].values():
            names.extend(capabilities)

    return change


def joining(pid: int) -> Any:
    def change(document: dict[str, Any]) -> None:
        for namespace in document["linux"]["namespaces"]:
            if namespace["type"] == "pid":
                namespace["path"] = f"/proc/{pid}/ns/pid"

    return change


def in_user_namespace(document: dict[str, Any]) -> None:
    document["linux"]["namespaces"].append({"type": "user"})
    document["linux"] |= {"uidMappings": MAPPING, "gidMappings": MAPPING}


def wait_for_spy(rootfs: Path) -> None:
    deadline = time.monotonic() + 20
    while not (rootfs / "seen").exists() or not (rootfs / "seen").stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("capabilities", [(), ("CAP_SYS_PTRACE",)])
def test_members_see_nothing_of_the_host_during_execs(
    door: Door, capabilities: tuple[str, ...]
) -> None:
    bundle = door.shell(SPY, spying(*capabilities))
    container = door.started(bundle)
    wait_for_spy(bundle / "rootfs")
    for _ in range(ROUNDS):
        door.ok("exec", container, "/bin/true")
    assert host_seen(bundle / "rootfs", door.folder) == []


def test_members_of_a_joined_pid_namespace_see_nothing_during_a_create(door: Door) -> None:
    bundle = door.shell(SPY, spying())
    hostile = door.state(door.started(bundle))["pid"]
    wait_for_spy(bundle / "rootfs")
    for _ in range(4):
        victim = door.create(door.bundle("/bin/true", change=joining(hostile)))
        time.sleep(0.3)
        door.ok("start", victim)
    assert host_seen(bundle / "rootfs", door.folder) == []


def test_root_of_a_user_namespace_sees_nothing_with_all_capabilities(door: Door) -> None:
    """Its CAP_SYS_PTRACE counts for what was executed in its namespace, which our copy wasn't."""

    def change(document: dict[str, Any]) -> None:
        spying("CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE")(document)
        in_user_namespace(document)

    bundle = door.shell(SPY, change)
    os.chown(bundle / "rootfs", 100_000, 100_000)
    hostile = door.started(bundle)
    pid = door.state(hostile)["pid"]
    wait_for_spy(bundle / "rootfs")
    for _ in range(4):
        door.run(door.bundle("/bin/true", change=joining(pid)))
        door.ok("exec", hostile, "/bin/true")
    assert host_seen(bundle / "rootfs", door.folder) == []


def test_the_waiter_has_no_more_rights_than_the_program(door: Door) -> None:
    """It waits for as long as nobody says `start`, in sight of whoever shares its namespace."""
    pid = door.state(door.create(door.shell(STEADY)))["pid"]
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    wanted = 1 << 29 | 1 << 5 | 1 << 10  # AUDIT_WRITE, KILL, NET_BIND_SERVICE
    for name in ("CapBnd", "CapEff", "CapPrm"):
        assert int(status[name], 16) == wanted, name
    assert int(status["NoNewPrivs"]) == 1
    assert int(status["CapInh"], 16) == int(status["CapAmb"], 16) == 0
