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
from tuicontainer.runtime.cgroups.systemd.annotations import annotation_properties
from tuicontainer.runtime.cgroups.systemd.devices import device_properties
from tuicontainer.runtime.cgroups.systemd.manager import Manager, require_systemd
from tuicontainer.runtime.cgroups.systemd.properties import (
    limit_properties,
    memory_properties,
    start_properties,
)
from tuicontainer.runtime.cgroups.v2.group import V2Cgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.runtime.cgroups.api import CgroupMode
    from tuicontainer.runtime.cgroups.hierarchies import HierarchyMount
    from tuicontainer.runtime.cgroups.systemd.properties import Properties
    from tuicontainer.runtime.cgroups.systemd.units import Unit
    from tuicontainer.spec.config import Resources


class SystemdCgroup(V2Cgroup):
    """Answers `api.Cgroup` by a unit; what isn't overridden works on its folder."""

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
        self._remembered: list[tuple[Resources, bool]] | None = None
        """Until the unit is started: limits, and whether they are those of memory."""
        self._set_by_annotations: Properties = {}

    def create(self) -> None:
        """Check that the unit can be made; the first `attach` makes it."""
        require_systemd()
        self._set_by_annotations = annotation_properties(self._annotations)
        self._refuse_if_in_use()
        self._remembered = []

    def attach(self, pid: int, *, beside: int | None = None) -> None:
        if self._remembered is None:
            super().attach(pid, beside=beside)
        else:
            self._start(pid or os.getpid(), self._remembered)

    def birthplace(self) -> None:
        """None: the unit comes after its first process."""

    def limit(self, resources: Resources) -> None:
        if self._remembered is not None:
            self._remembered.append((resources, False))
            return
        with Manager(user=self.unit.user) as manager:
            properties = _properties(resources, manager.version())
            manager.change(self.unit.name, properties)
        super().limit(resources)

    def limit_memory(self, resources: Resources) -> None:
        if self._remembered is not None:
            self._remembered.append((resources, True))
            return
        properties = memory_properties(resources)
        # First, as it knows whether the limit may be set at all (`checkBeforeUpdate`).
        super().limit_memory(resources)
        if properties:
            with Manager(user=self.unit.user) as manager:
                manager.change(self.unit.name, properties)

    def update(self, resources: Resources) -> None:
        completed = self.prepare_update(resources)
        with Manager(user=self.unit.user) as manager:
            properties = limit_properties(completed, manager.version())
            if completed.devices:
                properties |= device_properties(completed.devices)
            properties |= memory_properties(completed)
            if properties:
                manager.change(self.unit.name, properties)
        self.write_update(completed)

    def remove(self) -> None:
        # Without a process left: stopping a unit would kill what is in it.
        super().remove()
        self._remembered = None
        try:
            with Manager(user=self.unit.user) as manager:
                manager.stop(self.unit.name)
        except (Unavailable, Unsupported):
            # A unit is gone with its last process; who cleans up late needn't find systemd.
            return

    def to_state(self) -> dict[str, Any]:
        state = group_to_state(self.path, self.mode, [self._mount])
        return {**state, "unit": dict(self.unit.items())}

    def _start(self, pid: int, remembered: list[tuple[Resources, bool]]) -> None:
        unit = self.unit
        with Manager(user=unit.user) as manager:
            version = manager.version()
            properties = start_properties(
                unit, description=f"container {unit.name.rpartition('.')[0]}", pid=pid
            )
            for resources, memory in remembered:
                properties |= (
                    memory_properties(resources) if memory else _properties(resources, version)
                )
            try:
                manager.start(unit.name, properties | self._set_by_annotations)
            except TuiContainerError as error:
                if not os.path.exists(f"/proc/{pid}"):
                    raise NotFound(
                        f"moving process `{pid}` into unit `{unit.name}`: no such process"
                    ) from error
                raise
            if not self.exists():
                manager.stop(unit.name)
                raise FailedPrecondition(
                    f"systemd has started unit `{unit.name}`, but not in `{self._folder}`",
                    hint="its control groups are another tree's: is this a container?",
                )
        self._remembered = None
        if unit.is_slice:
            super().attach(pid)
        for resources, memory in remembered:
            if memory:
                super().limit_memory(resources)
            else:
                super().limit(resources)


def _properties(resources: Resources, version: int) -> Properties:
    return device_properties(resources.devices) | limit_properties(resources, version)
