"""`kill`: a signal for the container's first process. Takes no lock: a hook may hang."""

from __future__ import annotations


def kill(root: str, container_id: str, signal: int, *, all: bool = False) -> None:
    """Send a signal.

    Args:
        root: the state root.
        container_id: whose first process.
        signal: its number.
        all: send it to every process of the container; then a stopped container is no error.

    Raises:
        NotFound: no such container.
        FailedPrecondition: `container not running`.
    """
    raise NotImplementedError
