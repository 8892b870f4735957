"""The process tree with the pids of both sides. Pure.

Source: proc_pid_status(5) for the states.
"""

from __future__ import annotations

from tuicontainer.observe.container import KernelView
from tuicontainer.observe.processes import ProcessView, process_tree
from tuicontainer.tui.kernel.layout import rows, tree_marks
from tuicontainer.tui.quantities import short_size, short_span
from tuicontainer.tui.spans import Line, printable

_STATES = {
    "R": ("runs", "good"),
    "S": ("sleeps", "text"),
    "D": ("waits for I/O", "warning"),
    "T": ("stopped", "warning"),
    "t": ("traced", "warning"),
    "Z": ("zombie", "bad"),
    "I": ("idle", "dim"),
}
_TITLES = (">PID", ">INSIDE", "STATE", ">USER", ">THREADS", ">MEMORY", ">CPU TIME", "COMMAND")


def process_lines(seen: KernelView, width: int) -> list[Line]:
    """Return one process a line, children below their parents."""
    tree = process_tree(seen.processes)
    marks = tree_marks([depth for _, depth in tree])
    cells = [
        _cells(process, mark, seen.pid) for (process, _), mark in zip(tree, marks, strict=True)
    ]
    return rows(_TITLES, cells, width)


def _cells(process: ProcessView, mark: str, first: int) -> list[Line]:
    state, tone = _STATES.get(process.state, (process.state, "text"))
    command = printable(" ".join(process.args)) or f"({printable(process.name)})"
    return [
        ((str(process.pid), "text"),),
        ((str(process.inner_pid), "key"),),
        ((state, tone),),
        ((str(process.uid), "bad" if process.uid == 0 else "dim"),),
        ((str(process.threads), "dim"),),
        ((short_size(process.resident), "text"),),
        ((short_span(process.cpu_ns), "text"),),
        ((mark, "faint"), (command, "strong" if process.pid == first else "text")),
    ]
