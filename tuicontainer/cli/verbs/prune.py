"""`prune`: remove every container that has ended."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import report_error, write, write_json
from tuicontainer.cli.quantities import parse_moment
from tuicontainer.cli.terminal import is_terminal
from tuicontainer.errors import FailedPrecondition, TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import ContainerView

MOST_NAMED = 10
"""How many ids the question names before it counts the rest."""


def prune(invocation: Invocation) -> int:
    """Ask, unless `--force`, then remove and print the ids."""
    from tuicontainer.supervise.inventory import list_containers

    options = invocation.options
    views = [
        view
        for view in list_containers(invocation.locations)
        if view.supervised and view.status == "stopped" and _ended_before(view, options.until)
    ]
    if views and not options.force and not _agrees(views):
        return 1
    client = invocation.client()
    done = []
    failures = 0
    for view in views:
        try:
            client.delete(view.id)
        except TuiContainerError as error:
            report_error(error)
            failures = 1
            continue
        done.append({"id": view.id})
        if not invocation.json:
            write(view.id + "\n")
    if invocation.json:
        write_json(done)
    return failures


def _ended_before(view: ContainerView, moment: int | None) -> bool:
    if moment is None:
        return True
    ended = view.exit.finished_ns if view.exit is not None else None
    return (ended or view.created_ns) < moment


def _agrees(views: Sequence[ContainerView]) -> bool:
    """Ask on the terminal whether these shall go with their records and logs.

    Raises:
        FailedPrecondition: there is nobody to ask.
    """
    import sys

    if not is_terminal(0):
        raise FailedPrecondition(
            "`prune` asks before it removes, and standard input is no terminal",
            hint="`prune --force` doesn't ask",
        )
    names = ", ".join(view.id for view in views[:MOST_NAMED])
    more = f" and {len(views) - MOST_NAMED} more" if len(views) > MOST_NAMED else ""
    sys.stderr.write(f"remove {names}{more}, with their records and logs? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


COMMAND = Command(
    name="prune",
    summary="Remove all stopped containers, their records and their logs",
    run=prune,
    most=0,
    options=(
        Option(names=("-f", "--force"), help="don't ask"),
        Option(
            names=("--until",),
            value="TIME",
            help="only those that ended before: RFC 3339, or 24h for a day ago",
            convert=parse_moment,
        ),
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer prune", meaning="names them and asks"),
        Example(line="tuicontainer prune -f --until 24h", meaning="for a timer"),
    ),
    changes=True,
)
