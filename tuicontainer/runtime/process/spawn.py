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
    output: str
    """The end of what it wrote to standard output and standard error."""
    timed_out: bool = False


def run_program(
    path: str,
    args: Sequence[str],
    env: Mapping[str, str],
    *,
    stdin: bytes,
    cwd: str,
    timeout: float | None,
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

    Raises:
        OSError: it can't be executed.
    """
    input_read, input_write = os.pipe()
    output_read, output_write = os.pipe()
    failure_read, failure_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _execute(path, args or [path], env, cwd, (input_read, output_write, failure_write))
    for fd in (input_read, output_write, failure_write):
        os.close(fd)
    failure = os.read(failure_read, 16)
    os.close(failure_read)
    if failure:
        os.close(input_write)
        os.close(output_read)
        os.waitpid(pid, 0)
        number = int(failure)
        raise OSError(number, os.strerror(number), path)
    return finish_program(pid, os.pidfd_open(pid), (input_write, output_read), stdin, timeout)


def finish_program(
    pid: int, pidfd: int, ends: tuple[int, int], stdin: bytes, timeout: float | None
) -> Finished:
    """Feed a child, collect its output, and reap it; closes all descriptors given.

    Args:
        pid: the child, leader of its process group.
        pidfd: the same.
        ends: writing end of its standard input, reading end of its output.
        stdin: what it can read.
        timeout: seconds until its process group is killed.
    """
    try:
        output, timed_out = _feed(pid, pidfd, ends, stdin, timeout)
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(pidfd)
        os.close(ends[1])
    return Finished(
        status=os.waitstatus_to_exitcode(status),
        output=output.decode(errors="replace").strip(),
        timed_out=timed_out,
    )


def _execute(
    path: str,
    args: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    ends: tuple[int, int, int],
) -> NoReturn:
    """In the child: become the program, or tell the errno."""
    stdin, output, failure = ends
    try:
        os.dup2(stdin, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
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
    pid: int, pidfd: int, ends: tuple[int, int], data: bytes, timeout: float | None
) -> tuple[bytearray, bool]:
    """Pump until the program has ended; return its output and whether it had to be killed."""
    stdin, output = ends
    collected = bytearray()
    rest = memoryview(data)
    deadline = None if timeout is None else time.monotonic() + timeout
    timed_out = False
    os.set_blocking(stdin, False)
    os.set_blocking(output, False)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(output, select.POLLIN)
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
        if output in ready and not _drain(output, collected):
            poll.unregister(output)
        if stdin in ready and open_input:
            rest = _pour(stdin, rest)
            if not rest:
                poll.unregister(stdin)
                os.close(stdin)
                open_input = False
        if pidfd in ready:
            _drain(output, collected)
            if open_input:
                os.close(stdin)
            return collected, timed_out


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
