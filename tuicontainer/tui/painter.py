"""Draws the panes from the model: once for all that changed, and only what can be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from tuicontainer.engine.api import Engine
from tuicontainer.engine.statistics import ContainerStats, HostStats
from tuicontainer.tui.filler import DetailsFiller
from tuicontainer.tui.gauges import Samples, compact_lines, full_lines, host_lines
from tuicontainer.tui.model import Model
from tuicontainer.tui.preferences import Preferences
from tuicontainer.tui.spans import Line
from tuicontainer.tui.widgets.activity import ActivityTable
from tuicontainer.tui.widgets.bundles import BundleTable
from tuicontainer.tui.widgets.container_columns import result_of
from tuicontainer.tui.widgets.containers import ContainerTable
from tuicontainer.tui.widgets.graphs import SizedView
from tuicontainer.tui.widgets.header import Header
from tuicontainer.tui.widgets.table import Table

_COMPACT_HEIGHT = 13
"""Below this many lines the gauges have no legends."""


class Painter:
    """Brings widgets up to date."""

    def __init__(self, screen: Screen[None], model: Model, filler: DetailsFiller) -> None:
        self._model = model
        self._filler = filler
        self._header = screen.query_one(Header)
        self._bundles = screen.query_one(BundleTable)
        self._containers = screen.query_one(ContainerTable)
        self._gauges = screen.query_one("#gauges", SizedView)
        self._activity = screen.query_one(ActivityTable)
        self._titles: dict[Widget, tuple[str, str]] = {}
        self.engine: Engine | None = None

    def paint(self, parts: set[str]) -> None:
        """Draw what depends on *parts* of the model."""
        if parts & {"info", "bundles"}:
            self._paint_bundles()
        if parts & {"info", "containers", "tick", "bundles"}:
            self._paint_containers()
            self.paint_gauges()
        if "activity" in parts:
            self._paint_activity()
        self._header.show_model(self._model)
        if parts & {"containers", "bundles"}:
            self._filler.refresh()
        if "kernel" in parts:
            self._filler.look_again()
        if "tick" in parts:
            self._filler.tick()

    def paint_gauges(self) -> None:
        """Draw the gauges of the container under the cursor, or of the host."""
        model, container_id = self._model, self._containers.cursor_key
        view = model.container(container_id)
        if view is None:
            self._title(self._gauges, "3 Gauges", "host")
            self._gauges.show_made(_host(model.host))
            return
        self._title(self._gauges, "3 Gauges", view.id)
        stats = model.stats(view.id)
        samples = () if self.engine is None else self.engine.stats_history(view.id)
        note: Line = ()
        if stats is None:
            word, tone = result_of(view)
            note = ((f"{view.status}, {word}" if word else view.status, tone),)
            if samples and samples[-1][1].instance == view.instance and view.status == "stopped":
                stats = samples[-1][1]
                note = ((word or view.status, tone), (" · last values", "dim"))
        self._gauges.show_made(_gauges(stats, samples, model.preferences, note))

    def _paint_bundles(self) -> None:
        table, model = self._bundles, self._model
        bundles = model.bundles
        if bundles is None:
            self._title(table, "1 Bundles", "")
            return
        roots = () if model.info is None else model.info.bundle_roots
        where = " or ".join(roots) or "a bundle root"
        table.empty = (
            "No bundles here.",
            f"Put a folder with a config.json and a rootfs into {where}, or start with --bundles.",
            "It appears here at once.",
        )
        table.set_items(bundles)
        self.paint_count()

    def _paint_containers(self) -> None:
        table, model = self._containers, self._model
        if model.containers is None:
            self._title(table, "2 Containers", "")
            return
        table.empty = _containers_help(model)
        stats = {} if model.tick is None else model.tick.containers
        live = {key: stats[key] for key in stats if model.stats(key) is not None}
        table.show_containers(
            model.containers, live, model.doing, model.now_ns(), model.preferences
        )
        self.paint_count()

    def _paint_activity(self) -> None:
        self._activity.empty = ("Nothing was done yet in this session.",)
        self._activity.set_items(self._model.activity.entries)
        self.paint_count()

    def paint_count(self) -> None:
        """Say how many items lists have, how many are marked and pass the filter, and the order."""
        facts = _counts(self._containers)
        if self._model.undoable:
            back = f"u brings {self._model.undoable[-1]} back"
            facts = f"{facts} · {back}" if facts else back
        self._title(self._containers, "2 Containers", facts)
        self._title(self._activity, "A Activity", _counts(self._activity))
        if self._model.bundles is not None:
            self._title(self._bundles, "1 Bundles", _counts(self._bundles))

    def _title(self, pane: Widget, title: str, aside: str) -> None:
        """Set a pane's frame texts; Textual repaints the pane each time, so only when needed."""
        if self._titles.get(pane) != (title, aside):
            self._titles[pane] = (title, aside)
            pane.border_title = Content(title)
            pane.border_subtitle = Content(aside)


def _counts(table: Table[Any]) -> str:
    parts = []
    if table.filter:
        parts.append(f"{len(table.items)} of {len(table.all_items)} match {table.filter}")
    elif table.all_items:
        parts.append(str(len(table.all_items)))
    if table.marks:
        parts.append(f"{len(table.marks)} marked")
    if table.order != table.NATURAL or table.reverse:
        parts.append(f"by {table.order}{' reversed' if table.reverse else ''}")
    return " · ".join(parts)


def _containers_help(model: Model) -> tuple[str, ...]:
    """Return what to press when there is no container, or why nothing can be pressed."""
    if model.info is None:
        return ()
    if not model.info.root:
        return (
            "You aren't root.",
            "Bundles can be looked at; starting, stopping and watching containers needs root:",
            "sudo tuicontainer",
        )
    if model.rights.read_only:
        return ("No containers.", "This session is read-only: it shows what others start.")
    if not model.bundles:
        return ("No containers yet.", "They are made from bundles, and there is none yet.")
    return (
        "No containers yet.",
        "Press 1, choose a bundle with j and k, and press s to start it.",
        "? shows all keys.",
    )


def _gauges(
    stats: ContainerStats | None, samples: Samples, preferences: Preferences, note: Line = ()
) -> Callable[[int, int], list[Line]]:
    """Return what makes the gauges of one container for a size."""

    def make(width: int, height: int) -> list[Line]:
        above: list[Line] = [note, ()] if note else []
        if stats is None:
            return above
        if height < _COMPACT_HEIGHT:
            return [*above, *compact_lines(stats, preferences, width)]
        return [*above, *full_lines(stats, samples, preferences, width, height - len(above))]

    return make


def _host(host: HostStats | None) -> Callable[[int, int], list[Line]]:
    """Return what makes the gauges of the machine."""

    def make(width: int, height: int) -> list[Line]:  # noqa: ARG001 - few lines at any height
        if host is None:
            return []
        return host_lines(host, width)

    return make
