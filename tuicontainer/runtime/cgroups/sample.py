"""What one reading of a container's control group holds: counters as the kernel gives them.

None always means that this host doesn't tell (no such controller, no such file), never zero.
Rates are computed from two samples by the engine. Sources: Documentation/admin-guide/cgroup-v2.rst,
cgroup-v1/*.rst, accounting/psi.rst.
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    PressureKind = Literal["cpu", "memory", "io"]


class CpuSample(Record):
    """CPU time and throttling; times in nanoseconds, quota and period in microseconds."""

    usage_ns: int | None = None
    user_ns: int | None = None
    system_ns: int | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_ns: int | None = None
    quota_us: int | None = None
    """CPU time allowed in each period; None means no limit."""
    period_us: int | None = None


class MemorySample(Record):
    """Memory in bytes."""

    usage: int | None = None
    limit: int | None = None
    """None means no limit."""
    peak: int | None = None
    swap: int | None = None
    swap_limit: int | None = None
    anon: int | None = None
    file: int | None = None
    shmem: int | None = None
    kernel: int | None = None
    slab: int | None = None
    sock: int | None = None
    inactive_file: int | None = None
    oom_kills: int | None = None
    """Processes killed by the kernel for want of memory, since the group was made."""


class PidsSample(Record):
    """Tasks."""

    current: int | None = None
    limit: int | None = None
    """None means no limit."""


class IoDeviceSample(Record):
    """Bytes and operations on one block device since the group was made."""

    major: int
    minor: int
    read_bytes: int = 0
    write_bytes: int = 0
    read_ops: int = 0
    write_ops: int = 0


class PressureSample(Record):
    """Pressure stall information of one resource; averages in percent, totals in microseconds."""

    some_avg10: float
    some_avg60: float
    some_avg300: float
    some_total_us: int
    full_avg10: float | None = None
    full_avg60: float | None = None
    full_avg300: float | None = None
    full_total_us: int | None = None


class CgroupSample(Record):
    """All counters of one control group at one moment."""

    monotonic_ns: int
    cpu: CpuSample = CpuSample()
    memory: MemorySample = MemorySample()
    pids: PidsSample = PidsSample()
    io: tuple[IoDeviceSample, ...] | None = None
    pressure: Mapping[PressureKind, PressureSample] = {}
    """Empty where the kernel has no PSI or it is disabled."""
