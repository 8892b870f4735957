"""`restart`: end the present instance and start the next."""

from __future__ import annotations

from tuicontainer.cli.batch import batch_command
from tuicontainer.cli.options import Example
from tuicontainer.cli.verbs.stop import TIMEOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import ContainerView


def restart(invocation: Invocation, view: ContainerView) -> None:
    """Restart one container."""
    invocation.client().restart(view.id, invocation.options.timeout)


COMMAND = batch_command(
    "restart",
    "Stop containers if they run, then start them again",
    restart,
    options=(TIMEOUT,),
    examples=(Example(line="tuicontainer restart web", meaning="`web` may be a unique prefix"),),
)
