"""One health check, in a monitor's child: a program in the container, its status, what it says."""

from __future__ import annotations

import os
import select
import time

from tuicontainer.runtime.exec import ExecRequest, exec_process, exec_template
from tuicontainer.runtime.process.stdio import Stdio
from tuicontainer.supervise.child_operation import Outcome
from tuicontainer.syscalls.signals import SIGKILL, pidfd_send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.locations import Locations
    from tuicontainer.runtime.exec import ExecStarted

OUTPUT_LIMIT = 4096
"""Bytes of a check's output that are kept, as Docker does."""


def probe(locations: Locations, container_id: str, args: Sequence[str], timeout: float) -> Outcome:
    """Run the program to its end, or kill it.

    Returns:
        `status` (0 to 255, 128+n for signal n; None for one that took too long) and `output`.

    Raises:
        NotFound, PermissionDenied: the container has no such program.
        FailedPrecondition: the container doesn't run.
    """
    process = exec_template(locations.state_root, container_id).replace(args=tuple(args))
    null = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    reader, writer = os.pipe2(os.O_CLOEXEC)
    try:
        started = exec_process(
            locations.state_root,
            container_id,
            ExecRequest(process=process),
            Stdio(stdin=null, stdout=writer, stderr=writer),
        )
    finally:
        os.close(null)
        os.close(writer)
    return _follow(started, reader, time.monotonic() + timeout)


def _follow(started: ExecStarted, reader: int, deadline: float) -> Outcome:
    """Read what the program says until it has ended or the time is over."""
    os.set_blocking(reader, False)
    output = b""
    poll = select.poll()
    poll.register(started.pidfd, select.POLLIN)
    poll.register(reader, select.POLLIN)
    timed_out = False
    while True:
        ready = dict(poll.poll(max(0, int(1000 * (deadline - time.monotonic())))))
        if reader in ready:
            text = _read(reader)
            output = (output + text)[:OUTPUT_LIMIT]
            if not text:
                poll.unregister(reader)
        if started.pidfd in ready:
            break
        if time.monotonic() >= deadline and not timed_out:
            timed_out = True
            pidfd_send_signal(started.pidfd, SIGKILL)
            # Its end is all that is waited for from now on.
            deadline = time.monotonic() + 3600
    output = (output + _read(reader))[:OUTPUT_LIMIT]
    _, status = os.waitpid(started.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return Outcome(
        result={
            "status": None if timed_out else code if code >= 0 else 128 - code,
            "output": output.decode("utf-8", "replace"),
        }
    )


def _read(reader: int) -> bytes:
    try:
        return os.read(reader, 65536)
    except BlockingIOError:
        return b""
