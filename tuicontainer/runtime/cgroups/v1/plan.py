"""The configuration's limits as writes into cgroup v1 files. Pure.

Order: pids, block I/O, CPU, cpuset, huge pages, network, RDMA; memory apart, because it is set
later. Devices are written between by the group (`device_rules.v1_commands`). The table of fields is
in conversions.py.
Sources: Documentation/admin-guide/cgroup-v1/*.rst, scheduler/sched-bwc.rst, block/bfq-iosched.rst.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.conversions import SHARES_MAX, SHARES_MIN, limit_word
from tuicontainer.runtime.cgroups.writes import Write, plan_rdma, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import BlockIo, Cpu, Memory, Resources


def plan_limits(resources: Resources) -> list[Write]:
    """Return all writes but those of memory and devices.

    Raises:
        Unsupported: a field has no place in cgroup v1.
    """
    if resources.unified:
        raise refuse(
            "unified", ", ".join(sorted(resources.unified)), "these are files of cgroup v2"
        )
    writes = []
    if resources.pids is not None:
        writes.append(_write("pids", "pids.max", limit_word(resources.pids.limit), "pids.limit"))
    if resources.block_io is not None:
        writes += _block_io(resources.block_io)
    if resources.cpu is not None:
        writes += _cpu(resources.cpu) + _cpuset(resources.cpu)
    for page in resources.hugepage_limits:
        prefix, value = f"hugetlb.{page.page_size}", str(page.limit)
        writes += [
            _write("hugetlb", f"{prefix}.limit_in_bytes", value, "hugepageLimits"),
            # Reservations are limited apart since 5.7; older kernels charge them at first use.
            Write(
                controller="hugetlb",
                file=f"{prefix}.rsvd.limit_in_bytes",
                value=value,
                field="linux.resources.hugepageLimits",
                optional=True,
            ),
        ]
    return writes + _network(resources) + plan_rdma(resources.rdma)


def plan_memory(memory: Memory) -> list[Write]:
    """Return the writes of memory limits.

    The kernel keeps memory+swap at or above memory: when both grow, memory can't go first. It is
    tried first and again after swap.

    Raises:
        Unsupported: a field has no place in cgroup v1.
        InvalidArgument: swap is below memory.
    """
    if memory.kernel is not None:
        raise refuse("memory.kernel", memory.kernel, "kernels no longer limit kernel memory apart")
    if memory.use_hierarchy is False:
        raise refuse("memory.useHierarchy", "false", "memory is always counted hierarchically")
    limit, swap = memory.limit, memory.swap
    if limit and swap and 0 < swap < limit:
        raise InvalidArgument(
            f"`linux.resources.memory.swap` is `{swap}`, below `memory.limit` `{limit}`: it counts "
            "memory and swap together",
            hint="make it at least the memory limit, or -1 for unlimited swap",
        )
    writes = []
    if limit:
        writes.append(
            _write("memory", "memory.limit_in_bytes", str(limit), "memory.limit", later=True)
        )
    if swap is None and limit is not None and limit < 0:
        swap = -1
    if swap:
        unlimited = swap < 0
        file = "memory.memsw.limit_in_bytes"
        writes.append(_write("memory", file, str(swap), "memory.swap", optional=unlimited))
    for number, file, field in (
        (memory.reservation or None, "memory.soft_limit_in_bytes", "memory.reservation"),
        (memory.kernel_tcp, "memory.kmem.tcp.limit_in_bytes", "memory.kernelTCP"),
        (memory.swappiness, "memory.swappiness", "memory.swappiness"),
    ):
        if number is not None:
            writes.append(_write("memory", file, str(number), field))
    if memory.disable_oom_killer is not None:
        value = str(int(memory.disable_oom_killer))
        writes.append(_write("memory", "memory.oom_control", value, "memory.disableOOMKiller"))
    return writes


def _cpu(cpu: Cpu) -> list[Write]:
    writes = []
    if cpu.idle == 0:
        writes.append(_write("cpu", "cpu.idle", "0", "cpu.idle", optional=True))
    if cpu.shares and cpu.idle != 1:
        shares = max(SHARES_MIN, min(cpu.shares, SHARES_MAX))
        writes.append(_write("cpu", "cpu.shares", str(shares), "cpu.shares"))
    if cpu.burst is not None:
        # Refused while above the quota; and a quota below it is refused as well.
        file, none = "cpu.cfs_burst_us", cpu.burst == 0
        writes.append(_write("cpu", file, str(cpu.burst), "cpu.burst", later=True, optional=none))
    if cpu.period:
        # Refused while the old quota would be a larger part of it than the parent allows.
        file = "cpu.cfs_period_us"
        writes.append(_write("cpu", file, str(cpu.period), "cpu.period", later=True))
    if cpu.quota:
        quota = str(max(cpu.quota, -1))
        writes.append(_write("cpu", "cpu.cfs_quota_us", quota, "cpu.quota"))
    if cpu.idle == 1:
        writes.append(_write("cpu", "cpu.idle", "1", "cpu.idle"))
    return writes + _realtime(cpu)


def _realtime(cpu: Cpu) -> list[Write]:
    """Kernels without CONFIG_RT_GROUP_SCHED, nearly all today, have no such files."""
    writes = []
    if cpu.realtime_period:
        # Refused while the old budget would be a larger part of it than the parent allows.
        value = str(cpu.realtime_period)
        writes.append(_write("cpu", "cpu.rt_period_us", value, "cpu.realtimePeriod", later=True))
    if cpu.realtime_runtime:
        value = str(cpu.realtime_runtime)
        write = _write("cpu", "cpu.rt_runtime_us", value, "cpu.realtimeRuntime")
        hint = "each group above must have as large a part of its period in cpu.rt_runtime_us"
        writes.append(write.replace(hint=hint))
    return writes


def _cpuset(cpu: Cpu) -> list[Write]:
    writes = []
    if cpu.cpus:
        writes.append(_write("cpuset", "cpuset.cpus", cpu.cpus, "cpu.cpus"))
    if cpu.mems:
        writes.append(_write("cpuset", "cpuset.mems", cpu.mems, "cpu.mems"))
    return writes


def _network(resources: Resources) -> list[Write]:
    network = resources.network
    if network is None:
        return []
    writes = []
    if network.class_id is not None:
        value = str(network.class_id)
        writes.append(_write("net_cls", "net_cls.classid", value, "network.classID"))
    for entry in network.priorities:
        value = f"{entry.name} {entry.priority}"
        writes.append(_write("net_prio", "net_prio.ifpriomap", value, "network.priorities"))
    return writes


def _block_io(block_io: BlockIo) -> list[Write]:
    writes = []
    if block_io.weight:
        writes.append(_weight("weight", str(block_io.weight), "blockIO.weight"))
    if block_io.leaf_weight:
        value = str(block_io.leaf_weight)
        writes.append(_write("blkio", "blkio.leaf_weight", value, "blockIO.leafWeight"))
    for device in block_io.weight_device:
        number = f"{device.major}:{device.minor}"
        if device.weight:
            value = f"{number} {device.weight}"
            writes.append(_weight("weight_device", value, "blockIO.weightDevice"))
        if device.leaf_weight:
            value = f"{number} {device.leaf_weight}"
            file = "blkio.leaf_weight_device"
            writes.append(_write("blkio", file, value, "blockIO.weightDevice"))
    for devices, file, field in (
        (block_io.throttle_read_bps_device, "read_bps_device", "throttleReadBpsDevice"),
        (block_io.throttle_write_bps_device, "write_bps_device", "throttleWriteBpsDevice"),
        (block_io.throttle_read_iops_device, "read_iops_device", "throttleReadIOPSDevice"),
        (block_io.throttle_write_iops_device, "write_iops_device", "throttleWriteIOPSDevice"),
    ):
        for throttle in devices:
            value = f"{throttle.major}:{throttle.minor} {throttle.rate}"
            writes.append(_write("blkio", f"blkio.throttle.{file}", value, f"blockIO.{field}"))
    return writes


def _weight(file: str, value: str, field: str) -> Write:
    """The BFQ scheduler has a file of its own; CFQ, gone since 5.0, had the plain one."""
    old = _write("blkio", f"blkio.{file}", value, field)
    return _write("blkio", f"blkio.bfq.{file}", value, field).replace(otherwise=old)


def _write(
    controller: str,
    file: str,
    value: str,
    field: str,
    *,
    later: bool = False,
    optional: bool = False,
) -> Write:
    return Write(
        controller=controller,
        file=file,
        value=value,
        field=f"linux.resources.{field}",
        later=later,
        optional=optional,
    )
