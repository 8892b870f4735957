"""Units that systemd makes: their place, their properties, and what a reload leaves of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.cgroups.worlds import BASE, SystemdWorld, open_world
from tuicontainer.errors import FailedPrecondition, InvalidArgument, NotFound, Unsupported
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import cgroup_from_state
from tuicontainer.runtime.cgroups.systemd.group import SystemdCgroup
from tuicontainer.runtime.cgroups.systemd.manager import BOOTED, Manager
from tuicontainer.runtime.cgroups.systemd.open import open_unit
from tuicontainer.runtime.cgroups.systemd.units import Unit, container_unit
from tuicontainer.spec.config import BlockIo, Cpu, DeviceRule, Memory, Pids, Resources

pytestmark = pytest.mark.kernel

MIB = 1024 * 1024
ROOT = "/sys/fs/cgroup"
LIMITS = Resources(
    pids=Pids(limit=77),
    cpu=Cpu(shares=512, quota=20_000, period=50_000, cpus="0"),
    block_io=BlockIo(weight=500),
    memory=Memory(limit=64 * MIB, swap=96 * MIB, reservation=32 * MIB),
    unified={"memory.high": str(48 * MIB), "cgroup.max.depth": "5"},
)
FILES = ("pids.max", "cpu.weight", "cpu.max", "cpuset.cpus", "memory.max", "memory.low",
         "memory.high", "cgroup.max.depth")  # fmt: skip


@pytest.fixture
def world() -> Iterator[SystemdWorld]:
    opened = open_world("systemd")
    assert isinstance(opened, SystemdWorld)
    yield opened
    opened.close()


def show(unit: str, *names: str) -> dict[str, str]:
    """Return properties as systemctl tells them."""
    options = [f"--property={name}" for name in names]
    done = subprocess.run(
        ["systemctl", "show", unit, *options], capture_output=True, text=True, check=True
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def files(group: SystemdCgroup) -> dict[str, str]:
    return {name: Path(f"{ROOT}{group.path}/{name}").read_text().strip() for name in FILES}


def unit_group(world: SystemdWorld, name: str = "web-1", **annotations: str) -> SystemdCgroup:
    group = open_unit(
        container_unit(f":{BASE[1:]}:{name}", container_id="unused"),
        world.hierarchies,
        annotations={f"org.systemd.property.{key}": value for key, value in annotations.items()},
    )
    world.keep(group)
    return group


def started(world: SystemdWorld, resources: Resources, **annotations: str) -> SystemdCgroup:
    group = unit_group(world, **annotations)
    group.create()
    group.limit(resources)
    group.attach(world.spawn())
    group.limit_memory(resources)
    return group


def test_a_scope_is_delegated_and_counted(world: SystemdWorld) -> None:
    group = started(world, Resources(), TimeoutStopUSec="uint64 2000000", After="['x.service']")
    shown = show(
        group.unit.name,
        *("Delegate", "Slice", "ControlGroup", "ActiveState", "TasksMax", "MemoryAccounting"),
        *("DefaultDependencies", "TimeoutStopUSec", "After"),
    )
    after = shown.pop("After").split()
    assert shown == {
        "Delegate": "yes",
        "Slice": "system.slice",
        "ControlGroup": group.path,
        "ActiveState": "active",
        "TasksMax": "infinity",
        "MemoryAccounting": "yes",
        "DefaultDependencies": "no",
        "TimeoutStopUSec": "2s",
    }
    assert "x.service" in after


def test_limits_live_through_a_reload(world: SystemdWorld) -> None:
    group = started(world, LIMITS)
    before = files(group)
    assert before["pids.max"] == "77"
    assert before["cpu.max"] == "20000 50000"
    assert before["memory.max"] == str(64 * MIB)
    assert before["cgroup.max.depth"] == "5"
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    assert files(group) == before
    # What makes systemd write everything again.
    subprocess.run(["systemctl", "set-property", "--runtime", group.unit.name, "CPUWeight=60"],
                   check=True)  # fmt: skip
    assert files(group) == before | {"cpu.weight": "60"}


def test_an_update_lives_through_a_reload(world: SystemdWorld) -> None:
    group = started(world, LIMITS)
    again = cgroup_from_state(group.to_state())
    again.update(Resources(pids=Pids(limit=99), cpu=Cpu(quota=10_000)))
    expected = files(group)
    assert (expected["pids.max"], expected["cpu.max"]) == ("99", "10000 50000")
    assert expected["memory.max"] == str(64 * MIB)
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    assert files(group) == expected
    shown = show(group.unit.name, "TasksMax", "CPUQuotaPerSecUSec", "MemoryMax")
    assert shown == {
        "TasksMax": "99",
        "CPUQuotaPerSecUSec": "200ms",
        "MemoryMax": str(64 * MIB),
    }


def can_open(group: SystemdCgroup, world: SystemdWorld, path: str) -> bool:
    """Tell whether a process in the group may read a device."""
    program = subprocess.Popen(
        ["sh", "-c", 'read line; exec 3<"$0"', path], stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    world.adopt(program)
    group.attach(program.pid)
    assert program.stdin is not None
    program.stdin.write(b"go\n")
    program.stdin.flush()
    return program.wait(30) == 0


def test_devices_live_through_a_reload_and_an_update(world: SystemdWorld) -> None:
    rules = (
        DeviceRule(allow=False),
        DeviceRule(allow=True, type="c", major=1, minor=11, access="r"),
    )
    group = started(world, Resources(devices=rules))
    for disturb in (
        lambda: None,
        lambda: subprocess.run(["systemctl", "daemon-reload"], check=True),
        lambda: group.update(Resources(pids=Pids(limit=50))),
        lambda: subprocess.run(["systemctl", "daemon-reload"], check=True),
    ):
        disturb()
        assert can_open(group, world, "/dev/null")
        assert can_open(group, world, "/dev/kmsg")
        assert not can_open(group, world, "/dev/vda")
    group.update(Resources(devices=(DeviceRule(allow=False),)))
    assert not can_open(group, world, "/dev/kmsg")


def test_a_unit_that_has_failed_makes_room_for_the_next(world: SystemdWorld) -> None:
    group = started(world, Resources(), RuntimeMaxUSec="uint64 200000")
    deadline = time.monotonic() + 30
    while show(group.unit.name, "ActiveState")["ActiveState"] != "failed":
        assert time.monotonic() < deadline, "the scope doesn't fail by its time limit"
        time.sleep(0.1)
    second = started(world, Resources())
    assert show(second.unit.name, "ActiveState")["ActiveState"] == "active"


def test_removal_leaves_no_unit(world: SystemdWorld) -> None:
    group = started(world, Resources(), RuntimeMaxUSec="uint64 200000")
    name = group.unit.name
    deadline = time.monotonic() + 30
    while show(name, "ActiveState")["ActiveState"] != "failed":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    group.remove()
    assert show(name, "LoadState")["LoadState"] == "not-found"
    group.remove()


def test_a_name_that_is_taken_is_told(world: SystemdWorld) -> None:
    group = started(world, Resources())
    with pytest.raises(FailedPrecondition, match="in use"):
        unit_group(world).create()
    assert group.processes()


def test_a_property_that_systemd_refuses_leaves_nothing(world: SystemdWorld) -> None:
    group = unit_group(world, CollectMode="'nonsense'")
    group.create()
    with pytest.raises(InvalidArgument, match="CollectMode"):
        group.attach(world.spawn())
    assert not group.exists()
    assert show(group.unit.name, "LoadState")["LoadState"] == "not-found"


def test_go_2024_2791_an_annotation_starts_and_reboots_nothing(world: SystemdWorld) -> None:
    for name, value in (("Wants", "['systemd-poweroff.service']"), ("FailureAction", "'reboot'")):
        with pytest.raises(InvalidArgument, match="isn't allowed"):
            unit_group(world, **{name: value}).create()


def test_slices_are_nested_by_name(world: SystemdWorld) -> None:
    prefix = BASE[1:].replace("-", "")
    unit = Unit(name=f"{prefix}.scope", slice=f"{prefix}-a-b.slice")
    group = open_unit(unit, world.hierarchies)
    world.keep(group)
    try:
        group.create()
        group.attach(world.spawn())
        assert show(unit.name, "ControlGroup")["ControlGroup"] == (
            f"/{prefix}.slice/{prefix}-a.slice/{prefix}-a-b.slice/{prefix}.scope"
        )
        group.kill(signal.SIGKILL)
        group.remove()
    finally:
        with Manager(user=False) as manager:
            manager.stop(f"{prefix}.slice")


def test_a_container_may_be_a_slice_itself(world: SystemdWorld) -> None:
    prefix = BASE[1:].replace("-", "")
    unit = container_unit(f":x:{prefix}.slice", container_id="unused")
    group = open_unit(unit, world.hierarchies)
    world.keep(group)
    group.create()
    group.limit(Resources(pids=Pids(limit=20)))
    pid = world.spawn()
    group.attach(pid)
    assert group.path == f"/{prefix}.slice"
    assert group.processes() == [pid]
    assert group.sample().pids.limit == 20
    group.kill(signal.SIGKILL)
    group.remove()
    assert not group.exists()


def test_without_a_bus_systemd_s_own_socket_serves(
    world: SystemdWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/absent")
    # Often: what comes together with the end of the authentication must not get stuck.
    for _ in range(50):
        with Manager(user=False) as manager:
            assert manager.version() >= 200
    group = started(world, LIMITS)
    assert show(group.unit.name, "TasksMax")["TasksMax"] == "77"
    group.update(Resources(pids=Pids(limit=78)))
    assert show(group.unit.name, "TasksMax")["TasksMax"] == "78"
    group.kill(signal.SIGKILL)
    group.remove()
    assert show(group.unit.name, "LoadState")["LoadState"] == "not-found"


USER = 65_534


@pytest.fixture
def users_manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start a manager as a user would have it, and return its control group."""
    program = "/lib/systemd/systemd"
    if not os.path.exists(program):
        pytest.skip(f"this host has no {program}")
    unit = f"{BASE[1:]}-manager.service"
    runtime_dir = Path(f"/run/{BASE[1:]}-user")
    runtime_dir.mkdir(mode=0o700)
    os.chown(runtime_dir, USER, USER)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime_dir))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    subprocess.run(
        ["systemd-run", "--quiet", "--collect", f"--unit={unit}", f"--uid={USER}",
         "--property=Delegate=yes", f"--setenv=XDG_RUNTIME_DIR={runtime_dir}", program, "--user"],
        check=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (runtime_dir / "systemd/private").exists():
        assert time.monotonic() < deadline, "the user's manager doesn't begin to listen"
        time.sleep(0.1)
    yield f"/system.slice/{unit}"
    subprocess.run(["systemctl", "stop", unit], check=True)
    shutil.rmtree(runtime_dir)


def test_the_users_manager_makes_a_unit_below_its_own_group(
    world: SystemdWorld, users_manager: str
) -> None:
    unit = container_unit(None, container_id=f"{BASE[1:]}-user", user=True)
    group = open_unit(unit, world.hierarchies)
    assert group.path == f"{users_manager}/user.slice/runc-{BASE[1:]}-user.scope"
    program = subprocess.Popen(["sleep", "300"], user=USER, group=USER)
    world.adopt(program)
    # The manager may move what is below its own group, as a login shell is.
    Path(f"{ROOT}{users_manager}/init.scope/cgroup.procs").write_text(str(program.pid))
    group.create()
    group.limit(Resources(pids=Pids(limit=20)))
    group.attach(program.pid)
    assert group.processes() == [program.pid]
    assert group.sample().pids.limit == 20
    again = cgroup_from_state(group.to_state())
    again.kill(signal.SIGKILL)
    again.remove()
    assert not group.exists()


def test_a_unit_that_is_gone_can_not_be_changed(world: SystemdWorld) -> None:
    group = started(world, Resources())
    group.kill(signal.SIGKILL)
    group.remove()
    with pytest.raises(NotFound):
        group.update(Resources(pids=Pids(limit=5)))


def test_hosts_without_systemd_or_with_v1_say_so() -> None:
    if os.path.isdir(BOOTED) and read_hierarchies().mode == "v2":
        pytest.skip("systemd runs here, on pure cgroup v2")
    unit = container_unit(None, container_id="web-1")
    with pytest.raises(Unsupported, match=r"systemd isn't running|need pure cgroup v2") as caught:
        open_unit(unit)
    assert "--systemd-cgroup" in caught.value.hint
