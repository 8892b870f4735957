"""`attach`: our streams joined to those of a container that runs already."""

from __future__ import annotations

from tuicontainer.cli.making import DETACH_KEYS
from tuicontainer.cli.options import Command, Example, Option
from tuicontainer.cli.program import ENGINE_FAILED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def attach(invocation: Invocation) -> int:
    """Relay until the container ends, whose exit status it returns, or the person leaves."""
    from tuicontainer.cli.standing_in import stand_in
    from tuicontainer.cli.terminal import is_terminal, terminal_size
    from tuicontainer.supervise.inventory import find_container

    options = invocation.options
    client = invocation.client()
    view = find_container(invocation.locations, invocation.operands[0])
    with_input = not options.no_stdin
    attachment = client.attach(view.id, stdin=with_input, from_start=options.replay)
    if view.terminal and is_terminal(0) and (size := terminal_size()) is not None:
        attachment.resize(*size)
    return stand_in(
        client,
        view,
        attachment,
        with_input=with_input,
        detach_keys=options.detach_keys,
        pass_signals=not options.no_signals,
    )


COMMAND = Command(
    name="attach",
    summary="Join our terminal or streams to a running container's",
    run=attach,
    operands="ID",
    least=1,
    most=1,
    options=(
        DETACH_KEYS,
        Option(names=("--no-stdin",), help="only watch: what we type isn't passed on"),
        Option(names=("--no-signals",), help="signals are ours: ^C leaves, the container goes on"),
        Option(names=("--replay",), help="begin with what this instance has written so far"),
    ),
    examples=(
        Example(line="tuicontainer attach shell-1", meaning="^P ^Q leaves it running"),
        Example(line="tuicontainer attach --no-stdin --no-signals web-1", meaning="just looks"),
    ),
    complete="container",
    states=("created", "running", "paused"),
    changes=True,
    failure=ENGINE_FAILED,
    usage_failure=ENGINE_FAILED,
)
