"""`rm`: remove containers with their records and logs."""

from __future__ import annotations

from tuicontainer.cli.batch import batch_command
from tuicontainer.cli.options import Example, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import ContainerView


def remove(invocation: Invocation, view: ContainerView) -> None:
    """Remove one container."""
    invocation.client().delete(view.id, force=invocation.options.force)


COMMAND = batch_command(
    "rm",
    "Remove containers, their records and their logs",
    remove,
    options=(Option(names=("-f", "--force"), help="kill those that run"),),
    states=("created", "stopped"),
    examples=(
        Example(
            line="tuicontainer rm -f $(tuicontainer ps -aq)", meaning="leaves no container at all"
        ),
    ),
)
