"""The list of bundles."""

from __future__ import annotations

from typing import ClassVar

from tuicontainer.bundles.views import BundleView
from tuicontainer.tui.spans import Line, printable
from tuicontainer.tui.widgets.columns import Column
from tuicontainer.tui.widgets.table import Table


def _name(bundle: BundleView) -> Line:
    if bundle.problem:
        return (("! ", "bad"), (printable(bundle.name), "dim"))
    return ((printable(bundle.name), "strong"),)


def _description(bundle: BundleView) -> Line:
    if bundle.problem:
        return ((printable(bundle.problem), "bad"),)
    return ((printable(bundle.description or " ".join(bundle.args)), "dim"),)


class BundleTable(Table[BundleView]):
    """What containers can be made from."""

    COLUMNS: ClassVar[tuple[Column[BundleView], ...]] = (
        Column(
            key="name",
            title="NAME",
            width=10,
            most=14,
            rank=0,
            cell=_name,
            value=lambda bundle: bundle.name,
        ),
        Column(
            key="about",
            title="WHAT IT IS",
            width=16,
            most=80,
            rank=1,
            cell=_description,
            value=lambda bundle: bundle.problem or bundle.description,
        ),
    )
    NATURAL = "use"

    def key_of(self, item: BundleView) -> str:
        """Return the bundle's path."""
        return item.path

    def words_of(self, item: BundleView) -> str:
        """Return name, description and problem."""
        return f"{item.name} {item.description} {item.problem}".lower()

    def natural_order(self, items: list[BundleView]) -> list[BundleView]:
        """Return *items* by name, those of no use last."""
        return sorted(items, key=lambda bundle: (bool(bundle.problem), bundle.name))
