"""The table of containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tuicontainer.engine.statistics import ContainerStats
from tuicontainer.record import Record
from tuicontainer.spec.signals import signal_name
from tuicontainer.supervise.views import ContainerView
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
from tuicontainer.tui.widgets.table import Table

STATUS_LOOK = {
    "creating": ("◌", "info"),
    "created": ("○", "info"),
    "running": ("●", "good"),
    "paused": ("◐", "warning"),
    "stopped": ("·", "dim"),
}
"""Sign and tone of each status word."""

WARN_PERCENT, ALARM_PERCENT = 70.0, 90.0
"""Of a limit: from here a number is amber, then red."""


class ContainerRow(Record):
    """All that one row shows."""

    view: ContainerView
    stats: ContainerStats | None
    doing: str
    """What is being done to it now, such as `stopping`; else empty."""
    now_ns: int


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


def load_tone(share: float | None) -> str:
    """Return the tone of a percentage of a limit."""
    if share is None or share < WARN_PERCENT:
        return "text"
    return "warning" if share < ALARM_PERCENT else "bad"


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
    share = row.stats.cpu_percent_of_limit
    return ((percent(share), load_tone(share) if share is not None else "faint"),)


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
    share = row.stats.memory_percent_of_limit
    return ((percent(share), load_tone(share) if share is not None else "faint"),)


def _pids(row: ContainerRow) -> Line:
    count = None if row.stats is None else row.stats.sample.pids.current
    return () if row.stats is None else ((UNKNOWN if count is None else str(count), "text"),)


def _up(row: ContainerRow) -> Line:
    view = row.view
    if view.status in ("running", "paused"):
        return () if view.started_ns is None else ((span(row.now_ns - view.started_ns), "text"),)
    finished = None if view.exit is None else view.exit.finished_ns
    return () if finished is None else ((ago(row.now_ns - finished), "dim"),)


def _rates(row: ContainerRow, read: str, write: str) -> Line:
    if row.stats is None:
        return ()
    values = (getattr(row.stats, read), getattr(row.stats, write))
    if values == (None, None):
        return ((UNKNOWN, "faint"),)
    total = sum(value or 0.0 for value in values)
    return ((short_rate(total), "dim" if total == 0 else "text"),)


def _io(row: ContainerRow) -> Line:
    return _rates(row, "io_read_bytes_per_s", "io_write_bytes_per_s")


def _network(row: ContainerRow) -> Line:
    if row.stats is None or not row.stats.interfaces:
        return ()
    total = sum(
        (interface.rx_bytes_per_s or 0.0) + (interface.tx_bytes_per_s or 0.0)
        for interface in row.stats.interfaces
        if interface.name != "lo"
    )
    return ((short_rate(total), "dim" if total == 0 else "text"),)


def _pressure(row: ContainerRow) -> Line:
    pressure = {} if row.stats is None else row.stats.sample.pressure
    if not pressure:
        return ()
    worst = max(sample.some_avg10 for sample in pressure.values())
    return ((percent(worst), "warning" if worst >= 10 else "dim"),)


CONTAINER_COLUMNS: tuple[Column[ContainerRow], ...] = (
    Column(key="name", title="NAME", width=10, most=20, rank=0, cell=_name),
    Column(key="status", title="STATUS", width=10, rank=1, cell=_status),
    Column(key="cpu", title="CPU/CORE", width=9, rank=3, cell=_cpu, right=True),
    Column(key="cpu_limit", title="OF LIMIT", width=8, rank=8, cell=_cpu_of_limit, right=True),
    Column(key="throttled", title="THROTTLED", width=9, rank=11, cell=_throttled, right=True),
    Column(key="memory", title="MEMORY", width=7, rank=2, cell=_memory, right=True),
    Column(key="mem_limit", title="OF LIMIT", width=8, rank=7, cell=_memory_of_limit, right=True),
    Column(key="pids", title="PIDS", width=4, rank=6, cell=_pids, right=True),
    Column(key="io", title="I/O", width=8, rank=12, cell=_io, right=True),
    Column(key="network", title="NETWORK", width=8, rank=13, cell=_network, right=True),
    Column(key="pressure", title="PRESSURE", width=8, rank=14, cell=_pressure, right=True),
    Column(key="up", title="UP", width=7, rank=5, cell=_up, right=True),
    Column(key="result", title="RESULT", width=8, most=12, rank=4, cell=_result),
    Column(
        key="bundle",
        title="BUNDLE",
        width=8,
        most=16,
        rank=10,
        cell=lambda row: ((printable(row.view.bundle_name), "dim"),),
    ),
    Column(
        key="pid",
        title="PID",
        width=8,
        rank=15,
        right=True,
        cell=lambda row: ((str(row.view.pid or ""), "dim"),),
    ),
    Column(
        key="command",
        title="COMMAND",
        width=12,
        most=60,
        rank=16,
        cell=lambda row: ((printable(" ".join(row.view.args)), "dim"),),
    ),
)
"""In the order of the screen; `rank` says which stay where there is little room."""

_STATUS_ORDER = ("running", "paused", "creating", "created", "stopped")


class ContainerTable(Table[ContainerRow]):
    """Live and stopped containers with what each uses."""

    COLUMNS = CONTAINER_COLUMNS
    ORDERS: ClassVar[tuple[str, ...]] = ("newest", "name", "status", "cpu", "memory")
    FALLING: ClassVar[frozenset[str]] = frozenset(("newest", "cpu", "memory"))

    def key_of(self, item: ContainerRow) -> str:
        """Return the container's id."""
        return item.view.id

    def words_of(self, item: ContainerRow) -> str:
        """Return id, status, bundle, result and command."""
        view = item.view
        result = result_of(view)[0]
        words = (view.id, view.status, view.bundle_name, result, *view.args)
        return " ".join(words).lower()

    def sorted_items(self, items: list[ContainerRow]) -> list[ContainerRow]:
        """Return *items* in the present order; equals stay newest first."""
        items = sorted(items, key=lambda row: (-row.view.created_ns, row.view.id))
        if self.order == "name":
            items.sort(key=lambda row: row.view.id)
        elif self.order == "status":
            items.sort(key=lambda row: _STATUS_ORDER.index(row.view.status))
        elif self.order == "cpu":
            items.sort(key=lambda row: -(_used(row, "cpu")))
        elif self.order == "memory":
            items.sort(key=lambda row: -(_used(row, "memory")))
        return items

    def show_containers(
        self,
        views: Mapping[str, ContainerView],
        stats: Mapping[str, ContainerStats],
        doing: Mapping[str, str],
        now_ns: int,
    ) -> None:
        """Show the containers as they are now."""
        self.set_items(
            [
                ContainerRow(
                    view=view,
                    stats=stats.get(view.id),
                    doing=doing.get(view.id, ""),
                    now_ns=now_ns,
                )
                for view in views.values()
            ]
        )


def _used(row: ContainerRow, what: str) -> float:
    if row.stats is None:
        return -1.0
    value = row.stats.cpu_percent_of_core if what == "cpu" else row.stats.sample.memory.usage
    return value or 0.0
