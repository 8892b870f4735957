"""What runs in a container, and what its control group has counted."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.sample import CgroupSample


def processes(root: str, container_id: str) -> list[int]:
    """Return the pids of all processes of the container, in the reader's PID namespace.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it is stopped.
    """
    raise NotImplementedError


def sample(root: str, container_id: str) -> CgroupSample:
    """Return all counters of the container's control group.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it has no control group.
    """
    raise NotImplementedError
