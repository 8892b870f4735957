"""The gate at which the container's first process waits for `start`: two FIFOs.

    gate          one byte, from start to the waiter
    gate.result   four bytes of errno from the waiter if its exec failed; it ends when the exec
                  succeeds, because the waiter's descriptor is close-on-exec

The waiter's descriptors are opened for reading and writing: so opening doesn't block, and reading
waits although no writer is there yet. Source: fifo(7).
"""

from __future__ import annotations

import os
import select
import struct
from errno import ENXIO

from tuicontainer.errors import FailedPrecondition
from tuicontainer.runtime.process.told import tell_confining

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

GATE = "gate"
RESULT = "gate.result"

_ERRNO = struct.Struct("=i")


def make_gate(folder: int) -> tuple[int, int]:
    """Make both FIFOs in the state folder and return the waiter's descriptors, close-on-exec.

    Raises:
        OSError: the kernel refused.
    """
    fds = []
    for name in (GATE, RESULT):
        os.mkfifo(name, 0o600, dir_fd=folder)
        fds.append(os.open(name, os.O_RDWR | os.O_CLOEXEC, dir_fd=folder))
    return fds[0], fds[1]


def open_gate(folder: int, pidfd: int) -> int | None:
    """Let the waiting process go on, and return once the kernel has decided on its program.

    Args:
        folder: the state folder.
        pidfd: the waiting process.

    Returns:
        None if the program runs or has already ended; else the errno of the refused exec, or what
        `confining_errno` understands.

    Raises:
        FailedPrecondition: nobody waits at the gate.
    """
    result = os.open(RESULT, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        _write_byte(folder)
        poll = select.poll()
        poll.register(result, select.POLLIN)
        poll.register(pidfd, select.POLLIN)
        poll.poll()
        try:
            told = os.read(result, _ERRNO.size)
        except BlockingIOError:
            # The process has ended, and something inherited its end of the FIFO before that.
            return None
        return int(_ERRNO.unpack(told)[0]) if len(told) == _ERRNO.size else None
    finally:
        os.close(result)


def _write_byte(folder: int) -> None:
    try:
        gate = os.open(GATE, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        if error.errno == ENXIO:
            raise FailedPrecondition("nobody waits at the container's gate") from error
        raise
    try:
        os.write(gate, b"s")
    finally:
        os.close(gate)


def wait_at_gate(
    gate: int,
    result: int,
    program: str,
    args: list[str],
    env: dict[str, str],
    confine: Callable[[], None] | None = None,
) -> int:
    """Do in the interpreter what the waiter does, where there is no waiter for this host.

    Args:
        gate: descriptor to read one byte from.
        result: descriptor that gets an errno.
        program: path.
        args: its arguments, the first its name.
        env: its environment.
        confine: called just before the exec.

    Returns:
        The exit status to leave with; it returns only if the program couldn't be executed.
    """
    os.set_inheritable(result, False)
    if not os.read(gate, 1):
        return 126
    os.close(gate)
    try:
        if confine is not None:
            confine()
    except OSError as error:
        os.write(result, _ERRNO.pack(tell_confining(error.errno or 0)))
        return 126
    try:
        os.execve(program, args, env)  # noqa: S606 - a shell is what we do not want
    except OSError as error:
        os.write(result, _ERRNO.pack(error.errno or 0))
        return 127 if isinstance(error, FileNotFoundError) else 126
