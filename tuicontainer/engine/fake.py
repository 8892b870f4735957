"""An engine in memory: the same Protocols, state transitions and kinds of error, no container.

For tests of doors and for trying the user interface without root. A bundle's name chooses the
`Program` that its containers pretend to run. It passes the contract suite of the engine
(tests/contracts/engine). Sources: runtime-spec runtime.md#lifecycle for the transitions.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import CreateOptions, EngineInfo
from tuicontainer.engine.bundle_work import FakeBundleWork
from tuicontainer.engine.fake_container import FakeContainer, Program
from tuicontainer.engine.history import History
from tuicontainer.engine.statistics import ContainerStats, HostStats, StatsTick
from tuicontainer.errors import AlreadyExists, InvalidArgument, NotFound
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.supervise.views import ContainerView, Event

FAKE_INFO = EngineInfo(
    version="0",
    state_root="/run/tuicontainer",
    data_root="/var/lib/tuicontainer",
    root=True,
    read_only=False,
    cgroup_mode="v2",
    controllers=("cpu", "io", "memory", "pids"),
    kernel="6.12.0",
    pressure=True,
    bundle_roots=("/var/lib/tuicontainer/bundles",),
    oci_version="1.3.0",
)
"""Facts of a host that doesn't exist; `replace` changes some."""

FAKE_HOST = HostStats(
    cpu_count=4, cpu_percent=10.0, memory_total=8 << 30, memory_available=6 << 30, load_1=0.5
)
"""A machine with four cores and 8 GiB."""


