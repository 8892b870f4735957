"""That the kernel does what the limits say: real processes in real groups, v1, hybrid and v2."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contracts.cgroups.worlds import (
    BASE,
    FOLDER_WORLDS,
    KERNEL_WORLDS,
    KernelWorld,
    need,
    open_world,
)
from tuicontainer.errors import FailedPrecondition, Unsupported
from tuicontainer.runtime.cgroups.api import Cgroup
from tuicontainer.runtime.cgroups.v1.group import V1Cgroup
from tuicontainer.spec.config import (
    Cpu,
    DeviceRule,
    HugepageLimit,
    Memory,
    Pids,
    Resources,
)

pytestmark = pytest.mark.kernel

MIB = 1024 * 1024
CHECKOUT = str(Path(__file__).resolve().parents[4])


@pytest.fixture(params=FOLDER_WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[KernelWorld]:
    opened = open_world(request.param)
    assert isinstance(opened, KernelWorld)
    yield opened
    opened.close()


by_systemd_too = pytest.mark.parametrize("world", KERNEL_WORLDS, indirect=True)
"""For what systemd has a hand in; the rest of a unit's group is the plain v2 driver's."""


@pytest.fixture
def group(world: KernelWorld) -> Cgroup:
    return world.made(f"{BASE}/c/web-1")


def run_inside(world: KernelWorld, group: Cgroup, program: str) -> subprocess.Popen[bytes]:
    """Start Python that waits for a line, move it into the group, and let it go on."""
    waiting = "import sys; sys.stdin.readline()\n" + program
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", waiting],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    world.adopt(process)
    group.attach(process.pid)
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    process.stdin.flush()
    return process


def output(process: subprocess.Popen[bytes]) -> str:
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 0, stderr.decode()
    return stdout.decode()


@by_systemd_too
def test_memory_limit_kills_and_is_counted(world: KernelWorld, group: Cgroup) -> None:
    need(world, "memory")
    group.limit_memory(Resources(memory=Memory(limit=24 * MIB, swap=24 * MIB)))
    assert group.oom_kills() == 0
    process = run_inside(world, group, "data = bytearray(64 << 20)")
    assert process.wait(30) == -signal.SIGKILL
    assert group.oom_kills() == 1
    sample = group.sample().memory
    assert sample.oom_kills == 1
    assert sample.peak is None or sample.peak > 20 * MIB


@by_systemd_too
def test_a_limit_below_what_is_used_is_refused_on_request(
    world: KernelWorld, group: Cgroup
) -> None:
    need(world, "memory")
    program = "data = bytearray(32 << 20); print('ready', flush=True); sys.stdin.readline()"
    process = run_inside(world, group, program)
    assert process.stdout is not None
    process.stdout.readline()
    memory = Memory(limit=8 * MIB, check_before_update=True)
    with pytest.raises(FailedPrecondition, match="checkBeforeUpdate"):
        group.limit_memory(Resources(memory=memory))
    assert group.sample().memory.limit is None
    assert (group.sample().memory.anon or 0) > 30 * MIB


@by_systemd_too
def test_cpu_quota_throttles(world: KernelWorld, group: Cgroup) -> None:
    need(world, "cpu")
    group.limit(Resources(cpu=Cpu(quota=10_000, period=100_000)))
    with group.open_sampler() as sampler:
        before = sampler.sample()
        process = run_inside(world, group, "while True: pass")
        time.sleep(1.0)
        after = sampler.sample()
        process.kill()
    used = (after.cpu.usage_ns or 0) - (before.cpu.usage_ns or 0)
    elapsed = after.monotonic_ns - before.monotonic_ns
    assert 0 < used < elapsed * 0.25
    assert (after.cpu.throttled_periods or 0) > 2
    assert (after.cpu.throttled_ns or 0) > 0
    assert after.cpu.quota_us == 10_000


@by_systemd_too
def test_cpuset_binds(world: KernelWorld, group: Cgroup) -> None:
    need(world, "cpuset")
    cpu = min(os.sched_getaffinity(0))
    group.limit(Resources(cpu=Cpu(cpus=str(cpu), mems="0")))
    process = run_inside(world, group, "import os; print(os.sched_getaffinity(0))")
    assert output(process).strip() == f"{{{cpu}}}"


def test_pids_limit_stops_forks(world: KernelWorld, group: Cgroup) -> None:
    need(world, "pids")
    group.limit(Resources(pids=Pids(limit=1)))
    program = "import os\ntry: os.fork()\nexcept BlockingIOError: print('refused')"
    assert output(run_inside(world, group, program)).strip() == "refused"


OPEN_DEVICES = """
import os
for path in ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/kmsg", "/dev/tty0"):
    for mode, flag in (("r", os.O_RDONLY), ("w", os.O_WRONLY)):
        try:
            os.close(os.open(path, flag | os.O_NOCTTY))
        except PermissionError:
            print("-", end="")
        except OSError:
            print("?", end="")
        else:
            print(mode, end="")
    print(end=" ")
