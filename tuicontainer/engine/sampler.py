"""One reading after the other of every running container and of the host.

Synchronous, and used by one thread at a time. Files stay open between readings: opening them
costs three times as much as reading them.
"""

from __future__ import annotations

import time

from tuicontainer.engine.proc import HostReader, NetworkReader
from tuicontainer.engine.rates import Reading, with_rates
from tuicontainer.engine.statistics import StatsTick
from tuicontainer.errors import TuiContainerError
from tuicontainer.runtime.cgroups.open import cgroup_from_state
from tuicontainer.runtime.state import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuicontainer.engine.rates import InterfaceCounters
    from tuicontainer.engine.statistics import ContainerStats
    from tuicontainer.runtime.cgroups.api import Sampler as GroupSampler
    from tuicontainer.supervise.views import ContainerView

RUNNING = ("created", "running", "paused")
"""Statuses in which there is a process, so a control group too."""


class Sampler:
    """Makes ticks; owns descriptors until `close`."""

    def __init__(
        self, state_root: str, list_containers: Callable[[], Sequence[ContainerView]]
    ) -> None:
        """Read the containers of *state_root* that *list_containers* tells of at each tick."""
        self._state_root = state_root
        self._list_containers = list_containers
        self._host = HostReader()
        self._sources: dict[str, _Source] = {}

    def tick(self) -> StatsTick:
        """Read everything once."""
        running = {
            view.id: view for view in self._list_containers() if view.status in RUNNING and view.pid
        }
        for container_id, source in list(self._sources.items()):
            present = running.get(container_id)
            if present is None or (present.instance, present.pid) != source.identity:
                self._forget(container_id)
        containers = {}
        for view in running.values():
            stats = self._read(view)
            if stats is not None:
                containers[view.id] = stats
        return StatsTick(time_ns=time.time_ns(), host=self._host.read(), containers=containers)

    def close(self) -> None:
        """Close all files."""
        for container_id in list(self._sources):
            self._forget(container_id)
        self._host.close()

    def _read(self, view: ContainerView) -> ContainerStats | None:
        """Read one container; None if it has no control group, or ended just now."""
        source = self._sources.get(view.id) or self._open(view)
        if source is None:
            return None
        try:
            now = source.read()
        except (OSError, TuiContainerError):
            self._forget(view.id)
            return None
        before, source.before = source.before, now
        return with_rates(now, before)

    def _open(self, view: ContainerView) -> _Source | None:
        """Open a container's files; None if it has no control group, or none any more."""
        try:
            group = state(self._state_root, view.id).instance.cgroup
            if group is None:
                return None
            source = _Source(view, cgroup_from_state(dict(group)).open_sampler())
        except (OSError, TuiContainerError):
            return None
        self._sources[view.id] = source
        return source

    def _forget(self, container_id: str) -> None:
        self._sources.pop(container_id).close()


class _Source:
    """The open files of one container's instance."""

    def __init__(self, view: ContainerView, group: GroupSampler) -> None:
        self.identity = (view.instance, view.pid)
        self.before: Reading | None = None
        self._id = view.id
        self._group = group
        self._network: NetworkReader | None
        try:
            self._network = NetworkReader(view.pid)
        except OSError:
            self._network = None

    def read(self) -> Reading:
        return Reading(
            id=self._id,
            instance=self.identity[0],
            sample=self._group.sample(),
            interfaces=self._interfaces(),
        )

    def close(self) -> None:
        self._group.close()
        if self._network is not None:
            self._network.close()

    def _interfaces(self) -> tuple[InterfaceCounters, ...]:
        """Return the interfaces; none once the process is gone."""
        if self._network is None:
            return ()
        try:
            return self._network.read()
        except OSError:
            return ()
