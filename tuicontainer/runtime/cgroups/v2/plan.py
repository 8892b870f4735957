"""The configuration's limits as writes into cgroup v2 files. Pure.

Order: pids, block I/O, CPU, cpuset, huge pages, RDMA, then what `unified` says; memory apart,
because it is set later. The device filter is attached between by the group. The table of fields and
the formulas are in conversions.py.
Source: Documentation/admin-guide/cgroup-v2.rst.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.conversions import (
    cpu_max,
    cpu_weight,
    io_weight,
    limit_word,
    swap_max,
)
from tuicontainer.runtime.cgroups.writes import Write, plan_rdma, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.spec.config import BlockIo, Cpu, Memory, Network, Resources

NO_FILE = "cgroup v2 has no such setting"

# Files of the core that act on processes instead of limiting them; the runtime owns these.
COMMANDS = frozenset(
    {"cgroup.procs", "cgroup.threads", "cgroup.kill", "cgroup.freeze", "cgroup.type"}
    | {"cgroup.subtree_control"}
)


def plan_limits(resources: Resources) -> list[Write]:
    """Return all writes but those of memory and devices.

    Raises:
        Unsupported: a field has no place in cgroup v2.
        InvalidArgument: a name in `unified` isn't a limit's.
    """
    writes = []
    if resources.pids is not None:
        writes.append(_write("pids.max", limit_word(resources.pids.limit), "pids.limit"))
    if resources.block_io is not None:
        writes += _block_io(resources.block_io)
    if resources.cpu is not None:
        writes += _cpu(resources.cpu)
    for page in resources.hugepage_limits:
        prefix, value = f"hugetlb.{page.page_size}", str(page.limit)
        writes += [
            _write(f"{prefix}.max", value, "hugepageLimits"),
            # Reservations are limited apart since 5.7; older kernels charge them at first use.
            _write(f"{prefix}.rsvd.max", value, "hugepageLimits", optional=True),
        ]
    if resources.network is not None:
        _refuse_network(resources.network)
    return writes + plan_rdma(resources.rdma) + _unified(resources.unified, memory=False)


def plan_memory(resources: Resources) -> list[Write]:
    """Return the writes of memory limits, `unified` ones last.

    Raises:
        Unsupported: a field has no place in cgroup v2.
        InvalidArgument: swap is limited without memory, or below it.
    """
    writes = [] if resources.memory is None else _memory(resources.memory)
    return writes + _unified(resources.unified, memory=True)


def _memory(memory: Memory) -> list[Write]:
    for value, field in (
        (memory.kernel, "memory.kernel"),
        (memory.kernel_tcp, "memory.kernelTCP"),
        (memory.swappiness, "memory.swappiness"),
    ):
        if value is not None:
            raise refuse(field, value, NO_FILE)
    if memory.disable_oom_killer:
        raise refuse("memory.disableOOMKiller", "true", NO_FILE)
    if memory.use_hierarchy is False:
        raise refuse("memory.useHierarchy", "false", "memory is always counted hierarchically")
    writes = []
    swap = swap_max(memory.limit, memory.swap)
    if swap is not None:
        # Without the file there is no swap, or it isn't counted: unlimited and none are then true.
        optional = swap in ("0", "max")
        writes.append(_write("memory.swap.max", swap, "memory.swap", optional=optional))
    if memory.limit:
        writes.append(_write("memory.max", limit_word(memory.limit), "memory.limit"))
    if memory.reservation:
        low = limit_word(memory.reservation)
        writes.append(_write("memory.low", low, "memory.reservation"))
    return writes


def _cpu(cpu: Cpu) -> list[Write]:
    for value, field in (
        (cpu.realtime_runtime, "cpu.realtimeRuntime"),
        (cpu.realtime_period, "cpu.realtimePeriod"),
    ):
        if value is not None:
            raise refuse(field, value, NO_FILE)
    writes = []
    if cpu.idle is not None:
        # First, as the kernel refuses a weight while the group is idle.
        writes.append(_write("cpu.idle", str(cpu.idle), "cpu.idle", optional=cpu.idle == 0))
    if cpu.shares and cpu.idle != 1:
        writes.append(_write("cpu.weight", str(cpu_weight(cpu.shares)), "cpu.shares"))
    if cpu.burst is not None:
        # Refused while above the quota; and a quota below it is refused as well.
        none = cpu.burst == 0
        writes.append(
            _write("cpu.max.burst", str(cpu.burst), "cpu.burst", later=True, optional=none)
        )
    bandwidth = cpu_max(cpu.quota, cpu.period)
    if bandwidth is not None:
        field = "cpu.quota" if cpu.quota else "cpu.period"
        writes.append(_write("cpu.max", bandwidth, field))
    if cpu.cpus:
        writes.append(_write("cpuset.cpus", cpu.cpus, "cpu.cpus"))
    if cpu.mems:
        writes.append(_write("cpuset.mems", cpu.mems, "cpu.mems"))
    return writes


def _refuse_network(network: Network) -> None:
    hint = "match the container's group in nftables instead (`socket cgroupv2`)"
    if network.class_id is not None:
        raise refuse("network.classID", network.class_id, NO_FILE, hint)
    if network.priorities:
        names = ", ".join(entry.name for entry in network.priorities)
        raise refuse("network.priorities", names, NO_FILE, hint)


def _block_io(block_io: BlockIo) -> list[Write]:
    if block_io.leaf_weight:
        raise refuse("blockIO.leafWeight", block_io.leaf_weight, NO_FILE)
    writes = []
    if block_io.weight:
        writes.append(_weight("", block_io.weight, "blockIO.weight"))
    for device in block_io.weight_device:
        if device.leaf_weight:
            raise refuse("blockIO.weightDevice", f"leafWeight {device.leaf_weight}", NO_FILE)
        if device.weight:
            number = f"{device.major}:{device.minor} "
            writes.append(_weight(number, device.weight, "blockIO.weightDevice"))
    for devices, key, field in (
        (block_io.throttle_read_bps_device, "rbps", "throttleReadBpsDevice"),
        (block_io.throttle_write_bps_device, "wbps", "throttleWriteBpsDevice"),
        (block_io.throttle_read_iops_device, "riops", "throttleReadIOPSDevice"),
        (block_io.throttle_write_iops_device, "wiops", "throttleWriteIOPSDevice"),
    ):
        for throttle in devices:
            # 0 took a v1 limit away; io.max refuses it and has a word for that.
            rate = str(throttle.rate) if throttle.rate else "max"
            value = f"{throttle.major}:{throttle.minor} {key}={rate}"
            writes.append(_write("io.max", value, f"blockIO.{field}"))
    return writes


def _weight(number: str, weight: int, field: str) -> Write:
    """The BFQ scheduler takes v1's range in a file of its own; io.weight is the cost model's."""
    cost = _write("io.weight", f"{number}{io_weight(weight)}", field)
    return _write("io.bfq.weight", f"{number}{weight}", field).replace(otherwise=cost)


def _unified(entries: Mapping[str, str], *, memory: bool) -> list[Write]:
    writes = []
    for file, value in entries.items():
        if "/" in file or "." not in file.strip(".") or file in COMMANDS:
            raise InvalidArgument(f"`linux.resources.unified`: `{file}` isn't a limit's file")
        if (file.split(".")[0] == "memory") == memory:
            writes.append(_write(file, value, f'unified["{file}"]'))
    return writes


def _write(
    file: str, value: str, field: str, *, later: bool = False, optional: bool = False
) -> Write:
    return Write(
        controller=file.split(".", maxsplit=1)[0],
        file=file,
        value=value,
        field=f"linux.resources.{field}",
        later=later,
        optional=optional,
    )
