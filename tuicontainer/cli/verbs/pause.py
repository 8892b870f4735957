"""`pause`: freeze all processes of containers."""

from __future__ import annotations

from tuicontainer.cli.batch import batch_command
from tuicontainer.cli.options import Example

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import ContainerView


def pause(invocation: Invocation, view: ContainerView) -> None:
    """Freeze one container."""
    invocation.client().pause(view.id)


COMMAND = batch_command(
    "pause",
    "Freeze all processes of containers",
    pause,
    states=("running",),
    examples=(Example(line="tuicontainer pause cpu-1", meaning="`resume` lets it go on"),),
)
