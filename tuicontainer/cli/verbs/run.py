"""`run`: make a container and start it; in the foreground be its program's stand-in."""

from __future__ import annotations

from tuicontainer.cli.making import DETACH_KEYS, MAKING, create_request
from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import report, write, write_json
from tuicontainer.cli.program import (
    ENGINE_FAILED,
    check_terminal,
    report_start_failure,
)
from tuicontainer.errors import NotFound, TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.client import Client


def run(invocation: Invocation) -> int:
    """Run one container; with `--detach` print its id and leave."""
    check_terminal(invocation.options)
    if invocation.options.detach:
        return _run_detached(invocation)
    return _run_in_foreground(invocation)


def _run_detached(invocation: Invocation) -> int:
    client = invocation.client()
    request = create_request(invocation)
    try:
        view = client.create(request)
        try:
            client.start(view.id)
        except BaseException:
            _discard(client, view.id)
            raise
    except TuiContainerError as error:
        return report_start_failure(error)
    if invocation.json:
        write_json({"id": view.id})
    else:
        write(view.id + "\n")
    return 0


def _run_in_foreground(invocation: Invocation) -> int:
    from tuicontainer.cli.standing_in import stand_in
    from tuicontainer.cli.terminal import is_terminal, terminal_size

    client = invocation.client()
    request = create_request(invocation, terminal_size() if is_terminal(0) else None)
    try:
        view = client.create(request)
        # A bundle that wants a terminal gets ours, with or without `-i`.
        with_input = invocation.options.interactive or (view.terminal and is_terminal(0))
        try:
            attachment = client.attach(view.id, stdin=with_input, from_start=True)
            client.start(view.id)
        except BaseException:
            _discard(client, view.id)
            raise
    except TuiContainerError as error:
        return report_start_failure(error)
    return stand_in(
        client,
        view,
        attachment,
        with_input=with_input,
        detach_keys=invocation.options.detach_keys,
    )


def _discard(client: Client, container_id: str) -> None:
    """Remove a container that never ran: the command that made it has failed as a whole."""
    try:
        client.delete(container_id, force=True)
    except NotFound:
        return
    except TuiContainerError as error:
        report(f"removing `{container_id}` after the failure below: {error.message}")


COMMAND = Command(
    name="run",
    summary="Make a container from a bundle and start it",
    run=run,
    operands="BUNDLE [COMMAND…]",
    least=1,
    program_follows=True,
    options=(
        Option(names=("-d", "--detach"), help="leave it in the background and print its id"),
        *MAKING,
        DETACH_KEYS,
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer run --rm hello", meaning="prints what the bundle says"),
        Example(line="tuicontainer run -d --name web-1 web", meaning="prints the id and leaves"),
        Example(line="tuicontainer run --rm -it shell", meaning="a shell; `exit` ends it"),
        Example(line="tuicontainer run ./bundle /bin/sh -c 'exit 3'", meaning="exit status 3"),
    ),
    complete="bundle",
    changes=True,
    failure=ENGINE_FAILED,
    usage_failure=ENGINE_FAILED,
)
