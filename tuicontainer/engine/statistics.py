"""Statistics with rates, as doors see them: made from two samples, immutable."""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.sample import CgroupSample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class InterfaceStats(Record):
    """One network interface inside the container's network namespace."""

    name: str
    rx_bytes: int
    tx_bytes: int
    rx_packets: int
    tx_packets: int
    rx_bytes_per_s: float | None = None
    tx_bytes_per_s: float | None = None


class ContainerStats(Record):
    """One container at one tick. None: unknown on this host, or no earlier sample to compare."""

    id: str
    instance: int
    sample: CgroupSample
    cpu_percent_of_core: float | None = None
    """100 is one core fully used; may exceed 100."""
    cpu_percent_of_limit: float | None = None
    """100 is all that the CPU quota allows; None without a quota."""
    cpu_limit_cores: float | None = None
    throttled_percent: float | None = None
    """Share of the enforcement periods of this interval in which the group was throttled."""
    memory_percent_of_limit: float | None = None
    io_read_bytes_per_s: float | None = None
    io_write_bytes_per_s: float | None = None
    io_read_ops_per_s: float | None = None
    io_write_ops_per_s: float | None = None
    interfaces: tuple[InterfaceStats, ...] = ()


class HostStats(Record):
    """The whole machine at one tick."""

    cpu_count: int
    cpu_percent: float | None
    """100 is all cores."""
    memory_total: int
    memory_available: int
    load_1: float


class StatsTick(Record):
    """All running containers at one moment: one immutable snapshot."""

    time_ns: int
    """Nanoseconds since the epoch."""
    host: HostStats
    containers: Mapping[str, ContainerStats]
    """By container id; only those that have a control group now."""
