"""`stop`: ask the program to end, and end it if it doesn't."""

from __future__ import annotations

from tuicontainer.cli.batch import batch_command
from tuicontainer.cli.options import Example, Option
from tuicontainer.cli.quantities import parse_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import ContainerView

TIMEOUT = Option(
    names=("-t", "--timeout"),
    value="SECONDS",
    help="grace period before it is killed (default the container's, else 10)",
    convert=parse_seconds,
)


def stop(invocation: Invocation, view: ContainerView) -> None:
    """Stop one container."""
    invocation.client().stop(view.id, invocation.options.timeout)


COMMAND = batch_command(
    "stop",
    "Stop containers: the stop signal, a grace period, then KILL",
    stop,
    options=(TIMEOUT,),
    states=("created", "running", "paused"),
    examples=(Example(line="tuicontainer stop -t 2 web-1", meaning="gives it two seconds"),),
)
