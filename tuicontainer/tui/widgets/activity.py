"""The table of what was asked for in this session."""

from __future__ import annotations

from typing import ClassVar

from tuicontainer.tui.activity import Activity
from tuicontainer.tui.quantities import clock, short_span
from tuicontainer.tui.spans import Line, printable
from tuicontainer.tui.widgets.columns import Column
from tuicontainer.tui.widgets.table import Table


def _result(entry: Activity) -> Line:
    if entry.failure:
        return ((printable(entry.failure), "bad"),)
    if entry.took_ns is None:
        return (("under way…", "accent"),)
    return ((printable(entry.result) or "done", "good"),)


def _seconds(entry: Activity) -> float | None:
    return None if entry.took_ns is None else entry.took_ns / 1e9


class ActivityTable(Table[Activity]):
    """Every command with its form for a shell, its duration and its result."""

    COLUMNS: ClassVar[tuple[Column[Activity], ...]] = (
        Column(
            key="time",
            title="TIME",
            width=8,
            rank=2,
            cell=lambda entry: ((clock(entry.began_ns), "dim"),),
            value=lambda entry: entry.began_ns,
            unit="number",
        ),
        Column(
            key="command",
            title="COMMAND",
            width=20,
            most=110,
            rank=0,
            cell=lambda entry: ((printable(entry.command), "text"),),
            value=lambda entry: entry.command,
        ),
        Column(
            key="took",
            title="TOOK",
            width=6,
            rank=3,
            right=True,
            cell=lambda entry: ((short_span(entry.took_ns), "dim"),),
            value=_seconds,
            unit="seconds",
        ),
        Column(
            key="result",
            title="RESULT",
            width=10,
            most=120,
            rank=1,
            cell=_result,
            value=lambda entry: (
                entry.failure or entry.result or ("" if entry.took_ns is None else "done")
            ),
        ),
    )
    NATURAL = "newest"

    def key_of(self, item: Activity) -> str:
        """Return its number."""
        return str(item.number)

    def words_of(self, item: Activity) -> str:
        """Return command and result."""
        return f"{item.command} {item.failure}".lower()

    def natural_order(self, items: list[Activity]) -> list[Activity]:
        """Return *items*, newest first."""
        return sorted(items, key=lambda entry: -entry.number)
