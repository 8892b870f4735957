"""What the table of containers shows of each, in its columns. Pure."""

from __future__ import annotations

from collections.abc import Callable

from tuicontainer.engine.statistics import ContainerStats
from tuicontainer.record import Record
from tuicontainer.spec.signals import signal_name
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.preferences import Preferences
from tuicontainer.tui.quantities import (
    UNKNOWN,
    ago,
    percent,
    short_rate,
    short_size,
    span,
)
from tuicontainer.tui.spans import Line, printable
from tuicontainer.tui.widgets.columns import Column

STATUS_LOOK = {
    "creating": ("◌", "info"),
    "created": ("○", "info"),
    "running": ("●", "good"),
    "paused": ("◐", "warning"),
    "stopped": ("·", "dim"),
}
"""Sign and tone of each status word."""


class ContainerRow(Record):
    """All that one row shows."""

    view: ContainerView
    stats: ContainerStats | None
    doing: str
    """What is being done to it now, such as `stopping`; else empty."""
    now_ns: int
    preferences: Preferences


def result_of(view: ContainerView) -> tuple[str, str]:
    """Return in two or three words how the last instance ended, and their tone."""
    ended = view.exit
    if view.status != "stopped" or ended is None:
        return "", "dim"
    if ended.oom_killed:
        return "OOM kill", "bad"
    if ended.reason in ("failed", "reboot", "unknown"):
        return ended.reason, "bad" if ended.reason == "failed" else "warning"
    if ended.status is None:
        return "unknown", "warning"
    if ended.reason == "signaled" and ended.status > 128:
        return f"SIG{signal_name(ended.status - 128)}", "warning"
    return f"exit {ended.status}", "dim" if ended.status == 0 else "bad"


_LEVEL_TONES = {"low": "text", "middle": "warning", "high": "bad"}


def _share(row: ContainerRow, what: str, share: float | None) -> Line:
    """Return a percentage of a limit, amber or red from the thresholds on."""
    tone = "faint" if share is None else _LEVEL_TONES[row.preferences.tone(what, share)]
    return ((percent(share), tone),)


def _name(row: ContainerRow) -> Line:
    tone = "strong" if row.view.status in ("running", "paused") else "text"
    return ((row.view.id, tone),)


def _status(row: ContainerRow) -> Line:
    sign, tone = STATUS_LOOK[row.view.status]
    return ((f"{sign} ", tone), (row.view.status, tone))


def _result(row: ContainerRow) -> Line:
    if row.doing:
        return ((f"{row.doing}…", "accent"),)
    text, tone = result_of(row.view)
    if not text and not row.view.supervised:
        return (("unsupervised", "warning"),)
    return ((text, tone),)


def _cpu(row: ContainerRow) -> Line:
    if row.stats is None:
        return ()
    return ((percent(row.stats.cpu_percent_of_core), "text"),)


def _cpu_of_limit(row: ContainerRow) -> Line:
    if row.stats is None:
        return ()
    return _share(row, "cpu", row.stats.cpu_percent_of_limit)


def _throttled(row: ContainerRow) -> Line:
    share = None if row.stats is None else row.stats.throttled_percent
    if row.stats is None:
        return ()
    return ((percent(share), "warning" if share and share >= 1 else "dim"),)


def _memory(row: ContainerRow) -> Line:
    return () if row.stats is None else ((short_size(row.stats.sample.memory.usage), "text"),)


def _memory_of_limit(row: ContainerRow) -> Line:
    if row.stats is None:
        return ()
    return _share(row, "memory", row.stats.memory_percent_of_limit)


def _pids(row: ContainerRow) -> Line:
    count = None if row.stats is None else row.stats.sample.pids.current
    return () if row.stats is None else ((UNKNOWN if count is None else str(count), "text"),)


def _up(row: ContainerRow) -> Line:
    view = row.view
    if view.status in ("running", "paused"):
        return () if view.started_ns is None else ((span(row.now_ns - view.started_ns), "text"),)
    finished = None if view.exit is None else view.exit.finished_ns
    return () if finished is None else ((ago(row.now_ns - finished), "dim"),)


def io_rate(stats: ContainerStats) -> float | None:
    """Return the bytes a second read and written, None where the host doesn't count them."""
    rates = (stats.io_read_bytes_per_s, stats.io_write_bytes_per_s)
    return None if rates == (None, None) else sum(rate or 0.0 for rate in rates)


def network_rate(stats: ContainerStats) -> float | None:
    """Return the bytes a second received and sent; None without an interface but the loopback."""
    rates = [
        rate or 0.0
        for interface in stats.interfaces
        if interface.name != "lo"
        for rate in (interface.rx_bytes_per_s, interface.tx_bytes_per_s)
    ]
    return sum(rates) if rates else None


def worst_pressure(stats: ContainerStats) -> float | None:
    """Return the largest share of the last 10 s in which tasks waited for something."""
    return max((one.some_avg10 for one in stats.sample.pressure.values()), default=None)


def _rate(value: float | None) -> Line:
    if value is None:
        return ((UNKNOWN, "faint"),)
    return ((short_rate(value), "dim" if value == 0 else "text"),)


