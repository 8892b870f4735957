"""An update that has half of what a file holds."""

from __future__ import annotations

import pytest

from tuicontainer.runtime.cgroups.v2.plan import plan_limits, plan_memory
from tuicontainer.runtime.cgroups.v2.present import complete
from tuicontainer.spec.config import Cpu, Memory, Resources

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("resources", "cpu_max", "memory_max", "expected"),
    [
        (Resources(cpu=Cpu(quota=5000)), "max 20000\n", None, ["cpu.max = 5000 20000"]),
        (Resources(cpu=Cpu(period=50_000)), "7000 20000\n", None, ["cpu.max = 7000 50000"]),
        (Resources(cpu=Cpu(period=50_000)), "max 100000\n", None, ["cpu.max = max 50000"]),
        (Resources(cpu=Cpu(quota=-1)), "7000 20000\n", None, ["cpu.max = max 20000"]),
        (Resources(cpu=Cpu(shares=1024)), "7000 20000\n", None, ["cpu.weight = 100"]),
        (Resources(cpu=Cpu(quota=5000)), None, None, ["cpu.max = 5000 100000"]),
        (
            Resources(memory=Memory(swap=96 * MIB)),
            None,
            f"{64 * MIB}\n",
            [f"memory.swap.max = {32 * MIB}", f"memory.max = {64 * MIB}"],
        ),
        (
            Resources(memory=Memory(limit=8 * MIB)),
            None,
            f"{64 * MIB}\n",
            [f"memory.max = {8 * MIB}"],
        ),
        (Resources(memory=Memory(swap=-1)), None, "max\n", ["memory.swap.max = max"]),
        (Resources(), "max 100000\n", "max\n", []),
    ],
)
def test_the_missing_half_is_taken_from_the_group(
    resources: Resources, cpu_max: str | None, memory_max: str | None, expected: list[str]
) -> None:
    completed = complete(resources, cpu_max=cpu_max, memory_max=memory_max)
    writes = plan_limits(completed) + plan_memory(completed)
    assert [write.describe() for write in writes] == expected
