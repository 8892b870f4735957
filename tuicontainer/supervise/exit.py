"""How a container's process ended: seen by its parent, told by the spawner, or asked of a pidfd.

Only a parent learns an exit status. The monitor is the parent of the process it made; after its
death the spawner is, and tells the next monitor. If both have died, Linux 6.15 and newer still
tell whoever holds a pidfd, once the new parent has reaped the process (PIDFD_GET_INFO); else the
status is unknown, and never invented. Sources: waitpid(2), include/uapi/linux/pidfd.h.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
from errno import ENOENT

from tuicontainer.supervise.views import ExitRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.supervise.loop import Loop

# struct pidfd_info: mask, cgroupid; pid, tgid, ppid, 8 ids; exit_code
_INFO = struct.Struct("=2Q11Ii")
_PIDFD_GET_INFO = (3 << 30) | (_INFO.size << 16) | (0xFF << 8) | 11  # _IOWR(0xFF, 11, info)
_PIDFD_INFO_EXIT = 1 << 3
_PATIENCE_SECONDS = 5.0
"""Until the new parent must have reaped it; the first process of a busy host takes its time."""
_ASK_SECONDS = 0.02


class ExitWatch:
    """Waits for the end of one process and calls back once, with its raw wait status or None."""

    def __init__(
        self, loop: Loop, pid: int, pidfd: int, *, ours: bool, on_exit: Callable[[int | None], None]
    ) -> None:
        """Begin to watch.

        Args:
            loop: the monitor's.
            pid: the process.
            pidfd: names it; stays the caller's.
            ours: whether it is our child.
            on_exit: what to call.
        """
        self._loop = loop
        self._pid = pid
        self._pidfd = pidfd
        self._ours = ours
        self._on_exit = on_exit
        self._deadline = 0.0
        self._done = False
        loop.on_readable(pidfd, self._ended)

    def tell(self, status: int) -> None:
        """Take the status from whoever reaped the process."""
        self._finish(status)

    def _ended(self) -> None:
        if self._ours:
            _, status = os.waitpid(self._pid, 0)
            self._finish(status)
            return
        self._loop.forget(self._pidfd)
        self._deadline = time.monotonic() + _PATIENCE_SECONDS
        self._ask()

    def _ask(self) -> None:
        if self._done:
            return
        try:
            status = exit_status_of(self._pidfd)
        except OSError:
            # A kernel that will never tell: there is nothing to wait for.
            self._finish(None)
            return
        if status is not None or time.monotonic() > self._deadline:
            self._finish(status)
        else:
            self._loop.call_later(_ASK_SECONDS, self._ask)

    def _finish(self, status: int | None) -> None:
        if not self._done:
            self._done = True
            self._loop.forget(self._pidfd)
            self._on_exit(status)


def exit_status_of(pidfd: int) -> int | None:
    """Return the raw wait status of a process that has ended; None until it has been reaped.

    Raises:
        OSError: the kernel can't tell (before Linux 6.13; 6.13 and 6.14 return None for ever).
    """
    request = _INFO.pack(_PIDFD_INFO_EXIT, *[0] * 12, 0)
    answer = _INFO.unpack(fcntl.ioctl(pidfd, _PIDFD_GET_INFO, request))
    return answer[-1] if answer[0] & _PIDFD_INFO_EXIT else None


def exit_record(
    status: int | None, *, oom_killed: bool, failed: bool, refused: int | None = None
) -> ExitRecord:
    """Return the record for a raw wait status.

    Args:
        status: from waitpid(2); None if nobody could see it.
        oom_killed: whether the kernel killed something in the container for want of memory.
        failed: whether the container's program was never started.
        refused: the kernel's error number, if it refused the program. The status then is that of
            a shell, 127 or 126, however the process that waited for the program was ended.
    """
    if failed and refused is not None:
        return ExitRecord(
            status=127 if refused == ENOENT else 126,
            finished_ns=time.time_ns(),
            oom_killed=oom_killed,
            reason="failed",
        )
    if status is None:
        return ExitRecord(
            status=None, finished_ns=time.time_ns(), oom_killed=oom_killed, reason="unknown"
        )
    code = os.waitstatus_to_exitcode(status)
    return ExitRecord(
        status=code if code >= 0 else 128 - code,
        finished_ns=time.time_ns(),
        oom_killed=oom_killed,
        reason="failed" if failed else "exited" if code >= 0 else "signaled",
    )
