"""One number for three kinds of failure: what a process tells before it gives up.

A refused program is told as its errno (the waiter) or its negative (the entrant). A seccomp filter
that the kernel doesn't take is told as a number below all of those, a refused security label as one
below these.
"""

from __future__ import annotations

import os

from tuicontainer.errors import describe_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.errors import TuiContainerError

CONFINING = 4096
"""More than the largest errno, MAX_ERRNO in the kernel."""
LABELLING = 8192


def tell_confining(errno: int) -> int:
    """Return what is told of a filter that wasn't taken."""
    return -errno - CONFINING


def confining_errno(told: int) -> int | None:
    """Return the errno for which a filter wasn't taken, or None if something else was told."""
    return -told - CONFINING if -LABELLING < told < -CONFINING else None


def tell_labelling(errno: int) -> int:
    """Return what is told of a security label that was refused."""
    return -errno - LABELLING


def labelling_errno(told: int) -> int | None:
    """Return the errno for which a security label was refused, or None for something else."""
    return -told - LABELLING if told < -LABELLING else None


def confining_failure(told: int) -> TuiContainerError | None:
    """Return the error for what was told, or None if it is about the program."""
    number, what = labelling_errno(told), "setting the security label"
    if number is None:
        number, what = confining_errno(told), "loading the seccomp filter"
    if number is None:
        return None
    return describe_failure(OSError(number, os.strerror(number)), while_=what)
