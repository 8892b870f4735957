"""`ps`: which containers there are."""

from __future__ import annotations

import time

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import write, write_json
from tuicontainer.errors import InvalidArgument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def ps(invocation: Invocation) -> int:
    """Print running and paused containers, or all."""
    from tuicontainer.supervise.inventory import list_containers

    views = list_containers(invocation.locations)
    if invocation.options.status or not invocation.options.all:
        wanted = invocation.options.status or ("running", "paused")
        views = [view for view in views if view.status in wanted]
    if invocation.json:
        from tuicontainer.cli.rows import container_row

        write_json([container_row(view) for view in views])
    elif invocation.options.quiet:
        write("".join(f"{view.id}\n" for view in views))
    else:
        from tuicontainer.cli.rows import HEADINGS, container_cells
        from tuicontainer.cli.tables import render, terminal_width

        now = time.time_ns()
        cells = [container_cells(view, now) for view in views]
        write(render(HEADINGS, cells, width=terminal_width()))
    return 0


def parse_statuses(text: str) -> tuple[str, ...]:
    """Return the states that a list with commas names.

    Raises:
        InvalidArgument: it names something else.
    """
    from tuicontainer.runtime.lifecycle import STATUSES

    named = tuple(text.split(","))
    for word in named:
        if word not in STATUSES:
            raise InvalidArgument(
                f"`{word}` is no status of a container", hint=f"one of {', '.join(STATUSES)}"
            )
    return named


COMMAND = Command(
    name="ps",
    summary="List containers",
    run=ps,
    most=0,
    options=(
        Option(names=("-a", "--all"), help="created and stopped ones too"),
        Option(
            names=("--status",),
            value="STATUS",
            help="only those that are created, running, paused, stopped; several with commas",
            convert=parse_statuses,
        ),
        Option(names=("-q", "--quiet"), help="ids only"),
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer ps -a", meaning="every container there is"),
        Example(line="tuicontainer ps --format json", meaning="one JSON array"),
    ),
)
