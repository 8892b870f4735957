"""All that systemd is told at the start of a container and at an update, in order."""

from __future__ import annotations

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.systemd.plan import plan_beginning, plan_start, plan_update
from tuicontainer.runtime.cgroups.systemd.properties import INFINITY
from tuicontainer.runtime.cgroups.systemd.units import container_unit
from tuicontainer.spec.config import Cpu, DeviceRule, Memory, Pids, Resources

UNIT = container_unit("machine.slice:libpod:abc", container_id="abc")


def test_a_start_has_place_limits_and_annotations() -> None:
    beginning = plan_beginning(
        {
            "org.systemd.property.DefaultDependencies": "true",
            "org.systemd.property.TimeoutStopSec": "3",
            "org.opencontainers.image.title": "web",
        }
    ).replace(
        limits=(Resources(cpu=Cpu(shares=1024)), Resources(pids=Pids(limit=9))),
        memory_limits=(Resources(memory=Memory(limit=4096)),),
    )
    properties = plan_start(UNIT, beginning, pid=5, version=252)
    told = {name: variant.value for name, variant in properties.items() if name != "DeviceAllow"}
    assert told == {
        "Description": "container libpod-abc",
        "Slice": "machine.slice",
        "Delegate": True,
        "PIDs": [5],
        "MemoryAccounting": True,
        "CPUAccounting": True,
        "IOAccounting": True,
        "TasksAccounting": True,
        "DefaultDependencies": True,
        "TasksMax": 9,
        "DevicePolicy": "strict",
        "CPUWeight": 100,
        "MemoryMax": 4096,
        "TimeoutStopUSec": 3_000_000,
    }


def test_without_limits_there_are_none_of_systemds_own() -> None:
    properties = plan_start(UNIT, plan_beginning({}), pid=5, version=252)
    assert properties["TasksMax"].value == INFINITY


def test_a_beginning_that_asks_for_too_much_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="isn't allowed"):
        plan_beginning({"org.systemd.property.MemoryMax": "uint64 1"})


def test_an_update_leaves_devices_alone_unless_it_has_some() -> None:
    update = Resources(pids=Pids(limit=5), memory=Memory(limit=8192))
    told = {name: variant.value for name, variant in plan_update(update, 252).items()}
    assert told == {"TasksMax": 5, "MemoryMax": 8192}
    rules = (DeviceRule(allow=True),)
    assert plan_update(Resources(devices=rules), 252).keys() == {"DevicePolicy", "DeviceAllow"}
    assert plan_update(Resources(), 252) == {}
