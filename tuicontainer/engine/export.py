"""A container's history as a table for other programs: CSV or JSON. Pure.

Both have the same columns, with their units in the names. What wasn't measured is empty in CSV and
null in JSON. Sources: RFC 4180 for CSV, RFC 3339 for times.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from tuicontainer.engine.statistics import ContainerStats

History = Sequence[tuple[int, ContainerStats]]
"""Nanoseconds since the epoch, and what was measured then; oldest first."""
Value = int | float | None

COLUMNS: dict[str, Callable[[ContainerStats], Value]] = {
    "instance": lambda stats: stats.instance,
    "cpu_percent_of_core": lambda stats: stats.cpu_percent_of_core,
    "cpu_percent_of_limit": lambda stats: stats.cpu_percent_of_limit,
    "cpu_limit_cores": lambda stats: stats.cpu_limit_cores,
    "cpu_usage_ns": lambda stats: stats.sample.cpu.usage_ns,
    "throttled_percent": lambda stats: stats.throttled_percent,
    "memory_bytes": lambda stats: stats.sample.memory.usage,
    "memory_limit_bytes": lambda stats: stats.sample.memory.limit,
    "memory_anon_bytes": lambda stats: stats.sample.memory.anon,
    "memory_file_bytes": lambda stats: stats.sample.memory.file,
    "memory_peak_bytes": lambda stats: stats.sample.memory.peak,
    "oom_kills": lambda stats: stats.sample.memory.oom_kills,
    "pids": lambda stats: stats.sample.pids.current,
    "io_read_bytes_per_s": lambda stats: stats.io_read_bytes_per_s,
    "io_write_bytes_per_s": lambda stats: stats.io_write_bytes_per_s,
    "io_read_ops_per_s": lambda stats: stats.io_read_ops_per_s,
    "io_write_ops_per_s": lambda stats: stats.io_write_ops_per_s,
    "rx_bytes_per_s": lambda stats: _network(stats, "rx_bytes_per_s"),
    "tx_bytes_per_s": lambda stats: _network(stats, "tx_bytes_per_s"),
    "pressure_cpu_some_percent": lambda stats: _pressure(stats, "cpu"),
    "pressure_memory_some_percent": lambda stats: _pressure(stats, "memory"),
    "pressure_io_some_percent": lambda stats: _pressure(stats, "io"),
}
"""After `time`; pressure is of the last ten seconds, network of all interfaces but loopback."""


def csv_lines(history: History) -> Iterator[str]:
    """Yield a heading and a line for each time; all values are numbers, so none needs quotes."""
    yield ",".join(["time", *COLUMNS])
    for row in _rows(history):
        yield ",".join("" if value is None else str(value) for value in row.values())


def json_lines(container_id: str, history: History) -> Iterator[str]:
    """Yield the lines of one document: `container`, and `samples` with an object for each time."""
    yield f'{{"container": {json.dumps(container_id)}, "samples": ['
    before = ""
    for row in _rows(history):
        if before:
            yield f"{before},"
        before = json.dumps(row)
    if before:
        yield before
    yield "]}"


def _rows(history: History) -> Iterable[dict[str, str | Value]]:
    for time_ns, stats in history:
        yield {
            "time": _rfc3339(time_ns),
            **{name: _rounded(read(stats)) for name, read in COLUMNS.items()},
        }


def _rounded(value: Value) -> Value:
    """Rates have more digits than were measured."""
    return round(value, 3) if isinstance(value, float) else value


def _network(stats: ContainerStats, name: str) -> float | None:
    rates = [getattr(entry, name) for entry in stats.interfaces if entry.name != "lo"]
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known else None


def _pressure(stats: ContainerStats, kind: str) -> float | None:
    found = {str(name): sample for name, sample in stats.sample.pressure.items()}.get(kind)
    return None if found is None else found.some_avg10


def _rfc3339(time_ns: int) -> str:
    seconds, rest = divmod(time_ns, 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest // 1_000_000:03}Z"
