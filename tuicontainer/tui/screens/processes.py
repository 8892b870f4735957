"""Which process of a container gets a signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.widget import Widget

from tuicontainer.observe.container import KernelView
from tuicontainer.observe.processes import ProcessView, process_tree
from tuicontainer.record import Record
from tuicontainer.tui.kernel.layout import tree_marks
from tuicontainer.tui.quantities import short_size
from tuicontainer.tui.screens.dialog import Dialog
from tuicontainer.tui.spans import printable
from tuicontainer.tui.widgets.columns import Column
from tuicontainer.tui.widgets.table import Table


class Branch(Record):
    """One process and what stands before it in the tree."""

    process: ProcessView
    mark: str


def command_of(process: ProcessView) -> str:
    """Return what a process runs, in one line."""
    return printable(" ".join(process.args)) or f"({printable(process.name)})"


class ProcessTable(Table[Branch]):
    """The tree of processes."""

    COLUMNS: ClassVar[tuple[Column[Branch], ...]] = (
        Column(
            key="pid",
            title="PID",
            width=7,
            rank=1,
            right=True,
            cell=lambda branch: ((str(branch.process.pid), "text"),),
        ),
        Column(
            key="inside",
            title="INSIDE",
            width=6,
            rank=2,
            right=True,
            cell=lambda branch: ((str(branch.process.inner_pid), "key"),),
        ),
        Column(
            key="memory",
            title="MEMORY",
            width=6,
            rank=3,
            right=True,
            cell=lambda branch: ((short_size(branch.process.resident), "dim"),),
        ),
        Column(
            key="command",
            title="COMMAND",
            width=16,
            most=200,
            rank=0,
            cell=lambda branch: ((branch.mark, "faint"), (command_of(branch.process), "text")),
        ),
    )

    def key_of(self, item: Branch) -> str:
        """Return its pid and start: a pid alone may come to mean another process."""
        return f"{item.process.pid} {item.process.started_ns}"

    def words_of(self, item: Branch) -> str:
        """Return pids and command."""
        process = item.process
        return f"{process.pid} {process.inner_pid} {command_of(process)}".lower()


class ProcessDialog(Dialog[ProcessView]):
    """Choose one process; the container's first one is under the cursor."""

    def __init__(self, container_id: str, seen: KernelView) -> None:
        super().__init__(f"Signal which process of {container_id}?", ("Choose", "Cancel"))
        self._table = ProcessTable(id="signals")
        tree = process_tree(seen.processes)
        marks = tree_marks([depth for _, depth in tree])
        self._table.set_items(
            [
                Branch(process=process, mark=mark)
                for (process, _), mark in zip(tree, marks, strict=True)
            ]
        )

    def content(self) -> Sequence[Widget]:
        """Return the tree."""
        return [self._table]

    def on_mount(self) -> None:
        """Give the keys to the tree."""
        self._table.focus()

    def action_accept(self) -> None:
        """Take the process under the cursor; without one nothing is meant."""
        branch = self._table.current
        self.dismiss(None if branch is None else branch.process)

    def on_table_opened(self) -> None:
        """A process was clicked twice."""
        self.action_accept()
