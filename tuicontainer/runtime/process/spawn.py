"""Run a helper program to its end: standard input given, output kept, time limited.

For hooks; the standard library's subprocess costs 12 ms at start-up and threads at run time.
"""

from __future__ import annotations

import os
import select
import time

from tuicontainer.record import Record
from tuicontainer.syscalls.signals import SIGKILL, reset_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

_OUTPUT_KEPT = 4096
_CHUNK = 65536
_MAX_FD = 2**31 - 1


class Finished(Record):
    """How a helper program ended."""

    status: int
    """Exit status, or -n if signal n ended it."""
    stdout: str = ""
    """The end of what it wrote to standard output; empty if that went to a file."""
    stderr: str = ""
    """The same of standard error."""
    timed_out: bool = False

    @property
    def output(self) -> str:
        """Both, for who doesn't care which stream it was."""
        return (self.stdout + self.stderr).strip()


class Output(Record):
    """One output stream of a helper program, a pipe of ours or a file of somebody's."""

    write_end: int
    """What the program gets; to be closed here once it has it."""
    read_end: int | None
    """What we collect it from; None if it goes to a file."""


def capture() -> Output:
    """Return an output that is kept."""
    read_end, write_end = os.pipe()
    return Output(write_end=write_end, read_end=read_end)


def run_program(
    path: str,
    args: Sequence[str],
    env: Mapping[str, str],
    *,
    stdin: bytes,
    cwd: str,
    timeout: float | None,
    outputs: tuple[Output, Output] | None = None,
) -> Finished:
    """Execute a program and wait until it has ended.

    What it leaves running in the background isn't waited for, nor its output.

    Args:
        path: absolute; not looked up.
        args: with the program's name first; empty for just the path.
        env: its whole environment.
        stdin: what it can read.
        cwd: its working folder.
        timeout: seconds until it is killed.
        outputs: where standard output and standard error go; they are kept by default.

    Raises:
        OSError: it can't be executed.
    """
    outputs = outputs or (capture(), capture())
    input_read, input_write = os.pipe()
    failure_read, failure_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        streams = (input_read, outputs[0].write_end, outputs[1].write_end)
        _execute(path, args or [path], env, cwd, streams, failure_write)
    for fd in (input_read, failure_write, *(output.write_end for output in outputs)):
        os.close(fd)
    failure = os.read(failure_read, 16)
    os.close(failure_read)
    if failure:
        os.close(input_write)
        close_read_ends(outputs)
        os.waitpid(pid, 0)
        number = int(failure)
        raise OSError(number, os.strerror(number), path)
    return finish_program(pid, os.pidfd_open(pid), input_write, outputs, stdin, timeout)


def finish_program(
    pid: int,
    pidfd: int,
    input_write: int,
    outputs: tuple[Output, Output],
    stdin: bytes,
    timeout: float | None,
) -> Finished:
    """Feed a child, collect its output, and reap it; closes all descriptors that are ours.

    Args:
        pid: the child, leader of its process group.
        pidfd: the same.
        input_write: writing end of its standard input.
        outputs: standard output and standard error; their writing ends are closed already.
        stdin: what it can read.
        timeout: seconds until its process group is killed.
    """
    kept = {output.read_end: bytearray() for output in outputs if output.read_end is not None}
    try:
        timed_out = _feed(pid, pidfd, input_write, kept, stdin, timeout)
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(pidfd)
        close_read_ends(outputs)
    stdout, stderr = (
        "" if output.read_end is None else kept[output.read_end].decode(errors="replace")
        for output in outputs
    )
    return Finished(
        status=os.waitstatus_to_exitcode(status), stdout=stdout, stderr=stderr, timed_out=timed_out
    )


def close_read_ends(outputs: tuple[Output, Output]) -> None:
    """Close our ends of outputs that nobody reads any more."""
    for output in outputs:
        if output.read_end is not None:
            os.close(output.read_end)


def _execute(
    path: str,
    args: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    streams: tuple[int, int, int],
    failure: int,
) -> NoReturn:
    """In the child: become the program, or tell the errno."""
    try:
        for number, fd in enumerate(streams):
            os.dup2(fd, number)
        os.closerange(3, failure)
        os.closerange(failure + 1, _MAX_FD)
        os.setpgid(0, 0)
        os.chdir(cwd)
        reset_signals()
        os.execve(path, list(args), env)  # noqa: S606 - a shell is what we do not want
    except OSError as error:
        os.write(failure, b"%d" % (error.errno or 0))
    finally:
        os._exit(127)


def _feed(
    pid: int,
    pidfd: int,
    stdin: int,
    kept: dict[int, bytearray],
    data: bytes,
    timeout: float | None,
) -> bool:
    """Pump until the program has ended; return whether it had to be killed.

    Args:
        pid: the program's.
        pidfd: the same.
        stdin: writing end of its standard input.
        kept: by reading end of each output, what it takes.
        data: for its standard input.
        timeout: seconds.
    """
    rest = memoryview(data)
    deadline = None if timeout is None else time.monotonic() + timeout
    timed_out = False
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    for output in kept:
        os.set_blocking(output, False)
        poll.register(output, select.POLLIN)
    os.set_blocking(stdin, False)
    poll.register(stdin, select.POLLOUT)
    open_input = True
    while True:
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        ready = dict(poll.poll(left))
        if not ready:
            # Its whole process group: a shell would leave the program it waits for. The pid can't
            # be another's, as only we reap it.
            os.killpg(pid, SIGKILL)
            timed_out, deadline = True, None
        for output in kept.keys() & ready.keys():
            if not _drain(output, kept[output]):
                poll.unregister(output)
        if stdin in ready and open_input:
            rest = _pour(stdin, rest)
            if not rest:
                poll.unregister(stdin)
                os.close(stdin)
                open_input = False
        if pidfd in ready:
            for output, collected in kept.items():
                _drain(output, collected)
            if open_input:
                os.close(stdin)
            return timed_out


def _drain(fd: int, into: bytearray) -> bool:
    """Take what can be read, keeping only the end; return False at the stream's end."""
    while True:
        try:
            chunk = os.read(fd, _CHUNK)
        except BlockingIOError:
            return True
        if not chunk:
            return False
        into += chunk
        del into[:-_OUTPUT_KEPT]


def _pour(fd: int, rest: memoryview) -> memoryview:
    """Write what fits; return what is left, nothing if the reader has gone."""
    try:
        return rest[os.write(fd, rest) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]
