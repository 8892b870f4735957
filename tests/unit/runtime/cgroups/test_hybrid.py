"""Which limits go to v1 and which to the unified tree where a host has both."""

from __future__ import annotations

import pytest

from tuicontainer.runtime.cgroups.hybrid import split
from tuicontainer.spec.config import (
    BlockIo,
    Cpu,
    DeviceRule,
    HugepageLimit,
    Memory,
    Pids,
    Resources,
)

CPU = Cpu(shares=5, quota=6, cpus="0", mems="1")
EVERYTHING = Resources(
    devices=(DeviceRule(allow=True),),
    memory=Memory(limit=1),
    cpu=CPU,
    pids=Pids(limit=2),
    block_io=BlockIo(weight=30),
    hugepage_limits=(HugepageLimit(page_size="2MB", limit=4),),
    unified={"x.max": "1"},
)
NO_CPU = Cpu()
TIME_ONLY = Cpu(shares=5, quota=6)
SETS_ONLY = Cpu(cpus="0", mems="1")


@pytest.mark.parametrize(
    ("only_unified", "second"),
    [
        (set(), Resources(cpu=NO_CPU)),
        ({"memory"}, Resources(cpu=NO_CPU, memory=EVERYTHING.memory)),
        ({"pids"}, Resources(cpu=NO_CPU, pids=EVERYTHING.pids)),
        ({"io"}, Resources(cpu=NO_CPU, block_io=EVERYTHING.block_io)),
        ({"hugetlb"}, Resources(cpu=NO_CPU, hugepage_limits=EVERYTHING.hugepage_limits)),
        ({"cpu"}, Resources(cpu=TIME_ONLY)),
        ({"cpuset"}, Resources(cpu=SETS_ONLY)),
        ({"cpu", "cpuset"}, Resources(cpu=CPU)),
    ],
)
def test_each_limit_goes_where_its_controller_is(only_unified: set[str], second: Resources) -> None:
    for_v1, for_unified = split(EVERYTHING, lambda _, name: name in only_unified)
    assert for_unified == second.replace(unified=EVERYTHING.unified)
    assert not for_v1.unified
    for field in ("memory", "pids", "block_io", "hugepage_limits"):
        here, there = getattr(for_v1, field), getattr(for_unified, field)
        assert bool(here) != bool(there), field


def test_no_cpu_limits_stay_none() -> None:
    for_v1, for_unified = split(Resources(), lambda *_: True)
    assert for_v1.cpu is None
    assert for_unified.cpu is None
