"""`kill`: a signal for the first process of containers, or for another one of theirs."""

from __future__ import annotations

from tuicontainer.cli.batch import batch_command
from tuicontainer.cli.options import Example, Option
from tuicontainer.cli.quantities import parse_positive
from tuicontainer.errors import FailedPrecondition
from tuicontainer.spec.signals import parse_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import ContainerView


def kill(invocation: Invocation, view: ContainerView) -> None:
    """Send one container the signal, or the one process in it that is named."""
    pid = invocation.options.pid
    if pid is not None:
        from tuicontainer.runtime.process.identity import identify

        try:
            process = identify(pid)
        except ProcessLookupError as error:
            raise FailedPrecondition(f"there is no process {pid}") from error
        invocation.client().kill_process(view.id, process, invocation.options.signal)
        return
    invocation.client().kill(view.id, invocation.options.signal)


COMMAND = batch_command(
    "kill",
    "Send a signal to the first process of containers, or to one of the others",
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
        Option(
            names=("-p", "--pid"),
            value="PID",
            help="only this process of the container, by its pid on the host (see `top`)",
            convert=parse_positive,
        ),
    ),
    states=("created", "running", "paused"),
    examples=(
        Example(line="tuicontainer kill web-1", meaning="ends it at once"),
        Example(
            line="tuicontainer kill -s TERM -p 4711 web-1", meaning="one process that it started"
        ),
        Example(
            line="tuicontainer kill -s HUP web-1", meaning="asks it to read its settings again"
        ),
    ),
)
