"""Completing an update by what the group's files say at present. Pure.

Two settings share `cpu.max`, and `memory.swap` counts memory and swap together, while v2 limits
swap alone: a request that has one half would silently reset the other.
"""

from __future__ import annotations

from tuicontainer.runtime.cgroups.formats import limit_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Resources


def complete(resources: Resources, *, cpu_max: str | None, memory_max: str | None) -> Resources:
    """Return the update with the missing halves filled in.

    Args:
        resources: the update.
        cpu_max: text of that file, such as `max 100000`; None where the group hasn't got it.
        memory_max: the same of that file.
    """
    cpu, memory = resources.cpu, resources.memory
    if cpu is not None and cpu_max is not None and bool(cpu.quota) != bool(cpu.period):
        quota, period = cpu_max.split()
        present = -1 if quota == "max" else int(quota)
        cpu = cpu.replace(quota=cpu.quota or present, period=cpu.period or int(period))
    if memory is not None and memory_max is not None and memory.swap and not memory.limit:
        memory = memory.replace(limit=limit_value(memory_max))
    return resources.replace(cpu=cpu, memory=memory)