"""


@by_systemd_too
@pytest.mark.parametrize(
    ("rules", "kmsg"),
    [
        ((), "--"),
        ((DeviceRule(allow=False),), "--"),
        ((DeviceRule(allow=True, type="c", major=1, minor=11, access="r"),), "r-"),
        ((DeviceRule(allow=True, type="c", major=1, minor=11, access="rw"),), "rw"),
        ((DeviceRule(allow=True),), "rw"),
        (
            (
                DeviceRule(allow=True),
                DeviceRule(allow=False, type="c", major=1, minor=11, access="w"),
            ),
            "r-",
        ),
    ],
)
def test_devices(
    world: KernelWorld, group: Cgroup, rules: tuple[DeviceRule, ...], kmsg: str
) -> None:
    if world.name not in {"v2", "systemd"}:
        need(world, "devices")
    if not os.path.exists("/dev/kmsg"):
        pytest.skip("this host has no /dev/kmsg to be kept away from")
    group.limit(Resources(devices=(DeviceRule(allow=False),)))
    # The second time the filter is replaced.
    group.limit(Resources(devices=rules))
    null, zero, random, seen, _ = output(run_inside(world, group, OPEN_DEVICES)).split()
    assert (null, zero, random) == ("rw", "rw", "rw")
    assert seen == kmsg


def test_a_user_namespace_does_without_a_filter() -> None:
    """The kernel lets nobody load one there; without the exception no container could start."""
    world = open_world("v2")
    assert isinstance(world, KernelWorld)
    try:
        group = world.made(f"{BASE}/c/web-1")
        unified = world.hierarchies.unified
        assert unified is not None
        program = (
            f"import sys; sys.path.insert(0, {CHECKOUT!r})\n"
            "from tuicontainer.runtime.cgroups.v2.devices import limit_devices\n"
            f"limit_devices({unified.mountpoint + group.path!r}, ())"
        )
        done = subprocess.run(
            ["unshare", "--user", "--map-root-user", sys.executable, "-I", "-c", program],
            capture_output=True,
            text=True,
            check=False,
        )
        if "unshare" in done.stderr:
            pytest.skip("this host makes no user namespaces")
        assert (done.returncode, done.stderr) == (0, "")
    finally:
        world.close()


BOMB = """
import os, time
end = time.monotonic() + 20
while time.monotonic() < end:
    try:
        if os.fork() == 0:
            time.sleep(0.02)
            if os.fork():
                os._exit(0)
        else:
            time.sleep(0.02)
            os.waitpid(-1, os.WNOHANG)
    except OSError:
        pass
