"""`pause` and `resume`: freeze and thaw all processes of a container."""

from __future__ import annotations

from tuicontainer.errors import FailedPrecondition
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.view import cgroup_of, view
from tuicontainer.spec.identifiers import check_container_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.lifecycle import Operation


def pause(root: str, container_id: str) -> None:
    """Freeze the container; may block while the kernel stops its processes.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it isn't `created` or `running`, or has no control group.
    """
    check_container_id(container_id)
    with StateFolder.open(root, container_id) as folder:
        _checked_group(folder, "pause", container_id).freeze()


def resume(root: str, container_id: str) -> None:
    """Thaw a paused container.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it isn't `paused`.
    """
    check_container_id(container_id)
    with StateFolder.open(root, container_id) as folder:
        _checked_group(folder, "resume", container_id).thaw()


def _checked_group(folder: StateFolder, operation: Operation, container_id: str) -> Cgroup:
    now = view(folder.read())
    check_allowed(operation, now.status, container_id)
    group = cgroup_of(now.instance)
    if group is None:
        raise FailedPrecondition(f"container `{container_id}` has no control group to freeze")
    return group
