"""`create`: make a container that waits for `start`."""

from __future__ import annotations

from tuicontainer.cli.making import MAKING, create_request
from tuicontainer.cli.options import FORMAT, Command, Example
from tuicontainer.cli.output import write, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def create(invocation: Invocation) -> int:
    """Create one container and print its id."""
    view = invocation.client().create(create_request(invocation))
    if invocation.json:
        write_json({"id": view.id})
    else:
        write(view.id + "\n")
    return 0


COMMAND = Command(
    name="create",
    summary="Make a container that waits for `start`",
    run=create,
    operands="BUNDLE [COMMAND…]",
    least=1,
    program_follows=True,
    options=(*MAKING, FORMAT),
    examples=(
        Example(
            line="tuicontainer create --name web-1 web", meaning="then: tuicontainer start web-1"
        ),
    ),
    complete="bundle",
    changes=True,
)
