"""`state`: the OCI state document of containers."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example
from tuicontainer.cli.output import report_error, write_json
from tuicontainer.errors import TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def state(invocation: Invocation) -> int:
    """Print one document a container; nothing of ours is in it (runtime.md#state)."""
    from tuicontainer.supervise.inventory import find_container

    failures = 0
    for reference in invocation.operands:
        try:
            view = find_container(invocation.locations, reference)
            write_json(view.state_document(), indent=not invocation.json)
        except TuiContainerError as error:
            report_error(error)
            failures = 1
    return failures


COMMAND = Command(
    name="state",
    summary="Print the OCI state document of containers",
    run=state,
    operands="ID…",
    least=1,
    options=(FORMAT,),
    examples=(Example(line="tuicontainer state web-1", meaning="as a hook gets it on its stdin"),),
    complete="container",
)
