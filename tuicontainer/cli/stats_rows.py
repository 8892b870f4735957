"""Statistics as rows: JSON objects for programs, cells for people. Pure.

Units are in the names; null means that this host doesn't tell, or that there is no earlier reading
to compare with.
"""

from __future__ import annotations

from tuicontainer.cli.quantities import format_percent, format_size, rfc3339

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tuicontainer.engine.statistics import ContainerStats, StatsTick

HEADINGS = ("ID", "CPU", "OF LIMIT", "THROTTLED", "MEMORY", "LIMIT", "PIDS", "READ/S", "WRITE/S",
            "RX/S", "TX/S")  # fmt: skip


def tick_object(tick: StatsTick, shown: Iterable[ContainerStats]) -> dict[str, Any]:
    """Return one tick as the JSON object that `stats --format json` prints on a line."""
    return {
        "time": rfc3339(tick.time_ns),
        "host": dict(tick.host.items()),
        "containers": [stats_object(entry) for entry in shown],
    }


def stats_object(stats: ContainerStats) -> dict[str, Any]:
    """Return one container's statistics as a JSON object."""
    sample = stats.sample
    own = {name: value for name, value in stats.items() if name not in ("sample", "interfaces")}
    return {
        **own,
        "cpu": dict(sample.cpu.items()),
        "memory": dict(sample.memory.items()),
        "pids": dict(sample.pids.items()),
        "io": None if sample.io is None else [dict(device.items()) for device in sample.io],
        "pressure": {kind: dict(entry.items()) for kind, entry in sample.pressure.items()},
        "interfaces": [dict(interface.items()) for interface in stats.interfaces],
    }


def stats_cells(stats: ContainerStats) -> tuple[str, ...]:
    """Return one container's statistics as cells below `HEADINGS`."""
    sample = stats.sample
    pids = sample.pids.current
    return (
        stats.id,
        format_percent(stats.cpu_percent_of_core),
        format_percent(stats.cpu_percent_of_limit),
        format_percent(stats.throttled_percent),
        format_size(sample.memory.usage),
        format_size(sample.memory.limit),
        "-" if pids is None else str(pids),
        format_size(stats.io_read_bytes_per_s),
        format_size(stats.io_write_bytes_per_s),
        format_size(_total(stats, "rx_bytes_per_s")),
        format_size(_total(stats, "tx_bytes_per_s")),
    )


def _total(stats: ContainerStats, rate: str) -> float | None:
    """Return a rate over all interfaces but loopback."""
    rates = [getattr(entry, rate) for entry in stats.interfaces if entry.name != "lo"]
    known = [value for value in rates if value is not None]
    return sum(known) if known else None
