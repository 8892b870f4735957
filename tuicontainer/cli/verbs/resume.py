"""`resume`: let paused containers go on."""

from __future__ import annotations

from tuicontainer.cli.batch import batch_command
from tuicontainer.cli.options import Example

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import ContainerView


def resume(invocation: Invocation, view: ContainerView) -> None:
    """Thaw one container."""
    invocation.client().resume(view.id)


COMMAND = batch_command(
    "resume",
    "Let paused containers go on",
    resume,
    states=("paused",),
    examples=(Example(line="tuicontainer resume cpu-1", meaning="prints the id once it runs"),),
)
