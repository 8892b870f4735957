"""One container's control group as a unit of systemd's.

A scope lives from its first process to its last: systemd makes none without a process and drops an
empty one. So `create` only checks, `limit` before the first process is remembered, and the first
`attach` starts the unit with all of it. From then on the group is a folder like any other, in which
the plain driver does what systemd has no word for; systemd leaves the groups inside alone
(`Delegate=`).
Sources: systemd docs/CGROUP_DELEGATION.md; runc docs/systemd.md.
"""

from __future__ import annotations

import os

from tuicontainer.errors import (
    FailedPrecondition,
    NotFound,
    TuiContainerError,
    Unavailable,
    Unsupported,
)
from tuicontainer.runtime.cgroups.state import group_to_state
from tuicontainer.runtime.cgroups.v2.group import V2Cgroup
from tuicontainer.runtime.cgroups.v2.plan import plan_limits, plan_memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.runtime.cgroups.api import CgroupMode
    from tuicontainer.runtime.cgroups.hierarchies import HierarchyMount
    from tuicontainer.runtime.cgroups.systemd.manager import Manager
    from tuicontainer.runtime.cgroups.systemd.plan import Beginning
    from tuicontainer.runtime.cgroups.systemd.properties import Properties
    from tuicontainer.runtime.cgroups.systemd.units import Unit
    from tuicontainer.spec.config import Resources


class SystemdCgroup(V2Cgroup):
    """Answers `api.Cgroup` by a unit; what isn't overridden works on its folder.

    The plans and the client are imported where they are used: `state` and `kill` need neither.
    """

    mode: CgroupMode = "v2"
    joinable = False

    def __init__(
        self,
        unit: Unit,
        path: str,
        mount: HierarchyMount,
        *,
        annotations: Mapping[str, str] = {},
    ) -> None:
        """Make the handle.

        Args:
            unit: which.
            path: of its group, from the hierarchy's root.
            mount: the unified hierarchy.
            annotations: the configuration's, of which some are properties.
        """
        super().__init__(path, mount, controllers=())
        self.unit = unit
        self._annotations = annotations
        self._beginning: Beginning | None = None
        """Between `create` and the first `attach`."""

    def create(self) -> None:
        """Check that the unit can be made; the first `attach` makes it."""
        from tuicontainer.runtime.cgroups.systemd.manager import require_systemd
        from tuicontainer.runtime.cgroups.systemd.plan import plan_beginning

        require_systemd()
        beginning = plan_beginning(self._annotations)
        self._refuse_if_in_use()
        self._beginning = beginning

    def attach(self, pid: int, *, beside: int | None = None) -> None:
        if self._beginning is None:
            super().attach(pid, beside=beside)
        else:
            self._start(pid or os.getpid(), self._beginning)

    def birthplace(self) -> None:
        """None: the unit comes after its first process."""

    def entries(self) -> None:
        """None: systemd moves processes in."""

    def limit(self, resources: Resources) -> None:
        if self._beginning is not None:
            plan_limits(resources)
            limits = (*self._beginning.limits, resources)
            self._beginning = self._beginning.replace(limits=limits)
            return
        from tuicontainer.runtime.cgroups.systemd import plan

        with self._manager() as manager:
            properties = plan.plan_limits(resources, manager.version())
            manager.change(self.unit.name, properties)
        super().limit(resources)

    def limit_memory(self, resources: Resources) -> None:
        if self._beginning is not None:
            plan_memory(resources)
            limits = (*self._beginning.memory_limits, resources)
            self._beginning = self._beginning.replace(memory_limits=limits)
            return
        from tuicontainer.runtime.cgroups.systemd.properties import memory_properties

        # First, as it knows whether the limit may be set at all (`checkBeforeUpdate`).
        super().limit_memory(resources)
        self._change(memory_properties(resources))

    def update(self, resources: Resources) -> None:
        from tuicontainer.runtime.cgroups.systemd.plan import plan_update
        from tuicontainer.runtime.cgroups.undo import Undo

        completed = self.prepare_update(resources)
        with Undo() as undo:
            # Before systemd is told, so that it keeps no value that the kernel refuses; and again
            # afterwards, as systemd rounds what it writes.
            self.write_update(completed, undo)
            with self._manager() as manager:
                properties = plan_update(completed, manager.version())
                if properties:
                    manager.change(self.unit.name, properties)
            self.write_update(completed, undo)
            if completed.devices:
                self.limit_devices(completed)

    def remove(self) -> None:
        # Without a process left: stopping a unit would kill what is in it.
        super().remove()
        self._beginning = None
        try:
            with self._manager() as manager:
                manager.stop(self.unit.name)
        except (Unavailable, Unsupported):
            # A unit is gone with its last process; who cleans up late needn't find systemd.
            return

    def to_state(self) -> dict[str, Any]:
        state = group_to_state(self.path, self.mode, [self._mount])
        return {**state, "unit": dict(self.unit.items())}

    def _manager(self) -> Manager:
        from tuicontainer.runtime.cgroups.systemd.manager import Manager

        return Manager(user=self.unit.user)

    def _change(self, properties: Properties) -> None:
        if properties:
            with self._manager() as manager:
                manager.change(self.unit.name, properties)

    def _start(self, pid: int, beginning: Beginning) -> None:
        from tuicontainer.runtime.cgroups.systemd.plan import plan_start

        unit = self.unit
        with self._manager() as manager:
            properties = plan_start(unit, beginning, pid=pid, version=manager.version())
            try:
                manager.start(unit.name, properties)
            except TuiContainerError as error:
                if os.path.exists(f"/proc/{pid}"):
                    raise
                raise NotFound(
                    f"moving process `{pid}` into unit `{unit.name}`: no such process"
                ) from error
            if not self.exists():
                manager.stop(unit.name)
                raise FailedPrecondition(
                    f"systemd has started unit `{unit.name}`, but not in `{self._folder}`",
                    hint="its control groups are another tree's: is this a container?",
                )
        self._beginning = None
        if unit.is_slice:
            super().attach(pid)
        for resources in beginning.limits:
            super().limit(resources)
        for resources in beginning.memory_limits:
            super().limit_memory(resources)