def _io(row: ContainerRow) -> Line:
    return () if row.stats is None else _rate(io_rate(row.stats))


def _network(row: ContainerRow) -> Line:
    value = None if row.stats is None else network_rate(row.stats)
    # Nothing rather than a dash: most containers have only a loopback.
    return () if value is None else _rate(value)


def _pressure(row: ContainerRow) -> Line:
    worst = None if row.stats is None else worst_pressure(row.stats)
    if worst is None:
        return ()
    level = row.preferences.tone("pressure", worst)
    return ((percent(worst), "dim" if level == "low" else _LEVEL_TONES[level]),)


def _uptime(row: ContainerRow) -> float | None:
    """Return the seconds since it was started, or since it ended."""
    view = row.view
    if view.status in ("running", "paused"):
        since = view.started_ns
    else:
        since = None if view.exit is None else view.exit.finished_ns
    return None if since is None else (row.now_ns - since) / 1e9


def _of(read: Callable[[ContainerStats], float | None]) -> Callable[[ContainerRow], float | None]:
    """Return what reads a statistic of a row, None where there are none."""
    return lambda row: None if row.stats is None else read(row.stats)


_STATUS_ORDER = ("running", "paused", "creating", "created", "stopped")

CONTAINER_COLUMNS: tuple[Column[ContainerRow], ...] = (
    Column(
        key="name",
        title="NAME",
        width=10,
        most=20,
        rank=0,
        cell=_name,
        value=lambda row: row.view.id,
    ),
    Column(
        key="status",
        title="STATUS",
        width=10,
        rank=1,
        cell=_status,
        value=lambda row: row.view.status,
        rank_of=lambda row: _STATUS_ORDER.index(row.view.status),
    ),
    Column(
        key="cpu",
        title="CPU/CORE",
        width=9,
        rank=3,
        cell=_cpu,
        right=True,
        value=_of(lambda stats: stats.cpu_percent_of_core),
        unit="percent",
    ),
    Column(
        key="cpu-limit",
        title="OF LIMIT",
        width=8,
        rank=8,
        cell=_cpu_of_limit,
        right=True,
        value=_of(lambda stats: stats.cpu_percent_of_limit),
        unit="percent",
    ),
    Column(
        key="throttled",
        title="THROTTLED",
        width=9,
        rank=11,
        cell=_throttled,
        right=True,
        value=_of(lambda stats: stats.throttled_percent),
        unit="percent",
    ),
    Column(
        key="memory",
        title="MEMORY",
        width=7,
        rank=2,
        cell=_memory,
        right=True,
        value=_of(lambda stats: stats.sample.memory.usage),
        unit="bytes",
    ),
    Column(
        key="memory-limit",
        title="OF LIMIT",
        width=8,
        rank=7,
        cell=_memory_of_limit,
        right=True,
        value=_of(lambda stats: stats.memory_percent_of_limit),
        unit="percent",
    ),
    Column(
        key="pids",
        title="PIDS",
        width=4,
        rank=6,
        cell=_pids,
        right=True,
        value=_of(lambda stats: stats.sample.pids.current),
        unit="number",
    ),
    Column(
        key="io",
        title="I/O",
        width=8,
        rank=12,
        cell=_io,
        right=True,
        value=_of(io_rate),
        unit="bytes",
    ),
    Column(
        key="network",
        title="NETWORK",
        width=8,
        rank=13,
        cell=_network,
        right=True,
        value=_of(network_rate),
        unit="bytes",
    ),
    Column(
        key="pressure",
        title="PRESSURE",
        width=8,
        rank=14,
        cell=_pressure,
        right=True,
        value=_of(worst_pressure),
        unit="percent",
    ),
    Column(
        key="up",
        title="UP",
        width=7,
        rank=5,
        cell=_up,
        right=True,
        value=_uptime,
        unit="seconds",
    ),
    Column(
        key="result",
        title="RESULT",
        width=8,
        most=12,
        rank=4,
        cell=_result,
        value=lambda row: result_of(row.view)[0],
    ),
    Column(
        key="bundle",
        title="BUNDLE",
        width=8,
        most=16,
        rank=10,
        cell=lambda row: ((printable(row.view.bundle_name), "dim"),),
        value=lambda row: row.view.bundle_name,
    ),
    Column(
        key="pid",
        title="PID",
        width=8,
        rank=15,
        right=True,
        cell=lambda row: ((str(row.view.pid or ""), "dim"),),
        value=lambda row: row.view.pid or None,
        unit="number",
    ),
    Column(
        key="restarts",
        title="RESTARTS",
        width=8,
        rank=17,
        right=True,
        cell=lambda row: ((str(row.view.instance - 1), "dim"),),
        value=lambda row: row.view.instance - 1,
        unit="number",
    ),
    Column(
        key="command",
        title="COMMAND",
        width=12,
        most=60,
        rank=16,
        cell=lambda row: ((printable(" ".join(row.view.args)), "dim"),),
        value=lambda row: " ".join(row.view.args),
    ),
)
"""In the order of the screen; `rank` says which stay where there is little room."""
