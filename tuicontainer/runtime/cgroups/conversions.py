"""Values of the OCI configuration as the words that control group files take.

The configuration speaks cgroup v1. This is the one table of what becomes of each field; a value
without a place is an error that names the field, never dropped.

    field                       v1 file                            v2 file
    cpu.shares                  cpu.shares                         cpu.weight (curve below)
    cpu.quota, cpu.period       cpu.cfs_quota_us, cfs_period_us    cpu.max `QUOTA|max PERIOD`
    cpu.burst                   cpu.cfs_burst_us                   cpu.max.burst
    cpu.idle                    cpu.idle                           cpu.idle
    cpu.cpus, cpu.mems          cpuset.cpus, cpuset.mems           the same
    cpu.realtimePeriod          cpu.rt_period_us                   refused (no such file)
    cpu.realtimeRuntime         cpu.rt_runtime_us                  refused (no such file)
    memory.limit                memory.limit_in_bytes              memory.max
    memory.swap (with memory)   memory.memsw.limit_in_bytes        memory.swap.max = swap - limit
    memory.reservation          memory.soft_limit_in_bytes         memory.low
    memory.swappiness           memory.swappiness                  refused (no such file)
    memory.disableOOMKiller     memory.oom_control                 true is refused (no such file)
    memory.kernel               refused: kernels from 5.16 on ignore or refuse it
    memory.kernelTCP            memory.kmem.tcp.limit_in_bytes     refused (no such file)
    memory.useHierarchy         false is refused: kernels from 5.11 on know only true
    pids.limit                  pids.max                           pids.max
    blockIO.weight              blkio.bfq.weight, blkio.weight     io.bfq.weight, else io.weight
    blockIO.weightDevice        blkio.bfq.weight_device,           `MAJ:MIN WEIGHT` in the same
                                blkio.weight_device
    blockIO.*leafWeight         blkio.leaf_weight (before 5.0)     refused (no such file)
    blockIO.throttle*           blkio.throttle.*_device            io.max
    hugepageLimits              hugetlb.SIZE.limit_in_bytes,       hugetlb.SIZE.max,
                                hugetlb.SIZE.rsvd.limit_in_bytes   hugetlb.SIZE.rsvd.max
    rdma                        rdma.max `DEVICE hca_handle=N hca_object=N`
    network.classID             net_cls.classid                    refused (no such file)
    network.priorities          net_prio.ifpriomap                 refused (no such file)
    devices                     devices.deny, devices.allow        a BPF program
    unified                     refused                            written as it is

-1 means no limit. 0 for shares, quota, period, burst, weight, and memory's limit, swap and
reservation means "not given", as in every runtime before this one: their documents had no other
way to say so. `pids.limit` 0 is a limit (config-linux.md#pids). Where `cpu.idle` is 1, shares are
not written: the kernel refuses a weight for an idle group.
Sources: config-linux.md#control-groups; Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/*.rst.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument

SHARES_MIN, SHARES_MAX = 2, 262144
DEFAULT_PERIOD_US = 100_000


def limit_word(value: int) -> str:
    """Return a v2 limit: the number, or `max` for a negative one."""
    return "max" if value < 0 else str(value)


def cpu_weight(shares: int) -> int:
    """Return v2's cpu.weight (1 to 10000) for v1's cpu.shares.

    A quadratic curve through three points, each default meeting the other's default: 2 → 1,
    1024 → 100, 262144 → 10000. The straight line of older runtimes gave the default share a weight
    of 39, so that a container lost against every process that has no limit.
    """
    import math

    if shares <= SHARES_MIN:
        return 1
    if shares >= SHARES_MAX:
        return 10_000
    level = math.log2(shares)
    return math.ceil(10 ** ((level * level + 125 * level) / 612 - 7 / 34))


def cpu_max(quota: int | None, period: int | None) -> str | None:
    """Return v2's cpu.max, or None if neither is given; times in microseconds."""
    if not quota and not period:
        return None
    limit = str(quota) if quota and quota > 0 else "max"
    return f"{limit} {period or DEFAULT_PERIOD_US}"


def io_weight(weight: int) -> int:
    """Return v2's io.weight (1 to 10000) for v1's blkio.weight (10 to 1000), on a straight line."""
    return 1 + (weight - 10) * 9999 // 990


def swap_max(limit: int | None, swap: int | None) -> str | None:
    """Return v2's memory.swap.max for `memory.swap`, which counts memory and swap together.

    Raises:
        InvalidArgument: swap is limited and memory isn't, or swap is below the memory limit.
    """
    if not swap:
        # Unlimited memory makes no sense with the swap limit of an earlier update: as on v1,
        # where the sum can't be below the memory limit.
        return "max" if limit is not None and limit < 0 else None
    if swap < 0:
        return "max"
    if not limit or limit < 0:
        raise InvalidArgument(
            f"`linux.resources.memory.swap` is `{swap}`, but `memory.limit` isn't set: swap counts "
            "memory and swap together",
            hint="set `memory.limit` too",
        )
    if swap < limit:
        raise InvalidArgument(
            f"`linux.resources.memory.swap` is `{swap}`, below `memory.limit` `{limit}`: it counts "
            "memory and swap together",
            hint="make it at least the memory limit, or -1 for unlimited swap",
        )
    return str(swap - limit)
