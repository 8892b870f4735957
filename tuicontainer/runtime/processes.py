"""What runs in a container, and what its control group has counted."""

from __future__ import annotations

from tuicontainer.errors import FailedPrecondition
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.state import state
from tuicontainer.runtime.view import cgroup_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.cgroups.details import CgroupDetails
    from tuicontainer.runtime.cgroups.sample import CgroupSample
    from tuicontainer.runtime.instance import InstanceView


def processes(root: str, container_id: str, *, even_stopped: bool = False) -> list[int]:
    """Return the pids of all processes of the container, in the reader's PID namespace.

    Args:
        root: the state root.
        container_id: whose.
        even_stopped: a stopped container is no error, it may have outlived its first process.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it is stopped, or has no control group that tells.
    """
    now = state(root, container_id)
    if not (even_stopped and now.status == "stopped"):
        check_allowed("ps", now.status, container_id)
    return _group(now).processes()


def sample(root: str, container_id: str) -> CgroupSample:
    """Return all counters of the container's control group.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it has no control group.
    """
    return _group(state(root, container_id)).sample()


def details(root: str, container_id: str) -> CgroupDetails:
    """Return what the container's control group counts beyond a sample.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it has no control group.
    """
    # Nobody but `events` wants them.
    from tuicontainer.runtime.cgroups.details import read_details

    return read_details(_group(state(root, container_id)))


def _group(now: InstanceView) -> Cgroup:
    group = cgroup_of(now.instance)
    if group is None:
        raise FailedPrecondition(f"container `{now.instance.id}` has no control group")
    return group
