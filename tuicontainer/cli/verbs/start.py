"""`start`: begin what `create` made, or the next instance of what has ended."""

from __future__ import annotations

from tuicontainer.cli.batch import batch_command
from tuicontainer.cli.options import Example

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import ContainerView


def start(invocation: Invocation, view: ContainerView) -> None:
    """Start one container."""
    invocation.client().start(view.id)


COMMAND = batch_command(
    "start",
    "Start created or stopped containers",
    start,
    states=("created", "stopped"),
    examples=(Example(line="tuicontainer start web-1", meaning="prints the id once it runs"),),
)
