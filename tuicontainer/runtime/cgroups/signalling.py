"""Send a signal to every process of a group, also to those that are forked meanwhile.

Frozen processes can't fork, so one pass reaches all. Where they don't freeze (a task waits for a
device) passes are repeated until one finds nobody new. A pid may be reused between the reading of
the list and the signal: the process is pinned by a pidfd first and signalled only if a second
reading still lists it; if its number was reused in between, the pidfd's process is dead and the
signal goes nowhere.
Sources: pidfd_open(2), pidfd_send_signal(2), cgroup-v1/freezer-subsystem.rst.
"""

from __future__ import annotations

import os
import time
from errno import EINVAL, ENOSYS, ESRCH

from tuicontainer.errors import FailedPrecondition, Unsupported, describe_failure
from tuicontainer.syscalls.signals import SIGKILL, pidfd_send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.api import Cgroup

MAX_PASSES = 200
PINNED_AT_ONCE = 200
PAUSE = 0.001


def signal_all(group: Cgroup, signal: int) -> None:
    """Do `Cgroup.kill` without the kernel's own cgroup.kill.

    Raises:
        FailedPrecondition: processes went on being forked faster than they could be signalled.
        PermissionDenied: we may not signal one of them.
    """
    was_frozen = group.frozen()
    stopped = was_frozen or _freeze(group)
    try:
        reached: set[int] = set()
        for _ in range(MAX_PASSES):
            fresh = _signal_once(group, signal, skip=reached)
            reached |= fresh
            if stopped or not fresh:
                return
            time.sleep(PAUSE)
        raise FailedPrecondition(
            f"sending signal {signal} to control group `{group.path}`: new processes keep coming",
            hint="pause the container and try again",
        )
    finally:
        if not was_frozen or signal == SIGKILL:
            group.thaw()


def _freeze(group: Cgroup) -> bool:
    try:
        group.freeze()
    except (FailedPrecondition, Unsupported):
        return False
    return True


def _signal_once(group: Cgroup, signal: int, *, skip: set[int]) -> set[int]:
    """Return the processes that this pass has signalled."""
    pids = [pid for pid in group.processes() if pid not in skip]
    try:
        for first in range(0, len(pids), PINNED_AT_ONCE):
            _signal_some(group, pids[first : first + PINNED_AT_ONCE], signal)
    except OSError as error:
        if error.errno == ENOSYS:
            raise Unsupported("pidfd_open isn't there: Linux 5.3 or newer is needed") from error
        doing = f"sending signal {signal} to control group `{group.path}`"
        raise describe_failure(error, while_=doing) from error
    return set(pids)


def _signal_some(group: Cgroup, pids: list[int], signal: int) -> None:
    pinned: dict[int, int] = {}
    try:
        for pid in pids:
            try:
                pinned[pid] = os.pidfd_open(pid)
            except OSError as error:
                # EINVAL: older kernels' word for a thread that isn't a process's first.
                if error.errno not in (ESRCH, EINVAL):
                    raise
        for pid in set(group.processes()) & pinned.keys():
            try:
                pidfd_send_signal(pinned[pid], signal)
            except ProcessLookupError:
                continue
    finally:
        for pidfd in pinned.values():
            os.close(pidfd)
