"""The table of containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tuicontainer.engine.statistics import ContainerStats
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.preferences import Preferences
from tuicontainer.tui.widgets.container_columns import CONTAINER_COLUMNS, ContainerRow, result_of
from tuicontainer.tui.widgets.table import Table


class ContainerTable(Table[ContainerRow]):
    """Live and stopped containers with what each uses."""

    COLUMNS = CONTAINER_COLUMNS
    NATURAL = "newest"
    ALIASES: ClassVar[Mapping[str, str]] = {"mem": "memory", "id": "name", "net": "network"}

    def key_of(self, item: ContainerRow) -> str:
        """Return the container's id."""
        return item.view.id

    def words_of(self, item: ContainerRow) -> str:
        """Return id, status, bundle, result and command."""
        view = item.view
        result = result_of(view)[0]
        words = (view.id, view.status, view.bundle_name, result, *view.args)
        return " ".join(words).lower()

    def natural_order(self, items: list[ContainerRow]) -> list[ContainerRow]:
        """Return *items*, newest first."""
        return sorted(items, key=lambda row: (-row.view.created_ns, row.view.id))

    def show_containers(
        self,
        views: Mapping[str, ContainerView],
        stats: Mapping[str, ContainerStats],
        doing: Mapping[str, str],
        now_ns: int,
        preferences: Preferences,
    ) -> None:
        """Show the containers as they are now."""
        self.set_items(
            [
                ContainerRow(
                    view=view,
                    stats=stats.get(view.id),
                    doing=doing.get(view.id, ""),
                    now_ns=now_ns,
                    preferences=preferences,
                )
                for view in views.values()
            ]
        )
