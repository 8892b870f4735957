"""Runtime operations that may block, done in a child of the monitor.

`start` runs hooks and `pause` waits for the kernel's freezer; meanwhile the monitor must go on
reading what the container writes, or a full pipe could stop the very thing that is waited for.
"""

from __future__ import annotations

import os

from tuicontainer.errors import TuiContainerError, Unavailable, describe_failure, from_wire
from tuicontainer.jsontext import dumps, loads
from tuicontainer.supervise.files import write_all
from tuicontainer.supervise.forking import fork_helper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.supervise.jobs import Resume, Wait
    from tuicontainer.supervise.loop import Loop


def in_child(loop: Loop, operation: Callable[[], None], *, while_: str) -> Wait:
    """Return what a job yields to wait for *operation*; a failure is raised in the job.

    Args:
        loop: the monitor's.
        operation: done in the child; changes it makes in memory are lost.
        while_: what is being done, for the error of a child that died.
    """

    def wait(resume: Resume) -> None:
        reader, writer = os.pipe2(os.O_CLOEXEC)
        try:
            pid = fork_helper(
                lambda: _report(operation, writer, while_), (writer,), name="tuic-operation"
            )
        except Unavailable as error:
            os.close(reader)
            resume(error)
            return
        finally:
            os.close(writer)
        told = bytearray()

        def take() -> None:
            text = os.read(reader, 65536)
            told.extend(text)
            if text:
                return
            loop.forget(reader)
            os.close(reader)
            os.waitpid(pid, 0)
            resume(_outcome(bytes(told), while_))

        loop.on_readable(reader, take)

    return wait


def _report(operation: Callable[[], None], writer: int, while_: str) -> None:
    message: dict[str, object] = {}
    try:
        operation()
    except BaseException as error:  # noqa: BLE001 - the monitor is told, whatever it is
        if not isinstance(error, TuiContainerError):
            error = describe_failure(error, while_=while_)
        message = error.to_wire()
    write_all(writer, dumps(message).encode())


def _outcome(told: bytes, while_: str) -> Exception | None:
    if not told:
        return Unavailable(f"{while_}: the helper process died", hint="look at the state first")
    message = loads(told)
    return from_wire(message) if message else None
