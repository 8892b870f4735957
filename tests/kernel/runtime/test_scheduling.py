"""Scheduling, disk priority, processors, memory nodes and personality, as the kernel has them.

Of other runtimes only newer ones have these fields: runc scheduler and ioPriority since 1.2,
personality since 1.2, execCPUAffinity since 1.3, memoryPolicy since 1.4.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.test_namespaces import PROC_NAMES, with_namespaces
from tuicontainer.spec.scheduling import MEMORY_MODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.runtime.door import Door

RELEASE = tuple(int(part) for part in os.uname().release.split(".")[:2])

pytestmark = pytest.mark.kernel

DEADLINE = {"policy": "SCHED_DEADLINE", "runtime": 2_000_000, "deadline": 80_000_000,
            "period": 100_000_000}  # fmt: skip
IONICE = "/bin/busybox ionice -p $$"
RESET_ON_FORK = 0x40000000
"""Part of what sched_getscheduler(2) returns."""


def changed(
    process: dict[str, Any] | None = None, **linux: Any
) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["process"] |= process or {}
        document["linux"] |= linux

    return change


def scheduler(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return changed({"scheduler": fields})


def started(door: Door, change: Callable[[dict[str, Any]], None]) -> tuple[str, int]:
    container = door.started(door.shell(STEADY, change))
    return container, int(door.state(container)["pid"])


def execute(door: Door, container: str, script: str, **process: Any) -> str:
    """Run a script by `exec --process`, with these fields of a process; return its output."""
    document = {"args": ["/bin/sh", "-c", script], "cwd": "/", "env": ["PATH=/bin"], **process}
    path = door.folder / "process.json"
    path.write_text(json.dumps(document))
    return door.ok("exec", "--process", str(path), container)


def member(door: Door, container: str, **process: Any) -> int:
    """Start a process by a detached exec; return its pid."""
    path, pid_file = door.folder / "process.json", door.folder / "pid"
    document = {"args": ["/bin/sleep", "100"], "cwd": "/", "env": ["PATH=/bin"], **process}
    path.write_text(json.dumps(document))
    flags = ("--detach", "--pid-file", str(pid_file), "--process", str(path))
    door.ok("exec", *flags, container)
    return int(pid_file.read_text())


def nice_of(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)


@pytest.mark.parametrize(("policy", "number"), [("SCHED_OTHER", 0), ("SCHED_BATCH", 3)])
def test_ordinary_policies(door: Door, policy: str, number: int) -> None:
    _, pid = started(door, scheduler(policy=policy, nice=-7))
    assert os.sched_getscheduler(pid) == number
    assert nice_of(pid) == -7


def test_the_policy_of_idle_processors(door: Door) -> None:
    _, pid = started(door, scheduler(policy="SCHED_IDLE"))
    assert os.sched_getscheduler(pid) == 5


@pytest.mark.parametrize(("policy", "number"), [("SCHED_FIFO", 1), ("SCHED_RR", 2)])
def test_realtime_policies(door: Door, policy: str, number: int) -> None:
    def change(document: dict[str, Any]) -> None:
        scheduler(policy=policy, priority=7)(document)
        if os.path.exists("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"):
            # RT_GROUP_SCHED: a control group has no time of these policies unless it is given some.
            document["linux"]["cgroupsPath"] = f"/{door.prefix}-realtime"
            budget = {"realtimeRuntime": 10_000, "realtimePeriod": 1_000_000}
            document["linux"]["resources"]["cpu"] = budget

    _, pid = started(door, change)
    assert os.sched_getscheduler(pid) == number
    assert os.sched_getparam(pid).sched_priority == 7


@pytest.mark.skipif(shutil.which("chrt") is None, reason="needs chrt")
def test_a_policy_of_reserved_time(door: Door) -> None:
    _, pid = started(door, scheduler(**DEADLINE, flags=["SCHED_FLAG_RESET_ON_FORK"]))
    assert os.sched_getscheduler(pid) == 6 | RESET_ON_FORK
    told = subprocess.run(["chrt", "-p", str(pid)], capture_output=True, text=True, check=True)
    assert "2000000/80000000/100000000" in told.stdout


@ours_only
def test_a_policy_that_linux_does_not_have(door: Door) -> None:
    bundle = door.shell("true", scheduler(policy="SCHED_ISO"))
    message = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert "SCHED_ISO" in message


@ours_only
def test_the_host_grants_it_into_a_user_namespace(door: Door) -> None:
    def change(document: dict[str, Any]) -> None:
        with_namespaces(*(name for name in PROC_NAMES if name != "time"))(document)
        priority = {"class": "IOPRIO_CLASS_RT", "priority": 2}
        document["process"] |= {"scheduler": DEADLINE, "ioPriority": priority}

    # A process of this policy can't fork.
    bundle = door.bundle("/bin/sleep", "100", change=change)
    os.chown(bundle / "rootfs", 100_000, 100_000)
    container = door.started(bundle)
    assert os.sched_getscheduler(door.state(container)["pid"]) == 6
    assert "realtime: prio 2" in door.ok("exec", container, "/bin/busybox", "ionice", "-p", "1")


@pytest.mark.parametrize(
    ("class_", "priority", "text"),
    [
        ("IOPRIO_CLASS_RT", 1, "realtime: prio 1"),
        ("IOPRIO_CLASS_BE", 6, "best-effort: prio 6"),
        ("IOPRIO_CLASS_IDLE", 0, "idle"),
    ],
)
def test_disk_priority(door: Door, class_: str, priority: int, text: str) -> None:
    change = changed({"ioPriority": {"class": class_, "priority": priority}})
    assert text in door.run(door.shell(IONICE, change))


def test_an_exec_has_the_containers(door: Door) -> None:
    process = {
        "scheduler": {"policy": "SCHED_BATCH", "nice": 3},
        "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 5},
    }
    container, _ = started(door, changed(process, personality={"domain": "LINUX32"}))
    output = door.ok("exec", container, "/bin/sh", "-c", f"{IONICE}; cat /proc/self/personality")
    assert output.split("\n")[:2] == ["best-effort: prio 5", "00000008"]
    pid_file = door.folder / "pid"
    door.ok("exec", "--detach", "--pid-file", str(pid_file), container, "/bin/sleep", "100")
    pid = int(pid_file.read_text())
    assert (os.sched_getscheduler(pid), nice_of(pid)) == (3, 3)


@ours_only
@pytest.mark.parametrize("flags", [[], ["SCHED_FLAG_RESET_ON_FORK"]])
def test_an_exec_has_what_a_clone_would_lose(door: Door, flags: list[str]) -> None:
    container, _ = started(door, changed())
    pid = member(door, container, scheduler={**DEADLINE, "flags": flags})
    assert os.sched_getscheduler(pid) == 6 | (RESET_ON_FORK if flags else 0)


@ours_only
def test_an_exec_whose_scheduling_fails_leaves_nothing(door: Door) -> None:
    container, _ = started(door, changed())
    path = door.folder / "process.json"
    document = {"args": ["/bin/touch", "/tmp/ran"], "cwd": "/",
                "scheduler": {**DEADLINE, "deadline": 1}}  # fmt: skip
    path.write_text(json.dumps(document))
    message = door.fails("exec", "--process", str(path), container, status=255)
    assert "SCHED_DEADLINE" in message
    assert door.call("exec", container, "/bin/ls", "/tmp/ran").returncode == 1
    assert len(json.loads(door.ok("ps", "--format", "json", container))) <= 2


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two CPUs")
def test_processors_of_an_exec(door: Door) -> None:
    first, *_, last = sorted(os.sched_getaffinity(0))
    container, pid = started(door, changed({"execCPUAffinity": {"final": str(first)}}))
    assert len(os.sched_getaffinity(pid)) > 1  # it is for execs only
    script = "sed -n 's/Cpus_allowed_list:\t//p' /proc/self/status"
    assert door.ok("exec", container, "/bin/sh", "-c", script) == f"{first}\n"
    affinity = {"initial": str(first), "final": f"{last},{last}"}
    assert execute(door, container, script, execCPUAffinity=affinity) == f"{last}\n"


@ours_only
def test_processors_before_the_control_group(door: Door) -> None:
    container, _ = started(door, changed())
    script = "sed -n 's/Cpus_allowed_list:\t//p' /proc/self/status"
    first = min(os.sched_getaffinity(0))
    message = execute(door, container, script, execCPUAffinity={"initial": str(first)})
    assert message.startswith(str(first))
    path = door.folder / "process.json"
    for field in ("initial", "final"):
        document = {"args": ["/bin/true"], "cwd": "/", "execCPUAffinity": {field: "8000"}}
        path.write_text(json.dumps(document))
        assert "CPU" in door.fails("exec", "--process", str(path), container, status=255)


@pytest.mark.parametrize(("domain", "number"), [("LINUX", "00000000"), ("LINUX32", "00000008")])
def test_personality(door: Door, domain: str, number: str) -> None:
    change = changed(personality={"domain": domain})
    assert door.run(door.shell("cat /proc/self/personality", change)) == f"{number}\n"


needs_numa = pytest.mark.skipif(
    not os.path.exists("/proc/self/numa_maps"), reason="needs a kernel with NUMA"
)


@needs_numa
@pytest.mark.parametrize(
    ("policy", "word"),
    [
        ({"mode": "MPOL_DEFAULT"}, "default"),
        ({"mode": "MPOL_LOCAL"}, "local"),
        ({"mode": "MPOL_PREFERRED", "nodes": "0"}, "prefer:0"),
        ({"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]}, "bind=static:0"),
        (
            {"mode": "MPOL_INTERLEAVE", "nodes": "0-0", "flags": ["MPOL_F_RELATIVE_NODES"]},
            "interleave=relative:0",
        ),
        ({"mode": "MPOL_PREFERRED_MANY", "nodes": "0"}, "prefer (many):0"),
        pytest.param(
            {"mode": "MPOL_WEIGHTED_INTERLEAVE", "nodes": "0"},
            "weighted interleave:0",
            marks=pytest.mark.skipif(RELEASE < (6, 9), reason="needs Linux 6.9 for its weights"),
        ),
        ({"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_NUMA_BALANCING"]}, "bind"),
    ],
)
def test_memory_policy_of_the_program_and_of_an_exec(
    door: Door, policy: dict[str, Any], word: str
) -> None:
    container, pid = started(door, changed(memoryPolicy=policy))
    maps = Path(f"/proc/{pid}/numa_maps").read_text()
    assert {line.split(" ", 1)[1].startswith(word) for line in maps.splitlines()} == {True}
    inside = door.ok("exec", container, "/bin/cat", "/proc/self/numa_maps")
    assert {line.split(" ", 1)[1].startswith(word) for line in inside.splitlines()} == {True}


@needs_numa
def test_a_node_that_is_not_there(door: Door) -> None:
    change = changed(memoryPolicy={"mode": "MPOL_BIND", "nodes": "1000"})
    message = door.fails("create", "--bundle", str(door.shell("true", change)), door.new_id())
    assert "memory policy" in message


@ours_only
@needs_numa
def test_features_tell_which_memory_policies_the_kernel_takes(door: Door) -> None:
    told = json.loads(door.ok("features"))["linux"]["memoryPolicy"]
    assert {"MPOL_DEFAULT", "MPOL_BIND", "MPOL_LOCAL"} <= set(told["modes"])
    for mode in MEMORY_MODES:
        policy = {"mode": mode, "nodes": "" if mode in ("MPOL_DEFAULT", "MPOL_LOCAL") else "0"}
        done = door.call(
            "run", "--bundle", str(door.shell("true", changed(memoryPolicy=policy))), door.new_id()
        )
        assert (done.returncode == 0) == (mode in told["modes"]), done.stderr
