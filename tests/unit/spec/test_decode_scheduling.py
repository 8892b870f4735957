"""Scheduling fields: every rule has a good and a bad case."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.spec.test_decode import changed
from tuicontainer.errors import InvalidArgument
from tuicontainer.spec import scheduling
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.scheduling import ExecCpuAffinity, IoPriority, MemoryPolicy, Scheduler
from tuicontainer.syscalls import scheduling as kernel


def test_the_kernel_has_a_number_for_every_name() -> None:
    assert tuple(kernel.POLICIES) == scheduling.POLICIES
    assert tuple(kernel.SCHEDULER_FLAGS) == scheduling.SCHEDULER_FLAGS
    assert tuple(kernel.IO_CLASSES) == scheduling.IO_CLASSES
    assert tuple(kernel.MEMORY_MODES) == scheduling.MEMORY_MODES
    assert tuple(kernel.MEMORY_FLAGS) == scheduling.MEMORY_FLAGS
    assert tuple(kernel.PERSONALITIES) == scheduling.PERSONALITIES


GOOD: list[tuple[str, Any, str, Any]] = [
    (
        "process.scheduler",
        {"policy": "SCHED_BATCH", "nice": -20, "flags": ["SCHED_FLAG_RESET_ON_FORK"]},
        "scheduler",
        Scheduler(policy="SCHED_BATCH", nice=-20, flags=("SCHED_FLAG_RESET_ON_FORK",)),
    ),
    (
        "process.scheduler",
        {"policy": "SCHED_RR", "priority": 99},
        "scheduler",
        Scheduler(policy="SCHED_RR", priority=99),
    ),
    (
        "process.scheduler",
        {"policy": "SCHED_DEADLINE", "runtime": 1, "deadline": 2, "period": 2**64 - 1},
        "scheduler",
        Scheduler(policy="SCHED_DEADLINE", runtime=1, deadline=2, period=2**64 - 1),
    ),
    (
        "process.ioPriority",
        {"class": "IOPRIO_CLASS_RT", "priority": 7},
        "io_priority",
        IoPriority(class_="IOPRIO_CLASS_RT", priority=7),
    ),
    (
        "process.execCPUAffinity",
        {"initial": " 7, 0-2,,1-3 ", "final": ""},
        "exec_cpu_affinity",
        ExecCpuAffinity(initial=(0, 1, 2, 3, 7)),
    ),
]


@pytest.mark.parametrize(("path", "value", "name", "expected"), GOOD)
def test_fields_of_the_process(path: str, value: Any, name: str, expected: Any) -> None:
    process = decode_config(changed(path, value)).process
    assert getattr(process, name) == expected


def test_fields_of_the_container() -> None:
    policy = {"mode": "MPOL_BIND", "nodes": "0-1,1023", "flags": ["MPOL_F_STATIC_NODES"]}
    linux = decode_config(changed("linux.memoryPolicy", policy)).linux
    assert linux.memory_policy == MemoryPolicy(
        mode="MPOL_BIND", nodes=(0, 1, 1023), flags=("MPOL_F_STATIC_NODES",)
    )
    assert decode_config(changed("linux.personality", {"domain": "LINUX32"})).linux.personality == (
        "LINUX32"
    )


BAD: list[tuple[str, Any, str]] = [
    ("process.scheduler", {}, "`process.scheduler.policy` is missing"),
    ("process.scheduler", {"policy": "SCHED_FAIR"}, "must be one of SCHED_OTHER"),
    ("process.scheduler", {"policy": "SCHED_OTHER", "nice": 20}, "must be from -20 to 19"),
    ("process.scheduler", {"policy": "SCHED_OTHER", "priority": 1}, "must be 0 with SCHED_OTHER"),
    ("process.scheduler", {"policy": "SCHED_FIFO"}, "`process.scheduler.priority` is missing"),
    ("process.scheduler", {"policy": "SCHED_FIFO", "priority": 100}, "must be from 1 to 99"),
    ("process.scheduler", {"policy": "SCHED_IDLE", "period": 1}, "with SCHED_DEADLINE only"),
    ("process.scheduler", {"policy": "SCHED_IDLE", "flags": ["X"]}, "must be one of SCHED_FLAG"),
    ("process.ioPriority", {"priority": 1}, "`process.ioPriority.class` is missing"),
    ("process.ioPriority", {"class": "IOPRIO_CLASS_BE"}, "`process.ioPriority.priority` is miss"),
    ("process.ioPriority", {"class": "IOPRIO_CLASS_BE", "priority": 8}, "must be from 0 to 7"),
    ("process.execCPUAffinity", {"initial": "a"}, "must be numbers and ranges"),
    ("process.execCPUAffinity", {"initial": "1-"}, "must be numbers and ranges"),
    ("process.execCPUAffinity", {"initial": "-1"}, "must be numbers and ranges"),
    ("process.execCPUAffinity", {"final": "3-1"}, "backward range `3-1`"),
    ("process.execCPUAffinity", {"final": ","}, "must hold a number"),
    ("process.execCPUAffinity", {"final": "0-99999999"}, "must be below 8192"),
    ("process.execCPUAffinity", {"final": "²"}, "must be numbers and ranges"),
    ("linux.memoryPolicy", {"nodes": "0"}, "`linux.memoryPolicy.mode` is missing"),
    ("linux.memoryPolicy", {"mode": "MPOL_BIND"}, "MPOL_BIND needs at least one node"),
    ("linux.memoryPolicy", {"mode": "MPOL_LOCAL", "nodes": "0"}, "must be empty with MPOL_LOCAL"),
    ("linux.memoryPolicy", {"mode": "MPOL_BIND", "nodes": "1024"}, "must be below 1024"),
    (
        "linux.memoryPolicy",
        {"mode": "MPOL_BIND", "nodes": "0",
         "flags": ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]},
        "must not have both",
    ),
    ("linux.personality", {}, "`linux.personality.domain` is missing"),
    ("linux.personality", {"domain": "BSD"}, "must be one of LINUX, LINUX32"),
    ("linux.personality", {"domain": "LINUX", "flags": ["ADDR_NO_RANDOMIZE"]}, "no flag is def"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "text"), BAD)
def test_broken_rules_are_named(path: str, value: Any, text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        decode_config(changed(path, value))
    assert text in caught.value.message
