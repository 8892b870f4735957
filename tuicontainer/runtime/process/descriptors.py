"""Which descriptors a container's program gets, and that it gets no others.

Sources: runtime-linux.md#file-descriptors; CVE-2024-21626 (a descriptor of the host's left open).
"""

from __future__ import annotations

import fcntl
import os
import stat

from tuicontainer.errors import InvalidArgument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.runtime.process.stdio import Stdio

_NULL_DEVICE = os.makedev(1, 3)
_MAX_FD = 2**31 - 1


def check_preserved(count: int) -> None:
    """Make sure that the *count* descriptors after 2 are there to be kept.

    Raises:
        InvalidArgument: one is closed.
    """
    for fd in range(3, 3 + count):
        try:
            fcntl.fcntl(fd, fcntl.F_GETFD)
        except OSError as error:
            raise InvalidArgument(
                f"unable to stat preserved-fd {fd - 3} (of {count}): descriptor {fd} isn't open"
            ) from error


def set_standard_streams(stdio: Stdio) -> None:
    """Make the three descriptors 0, 1 and 2, whatever order they come in."""
    # Copies first: one that is itself 0, 1 or 2 would be overwritten by another.
    copies = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3) for _, fd in stdio.items()]
    for number, copy in enumerate(copies):
        os.dup2(copy, number)
        os.close(copy)


def replace_null_devices(fds: Iterable[int]) -> None:
    """Put the container's null device in the place of the caller's, which is the host's.

    Through an open one root in a container can change the mode of the device itself. Called inside
    the container's root; where that has no null device, the streams stay as they are.
    """
    outside = [fd for fd in fds if is_null_device(os.fstat(fd))]
    if not outside:
        return
    # What is there may be anything by now: not followed, not waited for, and looked at.
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        inside = os.open("/dev/null", flags)
    except OSError:
        return
    if is_null_device(os.fstat(inside)):
        for fd in outside:
            os.dup2(inside, fd)
    os.close(inside)


def is_null_device(found: os.stat_result) -> bool:
    """Tell whether this is said of a null device, whatever its path."""
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == _NULL_DEVICE


def keep_only(preserve: int, inherited: tuple[int, ...], private: tuple[int, ...]) -> list[int]:
    """Close every descriptor but the standard streams, the preserved ones and those given.

    Args:
        preserve: how many after 2 stay as they are and are inherited.
        inherited: become the next numbers in this order, and survive an exec.
        private: become the numbers after these, and are closed by an exec.

    Returns:
        The private ones' new numbers.
    """
    first = 3 + preserve
    total = len(inherited) + len(private)
    copies = [
        fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, first + total) for fd in (*inherited, *private)
    ]
    for number, copy in enumerate(copies, first):
        os.dup2(copy, number, inheritable=number < first + len(inherited))
    os.closerange(first + total, _MAX_FD)
    for fd in range(3, first):
        os.set_inheritable(fd, True)
    return list(range(first + len(inherited), first + total))
