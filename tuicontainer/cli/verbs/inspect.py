"""`inspect`: all that is known of containers."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example
from tuicontainer.cli.output import report_error, write_json
from tuicontainer.errors import TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def inspect(invocation: Invocation) -> int:
    """Print one JSON array with an object for each container that was found."""
    from tuicontainer.supervise.inventory import inspect_container

    documents = []
    failures = 0
    for reference in invocation.operands:
        try:
            documents.append(inspect_container(invocation.locations, reference))
        except TuiContainerError as error:
            report_error(error)
            failures = 1
    write_json(documents, indent=not invocation.json)
    return failures


COMMAND = Command(
    name="inspect",
    summary="Print record, state and configuration of containers as a JSON array",
    run=inspect,
    operands="ID…",
    least=1,
    options=(FORMAT,),
    examples=(Example(line="tuicontainer inspect web-1", meaning="indented, for people"),),
    complete="container",
)
