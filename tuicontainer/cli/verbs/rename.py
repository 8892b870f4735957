"""`rename`: another id for a container that has no process."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example
from tuicontainer.cli.output import write, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def rename(invocation: Invocation) -> int:
    """Rename one container and print its id."""
    from tuicontainer.supervise.inventory import find_container

    reference, wanted = invocation.operands
    found = find_container(invocation.locations, reference)
    view = invocation.client().rename(found.id, wanted)
    if invocation.json:
        write_json([{"id": view.id}])
    else:
        write(f"{view.id}\n")
    return 0


COMMAND = Command(
    name="rename",
    summary="Give a stopped container another name, with its record and its log",
    run=rename,
    operands="ID NAME",
    least=2,
    most=2,
    options=(FORMAT,),
    examples=(
        Example(line="tuicontainer rename web-1 shop", meaning="prints the new name"),
        Example(
            line="tuicontainer stop web-1 && tuicontainer rename web-1 shop",
            meaning="one that runs has to be stopped: its control group goes by its name",
        ),
    ),
    complete="container",
    states=("stopped",),
    changes=True,
)
