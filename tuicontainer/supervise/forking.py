"""Forking helpers that keep nothing of their parent but what they are given."""

from __future__ import annotations

import os

from tuicontainer.errors import Unavailable
from tuicontainer.syscalls.signals import SIGCHLD
from tuicontainer.syscalls.wakeup import forget_wakeup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MAX_FD = 2**31 - 1


def fork_helper(run: Callable[[], None], keep: Iterable[int], *, name: str) -> int:
    """Fork a process that does *run* and ends; return its pid.

    Args:
        run: what it does; it reports its failures itself.
        keep: the descriptors that stay open beside 0, 1 and 2.
        name: what `ps` shows, at most 15 bytes.

    Raises:
        Unavailable: no process can be made now.
    """
    try:
        pid = os.fork()
    except OSError as error:
        raise Unavailable(
            f"a helper process can't be forked: {error.strerror}", errno=error.errno
        ) from error
    if pid:
        return pid
    try:
        forget_wakeup((SIGCHLD,))
        close_all_but(keep)
        with open("/proc/self/comm", "wb", buffering=0) as comm:
            comm.write(name.encode()[:15])
        run()
    finally:
        # Never back into the parent's loop, whatever happens.
        os._exit(0)


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor but 0, 1, 2 and those given."""
    first = 3
    for fd in sorted({fd for fd in keep if fd >= first}):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, _MAX_FD)
