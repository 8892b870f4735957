"""`top`: which processes run in a container."""

from __future__ import annotations

import time

from tuicontainer.cli.options import FORMAT, Command, Example
from tuicontainer.cli.output import write, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.observe.processes import ProcessView

HEADINGS = ("PID", "INSIDE", "USER", "STATE", "THREADS", "MEMORY", "CPU", "AGE", "COMMAND")


def top(invocation: Invocation) -> int:
    """Print the processes as a tree, with their pids on the host and in the container."""
    from tuicontainer.observe.processes import observe_processes, process_tree
    from tuicontainer.runtime.processes import processes
    from tuicontainer.supervise.inventory import find_container

    container_id = find_container(invocation.locations, invocation.operands[0]).id
    views = observe_processes(processes(invocation.locations.state_root, container_id))
    if invocation.json:
        write_json([_row(view) for view in views])
        return 0
    from tuicontainer.cli.tables import render, terminal_width

    now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    cells = [_cells(view, depth, now) for view, depth in process_tree(views)]
    write(render(HEADINGS, cells, width=terminal_width()))
    return 0


def _row(view: ProcessView) -> dict[str, Any]:
    return {
        "pid": view.pid,
        "innerPid": view.inner_pid,
        "parent": view.parent,
        "name": view.name,
        "args": list(view.args),
        "state": view.state,
        "uid": view.uid,
        "gid": view.gid,
        "groups": list(view.groups),
        "threads": view.threads,
        "resident": view.resident,
        "cpuNs": view.cpu_ns,
        "startedNs": view.started_ns,
        "capabilities": {name: list(names) for name, names in view.capabilities.items()},
        "noNewPrivileges": view.no_new_privileges,
        "seccomp": view.seccomp,
        "seccompFilters": view.seccomp_filters,
    }


def _cells(view: ProcessView, depth: int, now: int) -> tuple[str, ...]:
    from tuicontainer.cli.quantities import format_size, format_span

    seconds, rest = divmod(view.cpu_ns, 1_000_000_000)
    return (
        str(view.pid),
        str(view.inner_pid),
        str(view.uid),
        view.state,
        str(view.threads),
        format_size(view.resident),
        f"{seconds // 60}:{seconds % 60:02}.{rest // 10_000_000:02}",
        format_span((now - view.started_ns) / 1e9),
        "  " * depth + (" ".join(view.args) or f"[{view.name}]"),
    )


COMMAND = Command(
    name="top",
    summary="List the processes of a running container as a tree",
    run=top,
    operands="ID",
    least=1,
    most=1,
    options=(FORMAT,),
    examples=(
        Example(line="tuicontainer top web-1", meaning="pids on the host and in the container"),
        Example(
            line="tuicontainer top web-1 --format json", meaning="capabilities and seccomp too"
        ),
    ),
    complete="container",
    states=("created", "running", "paused"),
)
