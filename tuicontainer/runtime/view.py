"""From what state.json says and what the kernel says to the status of a container."""

from __future__ import annotations

from tuicontainer.runtime.cgroups.open import cgroup_from_state
from tuicontainer.runtime.instance import Instance, InstanceView
from tuicontainer.runtime.process.identity import is_alive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.lifecycle import Status


def view(instance: Instance) -> InstanceView:
    """Return the instance as it is now (runtime.md#state).

    A container whose creator died half-way is stopped: `delete` takes it away.
    """
    init = instance.init
    if instance.phase == "creating":
        creating = instance.creator is not None and is_alive(instance.creator)
        pid = init.pid if creating and init is not None else 0
        return InstanceView(
            instance=instance, status="creating" if creating else "stopped", pid=pid
        )
    if init is None or not is_alive(init):
        return InstanceView(instance=instance, status="stopped", pid=0)
    status: Status = "created" if instance.phase == "created" else "running"
    group = cgroup_of(instance)
    if group is not None and group.frozen():
        status = "paused"
    return InstanceView(instance=instance, status=status, pid=init.pid)


def cgroup_of(instance: Instance) -> Cgroup | None:
    """Return the handle on the container's control group, or None if it has none."""
    return None if instance.cgroup is None else cgroup_from_state(dict(instance.cgroup))