"""


def explode_and_kill(world: KernelWorld, group: Cgroup) -> None:
    if world.has("pids"):
        group.limit(Resources(pids=Pids(limit=200)))
    run_inside(world, group, BOMB)
    assert within(20, lambda: len(group.processes()) > 2)
    group.kill(signal.SIGKILL)
    assert within(20, lambda: not group.processes()), group.processes()


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Wait for a condition; a guest in software is ten times slower than its host."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_fork_bomb_is_killed_whole(world: KernelWorld, group: Cgroup) -> None:
    explode_and_kill(world, group)


def test_a_fork_bomb_is_killed_whole_without_a_freezer() -> None:
    """Nothing stops new processes then but killing faster than they are forked."""
    world = open_world("v1")
    assert isinstance(world, KernelWorld)
    mounts = tuple(m for m in world.hierarchies.v1_mounts if "freezer" not in m.controllers)
    group = V1Cgroup(f"{BASE}/c/web-1", mounts)
    world.keep(group)
    try:
        group.create()
        with pytest.raises(Unsupported, match="freezer"):
            group.freeze()
        explode_and_kill(world, group)
    finally:
        world.close()


def test_frozen_processes_use_no_cpu(world: KernelWorld, group: Cgroup) -> None:
    process = run_inside(world, group, "while True: pass")
    time.sleep(0.1)
    group.freeze()
    before = ticks(process.pid)
    time.sleep(0.3)
    assert ticks(process.pid) == before
    group.thaw()
    deadline = time.monotonic() + 5
    while ticks(process.pid) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ticks(process.pid) > before


def ticks(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_pressure_comes_from_the_unified_tree(world: KernelWorld, group: Cgroup) -> None:
    pressure = group.sample().pressure
    if world.name == "v1":
        assert pressure == {}
    elif not os.path.exists("/proc/pressure/cpu"):
        assert pressure == {}
        pytest.skip("this kernel has no pressure stall information")
    else:
        assert set(pressure) == {"cpu", "memory", "io"}
        assert pressure["memory"].full_total_us is not None


def test_block_io_is_counted(world: KernelWorld, group: Cgroup, tmp_path: object) -> None:
    if world.name == "v2":
        need(world, "io")
    else:
        need(world, "blkio")
    program = f"""
import os
fd = os.open("{tmp_path}/data", os.O_CREAT | os.O_WRONLY | os.O_SYNC)
os.write(fd, b"x" * 4096 * 256)
os.fsync(fd)
"""
    output(run_inside(world, group, program))
    devices = group.sample().io
    assert devices is not None
    if not devices:
        pytest.skip("the temporary folder isn't on a block device")
    assert sum(device.write_bytes for device in devices) >= 4096 * 256


def test_unified_entries(world: KernelWorld, group: Cgroup) -> None:
    resources = Resources(unified={"cgroup.max.descendants": "3"})
    if world.name == "v1":
        with pytest.raises(Unsupported, match="unified"):
            group.limit(resources)
        return
    group.limit(resources)
    assert world.hierarchies.unified is not None
    folder = world.hierarchies.unified.mountpoint + group.path
    with open(f"{folder}/cgroup.max.descendants") as file:
        assert file.read().strip() == "3"


def test_an_entry_whose_controller_is_absent_says_why(world: KernelWorld, group: Cgroup) -> None:
    if world.name == "v1":
        pytest.skip("v1 has no unified entries")
    with pytest.raises(Unsupported, match="controller `nosuch`"):
        group.limit(Resources(unified={"nosuch.max": "1"}))
    if world.name == "hybrid":
        with pytest.raises(Unsupported, match="controller `memory`, which is mounted as cgroup v1"):
            group.limit_memory(Resources(unified={"memory.high": "max"}))


def test_huge_pages_are_limited_where_their_controller_is(
    world: KernelWorld, group: Cgroup
) -> None:
    need(world, "hugetlb")
    sizes = os.listdir("/sys/kernel/mm/hugepages")
    if "hugepages-2048kB" not in sizes:
        pytest.skip("this machine has no huge pages of 2 MB")
    resources = Resources(hugepage_limits=(HugepageLimit(page_size="2MB", limit=4 * MIB),))
    unified = world.hierarchies.unified
    assert unified is not None
    control = f"{unified.mountpoint}/cgroup.subtree_control"
    with open(control) as file:
        before = file.read().split()
    try:
        group.limit(resources)
        with open(f"{unified.mountpoint}{group.path}/hugetlb.2MB.max") as file:
            assert int(file.read()) == 4 * MIB
    finally:
        group.remove()
        if "hugetlb" not in before:
            with open(control, "w") as file:
                file.write("-hugetlb")
