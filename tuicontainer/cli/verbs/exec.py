"""`exec`: another program in a running container."""

from __future__ import annotations

import os

from tuicontainer.cli.making import ENV, INTERACTIVE, TTY, USER, WORKDIR, environment
from tuicontainer.cli.options import Command, Example, Option
from tuicontainer.cli.program import ENGINE_FAILED, check_terminal, report_start_failure
from tuicontainer.errors import TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.client import Client
    from tuicontainer.supervise.requests import ExecRequest


def exec_program(invocation: Invocation) -> int:
    """Run the program; in the foreground return its exit status."""
    from tuicontainer.cli.terminal import is_terminal, terminal_size
    from tuicontainer.supervise.inventory import find_container
    from tuicontainer.supervise.requests import ExecRequest

    options = invocation.options
    check_terminal(options)
    reference, *args = invocation.operands
    container_id = find_container(invocation.locations, reference).id
    request = ExecRequest(
        args=tuple(args),
        env=environment(options.env, os.environ),
        cwd=options.workdir,
        user=options.user,
        terminal=options.tty,
        console_size=terminal_size() if options.tty and is_terminal(0) else None,
    )
    client = invocation.client()
    try:
        if options.detach:
            client.exec(container_id, request).close()
            return 0
        if options.tty:
            return _exec_with_terminal(client, container_id, request, options.interactive)
        return _exec_with_pipes(client, container_id, request, options.interactive)
    except TuiContainerError as error:
        return report_start_failure(error)


def _exec_with_terminal(
    client: Client, container_id: str, request: ExecRequest, with_input: bool
) -> int:
    import contextlib

    from tuicontainer.cli.relay import Signals, relay_exec
    from tuicontainer.cli.terminal import RawMode

    with client.exec(container_id, request) as session:
        console = session.console
        assert console is not None
        os.set_blocking(console, False)
        with Signals() as signals, RawMode(0) if with_input else contextlib.nullcontext():
            return relay_exec(
                session,
                outputs={console: 1},
                input=console if with_input else None,
                signals=signals,
            )


def _exec_with_pipes(
    client: Client, container_id: str, request: ExecRequest, with_input: bool
) -> int:
    """Give the program pipes, never our own descriptors: it could control our terminal by them."""
    from tuicontainer.cli.relay import Signals, relay_exec

    stdin, our_stdin = (
        os.pipe2(os.O_CLOEXEC)
        if with_input
        else (os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC), None)
    )
    our_stdout, stdout = os.pipe2(os.O_CLOEXEC)
    our_stderr, stderr = os.pipe2(os.O_CLOEXEC)
    try:
        session = client.exec(container_id, request, (stdin, stdout, stderr))
    finally:
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)
    for descriptor in (our_stdout, our_stderr):
        os.set_blocking(descriptor, False)
    if our_stdin is not None:
        os.set_blocking(our_stdin, False)
    with session, Signals() as signals:
        return relay_exec(
            session,
            outputs={our_stdout: 1, our_stderr: 2},
            input=our_stdin,
            signals=signals,
        )


COMMAND = Command(
    name="exec",
    summary="Run another program in a running container",
    run=exec_program,
    operands="ID COMMAND…",
    least=2,
    program_follows=True,
    options=(
        Option(names=("-d", "--detach"), help="leave it in the background"),
        INTERACTIVE,
        TTY,
        ENV,
        WORKDIR,
        USER,
    ),
    examples=(
        Example(line="tuicontainer exec web-1 ps", meaning="its output and its exit status"),
        Example(line="tuicontainer exec -it web-1 sh", meaning="a shell beside the program"),
    ),
    complete="container",
    states=("running",),
    changes=True,
    failure=ENGINE_FAILED,
    usage_failure=ENGINE_FAILED,
)
