"""What `run` and `exec` say when the program itself can't be had.

Source: docker-run(1), podman-run(1), "Exit status": 125 the engine failed, 126 the program can't be
invoked, 127 it can't be found; else the program's own, 128+n after signal n.
"""

from __future__ import annotations

import errno

from tuicontainer.cli.output import report, report_error
from tuicontainer.cli.terminal import is_terminal
from tuicontainer.errors import FailedPrecondition, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.options import Arguments
    from tuicontainer.errors import TuiContainerError

ENGINE_FAILED = 125
CANNOT_INVOKE = 126
CANNOT_FIND = 127


def report_start_failure(error: TuiContainerError) -> int:
    """Report why a program didn't start and return the exit status that says so."""
    report_error(error)
    if isinstance(error, NotFound) and error.errno == errno.ENOENT:
        return CANNOT_FIND
    if error.errno in (errno.EACCES, errno.ENOEXEC, errno.EISDIR, errno.ENOTDIR):
        return CANNOT_INVOKE
    return ENGINE_FAILED


def exit_status(status: int | None, container_id: str) -> int:
    """Return our exit status for the program's; an unknown one is said, not invented."""
    if status is None:
        report(f"the exit status of `{container_id}` is unknown: nobody was left to see it")
        return ENGINE_FAILED
    return status


def check_terminal(options: Arguments) -> None:
    """Refuse `-it` when our standard input is no terminal.

    Raises:
        FailedPrecondition: the program's terminal would echo and edit what is piped in.
    """
    if options.interactive and options.tty and not is_terminal(0):
        raise FailedPrecondition(
            "`-i -t` needs a terminal on standard input", hint="leave out `-t` to pass a pipe on"
        )
