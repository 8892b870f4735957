"""Limits as properties of a unit: what each field becomes."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.systemd.dbus.wire import Variant, Writer
from tuicontainer.runtime.cgroups.systemd.devices import device_properties
from tuicontainer.runtime.cgroups.systemd.properties import (
    INFINITY,
    cpu_mask,
    limit_properties,
    memory_properties,
    start_properties,
)
from tuicontainer.runtime.cgroups.systemd.units import container_unit
from tuicontainer.spec.config import BlockIo, Cpu, DeviceRule, Memory, Pids, Resources


def plain(properties: dict[str, Variant]) -> dict[str, Any]:
    """Return the values, after checking that each can be sent as the type it claims to have."""
    Writer().write("a(sv)", list(properties.items()))
    return {name: variant.value for name, variant in properties.items()}


class Case(Record):
    """Limits, and what systemd is told."""

    name: str
    resources: Resources
    expected: dict[str, Any]
    version: int = 252


CASES = [
    Case(name="nothing", resources=Resources(), expected={}),
    Case(name="pids", resources=Resources(pids=Pids(limit=7)), expected={"TasksMax": 7}),
    Case(
        name="pids without limit",
        resources=Resources(pids=Pids(limit=-1)),
        expected={"TasksMax": INFINITY},
    ),
    Case(
        name="pids 0, which systemd refuses",
        resources=Resources(pids=Pids(limit=0)),
        expected={"TasksMax": 1},
    ),
    Case(
        name="shares by the curve of the plain driver",
        resources=Resources(cpu=Cpu(shares=512)),
        expected={"CPUWeight": 59},
    ),
    Case(
        name="idle instead of a weight",
        resources=Resources(cpu=Cpu(shares=512, idle=1)),
        expected={"CPUWeight": 0},
    ),
    Case(
        name="idle before systemd knew it",
        resources=Resources(cpu=Cpu(shares=512, idle=1)),
        expected={},
        version=251,
    ),
    Case(
        name="a quota in whole percents, rounded up",
        resources=Resources(cpu=Cpu(quota=12_345)),
        expected={"CPUQuotaPerSecUSec": 130_000},
    ),
    Case(
        name="a quota of two CPUs in a short period",
        resources=Resources(cpu=Cpu(quota=20_000, period=10_000)),
        expected={"CPUQuotaPeriodUSec": 10_000, "CPUQuotaPerSecUSec": 2_000_000},
    ),
    Case(
        name="a period before systemd knew it",
        resources=Resources(cpu=Cpu(quota=20_000, period=10_000)),
        expected={"CPUQuotaPerSecUSec": 2_000_000},
        version=241,
    ),
    Case(
        name="no quota any more",
        resources=Resources(cpu=Cpu(quota=-1, period=50_000)),
        expected={"CPUQuotaPeriodUSec": 50_000, "CPUQuotaPerSecUSec": INFINITY},
    ),
    Case(
        name="cpusets",
        resources=Resources(cpu=Cpu(cpus="0-2,9", mems="0")),
        expected={"AllowedCPUs": b"\x07\x02", "AllowedMemoryNodes": b"\x01"},
    ),
    Case(
        name="cpusets before systemd knew them",
        resources=Resources(cpu=Cpu(cpus="0-2,9", mems="0")),
        expected={},
        version=243,
    ),
    Case(
        name="block I/O weight",
        resources=Resources(block_io=BlockIo(weight=1000)),
        expected={"IOWeight": 10_000},
    ),
    Case(
        name="files that systemd would write again",
        resources=Resources(
            unified={
                "pids.max": "max",
                "cpu.weight": "200",
                "cpu.max": "5000 10000",
                "cpuset.cpus": "1",
                "io.weight": "default 300",
                "memory.high": "1",
                "hugetlb.2MB.max": "1",
            }
        ),
        expected={
            "TasksMax": INFINITY,
            "CPUWeight": 200,
            "CPUQuotaPeriodUSec": 10_000,
            "CPUQuotaPerSecUSec": 500_000,
            "AllowedCPUs": b"\x02",
            "IOWeight": 300,
        },
    ),
    Case(
        name="files: idle wins over a weight",
        resources=Resources(unified={"cpu.idle": "1", "cpu.weight": "5"}),
        expected={"CPUWeight": 0},
    ),
    Case(
        name="files: values that only the kernel can judge",
        resources=Resources(
            unified={"pids.max": "many", "cpu.max": "", "io.weight": "8:0 50", "cpu.weight": "x"}
        ),
        expected={},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_limits_become_properties(case: Case) -> None:
    assert plain(limit_properties(case.resources, case.version)) == case.expected


MEMORY = [
    Case(
        name="memory, swap and reservation",
        resources=Resources(memory=Memory(limit=100, swap=300, reservation=50)),
        expected={"MemoryMax": 100, "MemorySwapMax": 200, "MemoryLow": 50},
    ),
    Case(
        name="memory without limit takes that of swap away",
        resources=Resources(memory=Memory(limit=-1)),
        expected={"MemoryMax": INFINITY, "MemorySwapMax": INFINITY},
    ),
    Case(
        name="files",
        resources=Resources(
            unified={"memory.high": "5", "memory.min": "max", "memory.max": "1G", "pids.max": "1"}
        ),
        expected={"MemoryHigh": 5, "MemoryMin": INFINITY},
    ),
]


@pytest.mark.parametrize("case", MEMORY, ids=attrgetter("name"))
def test_memory_becomes_properties(case: Case) -> None:
    assert plain(memory_properties(case.resources)) == case.expected


def test_a_scope_begins_with_its_process() -> None:
    unit = container_unit("m.slice:p:web", container_id="web")
    assert plain(start_properties(unit, description="container web", pid=77)) == {
        "Description": "container web",
        "Slice": "m.slice",
        "Delegate": True,
        "PIDs": [77],
        "MemoryAccounting": True,
        "CPUAccounting": True,
        "IOAccounting": True,
        "TasksAccounting": True,
        "DefaultDependencies": False,
        "TasksMax": INFINITY,
    }


def test_a_slice_takes_no_process_and_only_wants_its_parent() -> None:
    unit = container_unit("m.slice:p:m-web.slice", container_id="web")
    properties = plain(start_properties(unit, description="container web", pid=77))
    assert properties["Wants"] == ["m.slice"]
    assert not {"Slice", "Delegate", "PIDs"} & properties.keys()


@pytest.mark.parametrize("text", ["x", "3-1", "0-99999999999", "1--2", "-1"])
def test_a_list_of_cpus_that_is_none(text: str) -> None:
    with pytest.raises(InvalidArgument, match=r"cpu\.cpus"):
        cpu_mask(text, "cpu.cpus")


DEFAULTS = [
    ("char-*", "m"),
    ("block-*", "m"),
    ("/dev/char/1:3", "rwm"),
    ("/dev/char/1:5", "rwm"),
    ("/dev/char/1:7", "rwm"),
    ("/dev/char/1:8", "rwm"),
    ("/dev/char/1:9", "rwm"),
    ("/dev/char/5:0", "rwm"),
    ("/dev/char/5:2", "rwm"),
    ("char-136", "rwm"),
]


@pytest.mark.parametrize(
    ("rules", "policy", "first"),
    [
        ((), "strict", []),
        ((DeviceRule(allow=False),), "strict", []),
        (
            (
                DeviceRule(allow=False),
                DeviceRule(allow=True, type="b", major=8, minor=0, access="r"),
                DeviceRule(allow=True, type="c", major=10, access="rw"),
            ),
            "strict",
            [("/dev/block/8:0", "rm"), ("char-10", "rwm")],
        ),
        ((DeviceRule(allow=True),), "auto", None),
        # A hole in what is allowed, and a minor number of any driver: systemd has no words.
        (
            (
                DeviceRule(allow=True, type="c", major=10),
                DeviceRule(allow=False, type="c", major=10, minor=200),
            ),
            "auto",
            None,
        ),
        ((DeviceRule(allow=True, type="c", minor=5, access="r"),), "auto", None),
    ],
)
def test_devices(
    rules: tuple[DeviceRule, ...], policy: str, first: list[tuple[str, str]] | None
) -> None:
    values = plain(device_properties(rules))
    assert values["DevicePolicy"] == policy
    assert set(values["DeviceAllow"]) == (set() if first is None else {*first, *DEFAULTS})
