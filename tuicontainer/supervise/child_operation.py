"""The runtime's operations, each in a short-lived child of the monitor.

Two reasons. Some may block: hooks run, the kernel's freezer is waited for; meanwhile the monitor
must go on reading what the container writes, or a full pipe could stop the very thing that is
waited for. And all of them touch thousands of objects, whose pages would then be the monitor's own
for as long as it lives, instead of shared with the spawner (copy on write): 3.5 MB a monitor.

A container that a child makes becomes the monitor's own child, because the monitor is the nearest
subreaper when the one that made it ends.
"""

from __future__ import annotations

import os

from tuicontainer.errors import TuiContainerError, Unavailable, describe_failure, from_wire
from tuicontainer.record import Record
from tuicontainer.supervise.channel import Channel, Received
from tuicontainer.supervise.forking import fork_helper
from tuicontainer.syscalls.process import set_child_subreaper, set_parent_death_signal
from tuicontainer.syscalls.signals import SIGKILL
from tuicontainer.syscalls.sockets import packet_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from tuicontainer.supervise.jobs import Resume, Wait
    from tuicontainer.supervise.loop import Loop


class Outcome(Record):
    """What an operation brings back."""

    result: Mapping[str, Any] = {}
    descriptors: tuple[int, ...] = ()


class HelperDied(Unavailable):
    """The child died in the middle: nobody has taken back what it had done so far."""


def in_child(
    loop: Loop, operation: Callable[[], Outcome | None], *, while_: str, adopting: bool = False
) -> Wait:
    """Return what a job yields to wait for *operation*.

    The job gets an Outcome, whose descriptors are its own then; a failure is raised in it.

    Args:
        loop: the monitor's.
        operation: done in the child; changes it makes in memory are lost. It dies with the
            monitor, so that the next one finds things as they are.
        while_: what is being done, for the error of a child that died.
        adopting: whether a process that it makes becomes our child. Not while a container runs:
            its orphans would come to us, who don't reap them, instead of to the spawner.
    """

    def wait(resume: Resume) -> None:
        try:
            ours, theirs = packet_pair()
        except OSError as error:
            resume(describe_failure(error, while_=while_))
            return
        os.set_blocking(ours, False)
        if adopting:
            set_child_subreaper(subreaper=True)
        monitor = os.getpid()
        try:
            pid = fork_helper(
                lambda: _report(operation, Channel(theirs), while_, monitor),
                (theirs,),
                name="tuic-operation",
            )
        except Unavailable as error:
            os.close(ours)
            resume(error)
            return
        finally:
            os.close(theirs)
        channel = Channel(ours)

        def take() -> None:
            outcome = _outcome(channel, while_)
            loop.forget(channel.fd)
            channel.close()
            # Now a container that it made is our child.
            os.waitpid(pid, 0)
            if adopting:
                set_child_subreaper(subreaper=False)
            resume(outcome)

        loop.on_readable(channel.fd, take)

    return wait


def _report(
    operation: Callable[[], Outcome | None], channel: Channel, while_: str, monitor: int
) -> None:
    set_parent_death_signal(SIGKILL)
    if os.getppid() != monitor:
        return
    try:
        outcome = operation() or Outcome()
    except BaseException as error:  # noqa: BLE001 - the monitor is told, whatever it is
        if not isinstance(error, TuiContainerError):
            error = describe_failure(error, while_=while_)
        channel.send({"error": error.to_wire()})
    else:
        channel.send({"ok": outcome.result}, outcome.descriptors)


def _outcome(channel: Channel, while_: str) -> Outcome | Exception:
    received = channel.receive()
    if not isinstance(received, Received):
        return HelperDied(f"{while_}: the helper process died", hint="look at the state first")
    if "error" in received.message:
        return from_wire(received.message["error"])
    return Outcome(result=received.message["ok"], descriptors=received.descriptors)
