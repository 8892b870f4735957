"""`pause` and `resume`: freeze and thaw all processes of a container."""

from __future__ import annotations


def pause(root: str, container_id: str) -> None:
    """Freeze the container; may block while the kernel stops its processes.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it isn't `created` or `running`, or has no control group.
    """
    raise NotImplementedError


def resume(root: str, container_id: str) -> None:
    """Thaw a paused container.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it isn't `paused`.
    """
    raise NotImplementedError
