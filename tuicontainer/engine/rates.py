"""Two readings of counters to statistics with rates. Pure.

Counters start again when a control group or an interface is made anew, and clocks can stand still
between two readings. A rate is None then, never negative and never infinite.
"""

from __future__ import annotations

from tuicontainer.engine.statistics import ContainerStats, InterfaceStats
from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.sample import CgroupSample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.sample import CpuSample, IoDeviceSample


class InterfaceCounters(Record):
    """What the kernel counted on one network interface since it was made."""

    name: str
    rx_bytes: int
    rx_packets: int
    tx_bytes: int
    tx_packets: int


class Reading(Record):
    """All counters of one container at one moment."""

    id: str
    instance: int
    sample: CgroupSample
    interfaces: tuple[InterfaceCounters, ...] = ()


def with_rates(now: Reading, before: Reading | None) -> ContainerStats:
    """Return the statistics of the interval between two readings.

    Args:
        now: the present reading.
        before: the one before, or None; another instance's is ignored, since its counters were
            another group's.
    """
    if before is not None and before.instance != now.instance:
        before = None
    sample = now.sample
    earlier = before.sample if before is not None else None
    elapsed = sample.monotonic_ns - earlier.monotonic_ns if earlier is not None else 0
    cpu_rate = _rate(sample.cpu.usage_ns, earlier.cpu.usage_ns if earlier else None, elapsed)
    of_core = None if cpu_rate is None else cpu_rate / 1e9 * 100
    cores = cpu_limit(sample.cpu)
    earlier_io = earlier.io if earlier is not None else None
    return ContainerStats(
        id=now.id,
        instance=now.instance,
        sample=sample,
        cpu_percent_of_core=of_core,
        cpu_percent_of_limit=of_core / cores if of_core is not None and cores else None,
        cpu_limit_cores=cores,
        throttled_percent=_throttled(sample.cpu, earlier.cpu) if earlier is not None else None,
        memory_percent_of_limit=_percent(sample.memory.usage, sample.memory.limit),
        io_read_bytes_per_s=_io_rate(sample.io, earlier_io, "read_bytes", elapsed),
        io_write_bytes_per_s=_io_rate(sample.io, earlier_io, "write_bytes", elapsed),
        io_read_ops_per_s=_io_rate(sample.io, earlier_io, "read_ops", elapsed),
        io_write_ops_per_s=_io_rate(sample.io, earlier_io, "write_ops", elapsed),
        interfaces=_interfaces(now, before, elapsed),
    )


def cpu_limit(cpu: CpuSample) -> float | None:
    """Return the number of cores that the quota allows; None without a quota."""
    if not cpu.quota_us or cpu.quota_us < 0 or not cpu.period_us:
        return None
    return cpu.quota_us / cpu.period_us


def host_cpu_percent(now: tuple[int, int], before: tuple[int, int] | None) -> float | None:
    """Return how busy all cores were, 0 to 100.

    Args:
        now: `(busy, total)` clock ticks since boot, from the first line of /proc/stat.
        before: the same at the reading before. Idle time can step back a little (proc(5)).
    """
    if before is None:
        return None
    busy, total = now[0] - before[0], now[1] - before[1]
    if total <= 0:
        return None
    return min(100.0, max(0.0, busy / total * 100))


def _rate(now: int | None, before: int | None, elapsed_ns: int) -> float | None:
    """Return units a second; None if it can't be known."""
    step = _step(now, before)
    return None if step is None or elapsed_ns <= 0 else step * 1e9 / elapsed_ns


def _step(now: int | None, before: int | None) -> int | None:
    """Return how far a counter has gone on; None if it was started again or isn't known."""
    return None if now is None or before is None or now < before else now - before


def _percent(part: int | None, whole: int | None) -> float | None:
    return part / whole * 100 if part is not None and whole else None


def _throttled(now: CpuSample, before: CpuSample) -> float | None:
    """Return the share of enforcement periods in which the group was throttled."""
    periods = _step(now.periods, before.periods)
    throttled = _step(now.throttled_periods, before.throttled_periods)
    if periods is None or throttled is None:
        return None
    # An idle group's period timer stops, so no period at all means that nothing was throttled.
    return min(100.0, throttled / periods * 100) if periods else 0.0


def _io_rate(
    now: tuple[IoDeviceSample, ...] | None,
    before: tuple[IoDeviceSample, ...] | None,
    counter: str,
    elapsed_ns: int,
) -> float | None:
    """Return the rate over all devices; one that appears counts from zero, as the kernel does."""
    if now is None or before is None or elapsed_ns <= 0:
        return None
    earlier = {(device.major, device.minor): getattr(device, counter) for device in before}
    grown = 0
    for device in now:
        step = getattr(device, counter) - earlier.get((device.major, device.minor), 0)
        if step < 0:
            return None
        grown += step
    return grown * 1e9 / elapsed_ns


def _interfaces(
    now: Reading, before: Reading | None, elapsed_ns: int
) -> tuple[InterfaceStats, ...]:
    earlier = {entry.name: entry for entry in before.interfaces} if before is not None else {}
    found = []
    for entry in now.interfaces:
        old = earlier.get(entry.name)
        found.append(
            InterfaceStats(
                name=entry.name,
                rx_bytes=entry.rx_bytes,
                tx_bytes=entry.tx_bytes,
                rx_packets=entry.rx_packets,
                tx_packets=entry.tx_packets,
                rx_bytes_per_s=_rate(entry.rx_bytes, old.rx_bytes if old else None, elapsed_ns),
                tx_bytes_per_s=_rate(entry.tx_bytes, old.tx_bytes if old else None, elapsed_ns),
            )
        )
    return tuple(found)
