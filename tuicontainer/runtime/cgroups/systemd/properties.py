"""The configuration's limits as properties of a systemd unit. Pure.

Whatever systemd has a property for must be told to it: it writes its own idea of all of them again
at each reload, the default where it wasn't told. What it has none for (burst, throttling, huge
pages, RDMA, most of `unified`) it leaves alone; the plain driver writes that, and writes the rest
once more where systemd rounds.

    pids.limit              TasksMax, at least 1; infinity for -1
    cpu.shares, cpu.idle    CPUWeight; 0 is idle (since 252)
    cpu.quota, cpu.period   CPUQuotaPerSecUSec in whole percents, CPUQuotaPeriodUSec (since 242)
    cpu.cpus, cpu.mems      AllowedCPUs, AllowedMemoryNodes (since 244)
    memory.limit, swap,     MemoryMax, MemorySwapMax, MemoryLow
      reservation
    blockIO.weight          IOWeight
    unified                 the property of the file's limit, if there is one
    devices                 DevicePolicy, DeviceAllow (devices.py)

Sources: systemd.resource-control(5), org.freedesktop.systemd1(5); runc docs/systemd.md.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.conversions import (
    DEFAULT_PERIOD_US,
    cpu_weight,
    io_weight,
    swap_max,
)
from tuicontainer.runtime.cgroups.systemd.dbus.wire import Variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.runtime.cgroups.systemd.units import Unit
    from tuicontainer.spec.config import Cpu, Memory, Resources

    Properties = dict[str, Variant]
    """By name, in the order in which systemd gets them."""

INFINITY = 2**64 - 1
QUOTA_STEP_US = 10_000
"""systemd keeps a quota in whole percents of a CPU, and rounds down when it reads its own file."""
QUOTA_PERIOD_SINCE, CPUSET_SINCE, IDLE_SINCE = 242, 244, 252
HIGHEST_CPU = 8191
"""What kernels can be built for; without a bound a short text would ask for a huge bit mask."""

_BYTES = {
    "memory.high": "MemoryHigh",
    "memory.low": "MemoryLow",
    "memory.max": "MemoryMax",
    "memory.min": "MemoryMin",
    "memory.swap.max": "MemorySwapMax",
}


def start_properties(unit: Unit, *, description: str, pid: int) -> Properties:
    """Return what makes a unit ours: where it is, whose it is, what is counted.

    Args:
        unit: which.
        description: one line for `systemctl status`.
        pid: the first process; a slice takes none.
    """
    if unit.is_slice:
        # A slice can't be told its slice, which its name says already: it is only pulled in.
        place = {"Wants": Variant(signature="as", value=[unit.slice])}
    else:
        place = {
            "Slice": _text(unit.slice),
            # The groups inside are the container's; without this systemd would clean them up.
            "Delegate": _switch(on=True),
            "PIDs": Variant(signature="au", value=[pid]),
        }
    return {
        "Description": _text(description),
        **place,
        "MemoryAccounting": _switch(on=True),
        "CPUAccounting": _switch(on=True),
        "IOAccounting": _switch(on=True),
        "TasksAccounting": _switch(on=True),
        # The container's engine decides about its end, not the order of a shutdown.
        "DefaultDependencies": _switch(on=False),
        # systemd's default limit is meant for services; who asks for no limit gets none.
        "TasksMax": _number(INFINITY),
    }


def limit_properties(resources: Resources, version: int) -> Properties:
    """Return the properties of all limits but those of memory and devices.

    Args:
        resources: the limits; what is None is left out.
        version: systemd's; what an older one doesn't know is left out.

    Raises:
        InvalidArgument: a list of CPUs or memory nodes can't be read.
    """
    properties: Properties = {}
    if resources.pids is not None:
        properties["TasksMax"] = _tasks(resources.pids.limit)
    if resources.cpu is not None:
        properties |= _cpu(resources.cpu, version)
    if resources.block_io is not None and resources.block_io.weight:
        properties["IOWeight"] = _number(io_weight(resources.block_io.weight))
    return properties | _unified(resources.unified, version)


def memory_properties(resources: Resources) -> Properties:
    """Return the properties of the limits of memory.

    Raises:
        InvalidArgument: swap is limited without memory, or below it.
    """
    properties = {} if resources.memory is None else _memory(resources.memory)
    for file, value in resources.unified.items():
        if file in _BYTES and (limit := _limit(value)) is not None:
            properties[_BYTES[file]] = limit
    return properties


def cpu_mask(text: str, field: str) -> bytes:
    """Return a list such as `0-2,7` as bits, the lowest number in the first byte's lowest bit.

    Raises:
        InvalidArgument: it isn't such a list.
    """
    mask = 0
    for part in text.replace(" ", "").split(","):
        if not part:
            continue
        first, dash, last = part.partition("-")
        last = last if dash else first
        if not (first.isdigit() and last.isdigit() and int(first) <= int(last) <= HIGHEST_CPU):
            raise InvalidArgument(f"`linux.resources.{field}` is `{text}`: not a list of numbers")
        mask |= (2 << int(last)) - (1 << int(first))
    return mask.to_bytes((mask.bit_length() + 7) // 8, "little")


def _cpu(cpu: Cpu, version: int) -> Properties:
    properties: Properties = {}
    if cpu.idle == 1:
        if version >= IDLE_SINCE:
            properties["CPUWeight"] = _number(0)
    elif cpu.shares:
        properties["CPUWeight"] = _number(cpu_weight(cpu.shares))
    properties |= _quota(cpu.quota or 0, cpu.period or 0, version)
    if version >= CPUSET_SINCE:
        for name, value, field in (
            ("AllowedCPUs", cpu.cpus, "cpu.cpus"),
            ("AllowedMemoryNodes", cpu.mems, "cpu.mems"),
        ):
            if value:
                properties[name] = Variant(signature="ay", value=cpu_mask(value, field))
    return properties


def _quota(quota: int, period: int, version: int) -> Properties:
    """Return the properties of microseconds in each period; 0: not given, negative: no limit."""
    properties: Properties = {}
    if period and version >= QUOTA_PERIOD_SINCE:
        properties["CPUQuotaPeriodUSec"] = _number(period)
    if quota > 0:
        each_second = quota * 1_000_000 // (period or DEFAULT_PERIOD_US)
        steps = -(-each_second // QUOTA_STEP_US)
        properties["CPUQuotaPerSecUSec"] = _number(steps * QUOTA_STEP_US)
    elif quota or period:
        properties["CPUQuotaPerSecUSec"] = _number(INFINITY)
    return properties


def _memory(memory: Memory) -> Properties:
    properties: Properties = {}
    swap = swap_max(memory.limit, memory.swap)
    for name, value in (
        ("MemoryMax", memory.limit),
        ("MemoryLow", memory.reservation),
    ):
        if value:
            properties[name] = _number(INFINITY if value < 0 else value)
    if swap is not None:
        properties["MemorySwapMax"] = _number(INFINITY if swap == "max" else int(swap))
    return properties


def _unified(entries: Mapping[str, str], version: int) -> Properties:
    """Return the properties of files that systemd would write itself.

    A value that can't be read is left to the kernel, which says what is wrong with it.
    """
    properties: Properties = {}
    for file, value in entries.items():
        words = value.split()
        if file == "pids.max" and (limit := _limit(value)) is not None:
            properties["TasksMax"] = _number(max(1, limit.value))
        elif file == "cpu.weight" and value.strip().isdigit():
            properties["CPUWeight"] = _number(int(value))
        elif file == "cpu.max" and words and all(word.isdigit() for word in words[1:2]):
            quota = -1 if words[0] == "max" else int(words[0]) if words[0].isdigit() else 0
            properties |= _quota(quota, int(words[1]) if len(words) == 2 else 0, version)
        elif file in {"cpuset.cpus", "cpuset.mems"} and version >= CPUSET_SINCE:
            name = "AllowedCPUs" if file == "cpuset.cpus" else "AllowedMemoryNodes"
            mask = cpu_mask(value, f'unified["{file}"]')
            properties[name] = Variant(signature="ay", value=mask)
        elif (
            file == "io.weight"
            and words
            and words[:-1] in ([], ["default"])
            and words[-1].isdigit()
        ):
            properties["IOWeight"] = _number(int(words[-1]))
    if entries.get("cpu.idle", "").strip() == "1" and version >= IDLE_SINCE:
        properties["CPUWeight"] = _number(0)
    return properties


def _limit(value: str) -> Variant | None:
    word = value.strip()
    if word == "max":
        return _number(INFINITY)
    return _number(int(word)) if word.isascii() and word.isdigit() else None


def _tasks(limit: int) -> Variant:
    # systemd refuses 0; the plain driver writes it afterwards.
    return _number(INFINITY if limit < 0 else max(1, limit))


def _number(value: int) -> Variant:
    return Variant(signature="t", value=value)


def _text(value: str) -> Variant:
    return Variant(signature="s", value=value)


def _switch(*, on: bool) -> Variant:
    return Variant(signature="b", value=on)
