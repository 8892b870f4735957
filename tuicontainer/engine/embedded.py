"""The engine over our own supervisors and runtime.

It holds no truth of its own: what it tells is read from records, state files and the kernel each
time, so several engines on one state root agree, and one that is opened again knows everything.
Nothing here blocks the event loop: requests go through the asyncio client, files are read in
threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any

from tuicontainer.bundles.catalogue import bundle_document, list_bundles, resolve_bundle
from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import CreateOptions, EngineInfo
from tuicontainer.engine.bundle_work import EmbeddedBundleWork
from tuicontainer.engine.container_list import ContainerList
from tuicontainer.engine.embedded_container import EmbeddedContainer
from tuicontainer.engine.history import History
from tuicontainer.engine.info import gather_info
from tuicontainer.engine.sampler import Sampler
from tuicontainer.engine.statistics import ContainerStats, StatsTick
from tuicontainer.engine.stats_stream import StatsStream
from tuicontainer.engine.watch_bundles import watch_bundles
from tuicontainer.errors import PermissionDenied
from tuicontainer.locations import Locations
from tuicontainer.supervise.aclient import AsyncClient
from tuicontainer.supervise.inventory import find_container
from tuicontainer.supervise.journal import JournalFollower, read_events
from tuicontainer.supervise.requests import CreateRequest
from tuicontainer.supervise.undo import forget, restore
from tuicontainer.supervise.views import ContainerView, Event

POLL_INTERVAL = 0.2
"""Seconds between looks at the traces of change and at the journal."""


class EmbeddedEngine:
    """Many containers over time; made by `open_engine`.

    Attributes:
        locations: state root and data root.
        read_only: whether everything that changes something is refused.
        bundle_work: linting, editing and making of bundles.
    """

    def __init__(
        self, locations: Locations, bundle_roots: Sequence[str], *, read_only: bool
    ) -> None:
        self.locations = locations
        self.read_only = read_only
        self.client = AsyncClient(locations)
        self._bundle_roots = tuple(bundle_roots)
        self.bundle_work = EmbeddedBundleWork(locations, bundle_roots, self.check_may_change)
        self._list = ContainerList(locations)
        self._history = History()
        self._stats = StatsStream(
            lambda: Sampler(locations.state_root, self._list.current), self._history
        )

    async def info(self) -> EngineInfo:
        """Return facts about the host and this engine."""
        return await asyncio.to_thread(
            gather_info, self.locations, self._bundle_roots, read_only=self.read_only
        )

    async def bundles(self) -> Sequence[BundleView]:
        """Return the bundles of all bundle roots, unusable ones with the reason."""
        return await asyncio.to_thread(list_bundles, self._bundle_roots, self.locations)

    async def watch_bundles(self) -> AsyncIterator[Sequence[BundleView]]:
        """Yield all bundles now and again whenever a bundle root changes."""
        bundles = watch_bundles(
            self._bundle_roots, lambda: list_bundles(self._bundle_roots, self.locations)
        )
        async for views in bundles:
            yield views

    async def bundle_config(self, path: str) -> Mapping[str, Any]:
        """Return the config.json of the bundle with this `BundleView.path`, unchecked.

        Raises:
            NotFound, InvalidArgument, PermissionDenied: it can't be read.
        """
        return await asyncio.to_thread(bundle_document, path, self.locations)

    async def containers(self, *, all: bool = True) -> Sequence[ContainerView]:
        """Return the containers, oldest first; only running and paused ones unless *all*."""
        views = await asyncio.to_thread(self._list.refresh)
        return tuple(view for view in views if all or view.status in ("running", "paused"))

    async def watch_containers(self) -> AsyncIterator[Sequence[ContainerView]]:
        """Yield all containers now and again within a second of any change, whoever made it."""
        seen: Sequence[ContainerView] | None = None
        while True:
            views = await asyncio.to_thread(self._list.current)
            if views != seen:
                seen = views
                yield views
            await asyncio.sleep(POLL_INTERVAL)

    async def create(self, bundle: str, options: CreateOptions | None = None) -> EmbeddedContainer:
        """Make a container that waits for `start`.

        Args:
            bundle: path of a bundle folder, or its name in the bundle roots.
            options: what differs from the bundle's own configuration.

        Raises:
            NotFound: no such bundle.
            InvalidArgument, Unsupported: the bundle or the options can't be used.
            AlreadyExists: the id is taken.
            PermissionDenied: read-only, or not root.
        """
        self.check_may_change("create")
        path = await asyncio.to_thread(resolve_bundle, bundle, self._bundle_roots, self.locations)
        request = CreateRequest(bundle=path, **dict((options or CreateOptions()).items()))
        view = await self.client.create(request)
        return EmbeddedContainer(self, view.id)

    async def container(self, reference: str) -> EmbeddedContainer:
        """Return the container with this id or unique id prefix.

        Raises:
            NotFound: none matches.
            InvalidArgument: several ids begin with the reference.
        """
        view = await asyncio.to_thread(find_container, self.locations, reference)
        return EmbeddedContainer(self, view.id)

    async def restore(self, container_id: str) -> EmbeddedContainer:
        """Bring back what was deleted with `keep`: stopped, with its log.

        Raises:
            NotFound: nothing of this id waits.
            AlreadyExists: another container has the id by now.
            PermissionDenied: read-only.
        """
        self.check_may_change("restore")
        await asyncio.to_thread(restore, self.locations, container_id)
        return EmbeddedContainer(self, container_id)

    async def forget(self, container_id: str) -> None:
        """Remove for good what was deleted with `keep`; nothing happens if there is none."""
        self.check_may_change("forget")
        await asyncio.to_thread(forget, self.locations, container_id)

    async def events(
        self, *, since: int | None = None, follow: bool = True
    ) -> AsyncIterator[Event]:
        """Yield events after the cursor *since* (from now on when None)."""
        if not follow:
            if since is not None:
                for event in await asyncio.to_thread(
                    lambda: list(read_events(self.locations, since))
                ):
                    yield event
            return
        follower = await asyncio.to_thread(JournalFollower, self.locations, since)
        while True:
            for event in await asyncio.to_thread(follower.read_new):
                yield event
            await asyncio.sleep(POLL_INTERVAL)

    def stats(self, interval: float = 1.0) -> AsyncGenerator[StatsTick, None]:
        """Yield a snapshot of all running containers every *interval* seconds."""
        return self._stats.listen(interval)

    def stats_history(self, container_id: str) -> Sequence[tuple[int, ContainerStats]]:
        """Return the kept `(time_ns, stats)` of a container, oldest first, at most 15 minutes."""
        return self._history.of(container_id)

    def check_may_change(self, verb: str) -> None:
        """Refuse *verb* in read-only mode.

        Raises:
            PermissionDenied: the engine was opened read-only.
        """
        if self.read_only:
            raise PermissionDenied(
                f"`{verb}` changes something, and this engine is read-only",
                hint="open it without `--read-only`",
            )

    async def close(self) -> None:
        """Stop watching and sampling; containers go on."""
        await self._stats.close()