class FakeEngine:
    """Containers that only pretend to run.

    Attributes:
        facts: what `info` answers.
        host: what each tick says of the machine.
        bundle_work: linting, editing and making of bundles, in memory.
    """

    def __init__(
        self,
        bundles: Sequence[BundleView] = (),
        programs: Mapping[str, Program] | None = None,
        *,
        facts: EngineInfo = FAKE_INFO,
        host: HostStats = FAKE_HOST,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.facts = facts
        self.host = host
        self.now_ns = now_ns
        self.bundle_work = FakeBundleWork()
        self._bundles = tuple(bundles)
        self._programs = dict(programs or {})
        self._containers: dict[str, FakeContainer] = {}
        self._kept: dict[str, FakeContainer] = {}
        self._journal: list[Event] = []
        self._history = History()
        self._changed = asyncio.Event()

    async def info(self) -> EngineInfo:
        """Return the facts given at the start."""
        return self.facts

    async def bundles(self) -> Sequence[BundleView]:
        """Return all bundles."""
        return self._bundles

    async def watch_bundles(self) -> AsyncIterator[Sequence[BundleView]]:
        """Yield all bundles now and after each `set_bundles`."""
        seen: Sequence[BundleView] | None = None
        while True:
            change = self.next_change()
            if seen != self._bundles:
                seen = self._bundles
                yield seen
            await change.wait()

    async def bundle_config(self, path: str) -> Mapping[str, Any]:
        """Return a config.json that says what the bundle's view says.

        Raises:
            NotFound: no bundle has this path.
        """
        bundle = self._find_bundle(path, usable=False)
        return {
            "ociVersion": self.facts.oci_version,
            "process": {"args": list(bundle.args), "terminal": bundle.terminal},
            "annotations": {"io.tuicontainer.description": bundle.description},
        }

    async def containers(self, *, all: bool = True) -> Sequence[ContainerView]:
        """Return the containers, oldest first; only those with a process unless *all*."""
        views = [container.present for container in self._containers.values()]
        return tuple(view for view in views if all or view.status in ("running", "paused"))

    async def watch_containers(self) -> AsyncIterator[Sequence[ContainerView]]:
        """Yield all containers now and after each change."""
        seen: Sequence[ContainerView] | None = None
        while True:
            change = self.next_change()
            views = await self.containers()
            if views != seen:
                seen = views
                yield views
            await change.wait()

    async def create(self, bundle: str, options: CreateOptions | None = None) -> FakeContainer:
        """Make a container that waits for `start`.

        Raises:
            NotFound: no bundle has this path or name.
            InvalidArgument: the bundle has a problem, or the id isn't legal.
            AlreadyExists: the id is taken.
        """
        wanted = options or CreateOptions()
        found = self._find_bundle(bundle)
        container_id = wanted.container_id
        if container_id is None:
            container_id = self._generate_id(found.name)
        check_container_id(container_id)
        if container_id in self._containers:
            raise AlreadyExists(
                f"container `{container_id}` exists already",
                hint="choose another name, or delete it first",
            )
        program = self._programs.get(found.name, Program())
        container = FakeContainer(self, container_id, found, program, wanted)
        self._containers[container_id] = container
        self.record(container, "created")
        return container

    def rename(self, container: FakeContainer, container_id: str) -> None:
        """Let a container be found under another id.

        Raises:
            InvalidArgument: it is no id, or the present one.
            AlreadyExists: it is taken.
        """
        check_container_id(container_id)
        if container_id == container.id:
            raise InvalidArgument(f"`{container_id}` is the container's name already")
        if container_id in self._containers:
            raise AlreadyExists(f"container `{container_id}` exists already")
        del self._containers[container.id]
        self._containers[container_id] = container

    async def container(self, reference: str) -> FakeContainer:
        """Return the container with this id or unique id prefix.

        Raises:
            NotFound: none matches.
            InvalidArgument: several ids begin with the reference.
        """
        if reference in self._containers:
            return self._containers[reference]
        matches = [name for name in self._containers if reference and name.startswith(reference)]
        if len(matches) > 1:
            raise InvalidArgument(f"`{reference}` could be {', '.join(sorted(matches))}")
        if not matches:
            raise NotFound(
                f"no container matches `{reference}`", hint="`tuicontainer ps -a` lists them"
            )
        return self._containers[matches[0]]

    async def restore(self, container_id: str) -> FakeContainer:
        """Bring back what was deleted with `keep`.

        Raises:
            NotFound: nothing of this id waits.
            AlreadyExists: another container has the id by now.
        """
        if container_id in self._containers:
            raise AlreadyExists(f"container `{container_id}` exists already")
        if container_id not in self._kept:
            raise NotFound(f"no deleted container `{container_id}` can be brought back")
        container = self._containers[container_id] = self._kept.pop(container_id)
        container.come_back()
        return container

    async def forget(self, container_id: str) -> None:
        """Remove for good what was deleted with `keep`."""
        self._kept.pop(container_id, None)

    async def events(
        self, *, since: int | None = None, follow: bool = True
    ) -> AsyncIterator[Event]:
        """Yield events after the cursor *since* (from now on when None)."""
        position = len(self._journal) if since is None else since
        while True:
            change = self.next_change()
            while position < len(self._journal):
                yield self._journal[position]
                position += 1
            if not follow:
                return
            await change.wait()

    async def stats(self, interval: float = 1.0) -> AsyncIterator[StatsTick]:
        """Yield a snapshot of what the running programs claim to use, every *interval* seconds."""
        while True:
            yield self.tick()
            await asyncio.sleep(interval)

    def stats_history(self, container_id: str) -> Sequence[tuple[int, ContainerStats]]:
        """Return the kept `(time_ns, stats)` of a container, oldest first."""
        return self._history.of(container_id)

    def tick(self) -> StatsTick:
        """Take the snapshot that `stats` yields and keep it in the history."""
        containers = {
            container.id: container.sample()
            for container in self._containers.values()
            if container.present.status in ("running", "paused")
        }
        tick = StatsTick(time_ns=self.now_ns(), host=self.host, containers=containers)
        self._history.add(tick)
        return tick

    def set_bundles(self, bundles: Sequence[BundleView]) -> None:
        """Change what the bundle roots hold."""
        self._bundles = tuple(bundles)
        self.announce()

    def record(self, container: FakeContainer, type: str, **details: Any) -> None:
        """Append an event to the journal and wake whoever watches."""
        self._journal.append(
            Event(
                cursor=len(self._journal) + 1,
                time_ns=self.now_ns(),
                type=type,
                id=container.id,
                instance=container.present.instance,
                details=details,
            )
        )
        self.announce()

    def announce(self) -> None:
        """Wake whoever waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def next_change(self) -> asyncio.Event:
        """Return what is set by the next change; ask before reading, so that none is missed."""
        return self._changed

    def remove(self, container: FakeContainer, *, keep: bool = False) -> None:
        """Take a deleted container out of the list; with *keep* it can come back."""
        self._containers.pop(container.id, None)
        if keep:
            self._kept[container.id] = container

    def _find_bundle(self, reference: str, *, usable: bool = True) -> BundleView:
        for bundle in self._bundles:
            if reference in (bundle.path, bundle.name):
                if bundle.problem and usable:
                    raise InvalidArgument(
                        f"bundle `{bundle.name}`: {bundle.problem}", hint=bundle.hint
                    )
                return bundle
        raise NotFound(f"no bundle is called `{reference}`", hint="give its path or its name")

    def _generate_id(self, name: str) -> str:
        number = 1
        while f"{name}-{number}" in self._containers:
            number += 1
        return f"{name}-{number}"
