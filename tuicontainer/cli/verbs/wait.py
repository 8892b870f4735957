"""`wait`: block until containers have ended, and say how."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example
from tuicontainer.cli.output import report_error, write, write_json
from tuicontainer.cli.rows import exit_object
from tuicontainer.errors import TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def wait(invocation: Invocation) -> int:
    """Print the exit status of each container, in the order of the command line."""
    from tuicontainer.supervise.inventory import find_container

    client = invocation.client()
    ended = []
    failures = 0
    for reference in invocation.operands:
        try:
            container_id = find_container(invocation.locations, reference).id
            record = client.wait(container_id)
        except TuiContainerError as error:
            report_error(error)
            failures = 1
            continue
        ended.append({"id": container_id, **exit_object(record)})
        if not invocation.json:
            write("unknown\n" if record.status is None else f"{record.status}\n")
    if invocation.json:
        write_json(ended)
    return failures


COMMAND = Command(
    name="wait",
    summary="Wait until containers have ended and print their exit statuses",
    run=wait,
    operands="ID…",
    least=1,
    options=(FORMAT,),
    examples=(
        Example(line="tuicontainer wait job-1", meaning="prints 0, or 137 if it was killed"),
    ),
    complete="container",
    states=("created", "running", "paused"),
)
