"""One number for two kinds of failure: what a process tells before it gives up.

A refused program is told as its errno (the waiter) or its negative (the entrant). A seccomp filter
that the kernel doesn't take is told as a number below all of those.
"""

from __future__ import annotations

CONFINING = 4096
"""More than the largest errno, MAX_ERRNO in the kernel."""


def tell_confining(errno: int) -> int:
    """Return what is told of a filter that wasn't taken."""
    return -errno - CONFINING


def confining_errno(told: int) -> int | None:
    """Return the errno for which a filter wasn't taken, or None if something else was told."""
    return -told - CONFINING if told < -CONFINING else None
