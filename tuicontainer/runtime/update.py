"""`update`: other limits for a container that is there already."""

from __future__ import annotations

from tuicontainer.errors import FailedPrecondition
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.view import cgroup_of, view
from tuicontainer.spec.identifiers import check_container_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuicontainer.runtime.instance import Instance
    from tuicontainer.spec.config import Resources


def update(
    root: str, container_id: str, resources: Resources, schemata: Sequence[str] = ()
) -> None:
    """Change the limits that *resources* has a value for, and these shares; the others stay.

    Device rules are left alone, as by runc: v1 can only replace them by denying everything for a
    moment, in which the container's programs fail to open even /dev/null.

    Raises:
        NotFound: no such container.
        FailedPrecondition: `container not running`; it has no control group; or more memory than
            the limit is in use.
        Unsupported: this host's control groups can't express a value.
        InvalidArgument: the kernel refuses a value. After any failure the limits are as before.
    """
    check_container_id(container_id)
    with StateFolder.open(root, container_id) as folder:
        now = view(folder.read())
        check_allowed("update", now.status, container_id)
        group = cgroup_of(now.instance)
        limits = resources.replace(devices=())
        if group is None and (not schemata or any(value for _, value in limits.items())):
            raise FailedPrecondition(f"container `{container_id}` has no control group to limit")
        restore = _change_class(now.instance, schemata) if schemata else None
        try:
            if group is not None:
                group.update(limits)
        except BaseException:
            if restore is not None:
                restore()
            raise


def _change_class(instance: Instance, schemata: Sequence[str]) -> Callable[[], object]:
    """Give the container's class of service other shares; return what takes that back."""
    if instance.resctrl is None:
        raise FailedPrecondition(
            f"container `{instance.id}` has no class of service to change",
            hint="only one that was made with `linux.intelRdt` has",
        )
    from tuicontainer.runtime.resctrl import ResctrlGroup

    group = ResctrlGroup.from_state(instance.resctrl)
    before = group.change(schemata)
    return lambda: group.change(before)
