"""`kill`: a signal for the container's first process, or for another one of its own.

Takes no lock: a hook may hang.
"""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.process.identity import open_pidfd, send_signal
from tuicontainer.runtime.state import state
from tuicontainer.runtime.view import cgroup_of
from tuicontainer.syscalls.signals import SIGKILL, pidfd_send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.instance import InstanceView
    from tuicontainer.runtime.process.identity import ProcessIdentity


def kill(root: str, container_id: str, signal: int, *, all: bool = False) -> None:
    """Send a signal.

    SIGKILL also ends a paused container: it is thawed, as control groups v1 would keep the signal
    pending. And it ends a whole container that has no PID namespace of its own, even if its first
    process is gone: nobody else would end the others.

    Args:
        root: the state root.
        container_id: whose first process.
        signal: its number.
        all: send it to every process of the container; then a stopped container is no error.

    Raises:
        NotFound: no such container.
        FailedPrecondition: `container not running`.
    """
    now = state(root, container_id)
    group = cgroup_of(now.instance)
    if all and group is not None:
        group.kill(signal)
        return
    if signal == SIGKILL and group is not None and _may_outlive_init(now):
        # A stopped container is an error only if there was nothing left to kill.
        left = group.processes()
        group.kill(SIGKILL)
        if left:
            return
    check_allowed("kill", now.status, container_id)
    init = now.instance.init
    if init is None or not send_signal(init, signal):
        raise FailedPrecondition("container not running")
    if signal == SIGKILL and group is not None and now.status == "paused":
        group.thaw()


def kill_process(root: str, container_id: str, process: ProcessIdentity, signal: int) -> None:
    """Send a signal to one process of the container, which must still be exactly *process*.

    The pidfd comes first: from then on the number can't come to mean another process, so that what
    the control group lists under it is the one that gets the signal. KILL waits in a paused one.

    Raises:
        NotFound: no such container.
        FailedPrecondition: the container isn't running, the process has ended, or it is another's.
    """
    now = state(root, container_id)
    check_allowed("kill", now.status, container_id)
    group = cgroup_of(now.instance)
    if group is None:
        raise FailedPrecondition(f"container `{container_id}` has no control group")
    gone = FailedPrecondition(f"process {process.pid} of `{container_id}` has ended")
    pidfd = open_pidfd(process)
    if pidfd is None:
        raise gone
    try:
        if process.pid not in group.processes():
            raise FailedPrecondition(
                f"process {process.pid} isn't one of `{container_id}`",
                hint=f"`tuicontainer top {container_id}` lists those",
            )
        pidfd_send_signal(pidfd, signal)
    except ProcessLookupError as error:
        raise gone from error
    finally:
        os.close(pidfd)


def _may_outlive_init(now: InstanceView) -> bool:
    """Whether the kernel leaves processes of the container alone when its first one ends."""
    if not now.pid:
        return now.status == "stopped"
    try:
        theirs, ours = os.stat(f"/proc/{now.pid}/ns/pid"), os.stat("/proc/self/ns/pid")
    except OSError:
        return False
    return (theirs.st_dev, theirs.st_ino) == (ours.st_dev, ours.st_ino)
