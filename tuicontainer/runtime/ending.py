"""Waiting for the end of a process that may be somebody else's child."""

from __future__ import annotations

import select

_PATIENCE_MS = 10_000


def wait_until_ended(pidfd: int, timeout_ms: int = _PATIENCE_MS) -> bool:
    """Return whether the process has ended in time; a zombie has (pidfd_open(2)).

    Args:
        pidfd: which process.
        timeout_ms: a killed process may take long to die: core dumps, slow disks.
    """
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(timeout_ms))
