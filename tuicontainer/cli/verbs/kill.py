"""`kill`: a signal for the first process of containers."""

from __future__ import annotations

from tuicontainer.cli.batch import batch_command
from tuicontainer.cli.options import Example, Option
from tuicontainer.spec.signals import parse_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import ContainerView


def kill(invocation: Invocation, view: ContainerView) -> None:
    """Send one container the signal."""
    invocation.client().kill(view.id, invocation.options.signal)


COMMAND = batch_command(
    "kill",
    "Send a signal to the first process of containers",
    kill,
    options=(
        Option(
            names=("-s", "--signal"),
            value="SIGNAL",
            help="name or number (default KILL)",
            convert=parse_signal,
            default="KILL",
            complete="signal",
        ),
    ),
    states=("created", "running", "paused"),
    examples=(
        Example(line="tuicontainer kill web-1", meaning="ends it at once"),
        Example(
            line="tuicontainer kill -s HUP web-1", meaning="asks it to read its settings again"
        ),
    ),
)
