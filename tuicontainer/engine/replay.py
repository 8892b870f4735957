"""An engine that answers from a recording, as it was at a chosen moment.

It changes nothing: every verb is refused. `seek` goes to another moment; whoever watches is told
what is different there. Sources: engine.recording for the format.
"""

from __future__ import annotations

import asyncio
import json
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import Container, CreateOptions, EngineInfo
from tuicontainer.engine.codec import decode
from tuicontainer.engine.recording import VERSION
from tuicontainer.engine.replay_container import ReplayContainer, refuse
from tuicontainer.engine.statistics import ContainerStats, StatsTick
from tuicontainer.errors import InvalidArgument, NotFound
from tuicontainer.observe.container import KernelView
from tuicontainer.observe.drift import Drift
from tuicontainer.observe.groups import GroupView
from tuicontainer.record import Record
from tuicontainer.supervise.views import ContainerView, Event, LogLine

_TYPES: dict[str, type[Record]] = {
    "info": EngineInfo,
    "tick": StatsTick,
    "event": Event,
    "bundles": BundleView,
    "containers": ContainerView,
    "groups": GroupView,
    "drift": Drift,
}


class ReplayEngine:
    """A recording as an engine.

    Attributes:
        moments: the recording's named moments, nanoseconds since the epoch.
        now_ns: the moment that is shown.
    """

    def __init__(self, lines: Iterable[str], *, moment: str | None = None) -> None:
        """Read a recording's *lines* and go to a named moment, by default to the end.

        Raises:
            InvalidArgument: not a recording of this version, or no such moment.
        """
        self.moments: dict[str, int] = {}
        self._entries: dict[str, list[tuple[int, Any]]] = {}
        self._changed = asyncio.Event()
        self.now_ns = 0
        for number, line in enumerate(lines, 1):
            self._read(number, json.loads(line))
        if moment is not None:
            self.seek(moment)

    def seek(self, moment: str | int) -> None:
        """Show a named moment, or a time in nanoseconds since the epoch.

        Raises:
            InvalidArgument: no moment has this name.
        """
        if isinstance(moment, str):
            if moment not in self.moments:
                raise InvalidArgument(
                    f"the recording has no moment `{moment}`",
                    hint=f"it has {', '.join(self.moments)}",
                )
            moment = self.moments[moment]
        self.now_ns = moment
        self._changed.set()
        self._changed = asyncio.Event()

    # engine.api.Engine

    async def info(self) -> EngineInfo:
        """Return the facts of the recorded host."""
        info = self._latest("info")
        assert isinstance(info, EngineInfo)
        return info

    async def bundles(self) -> Sequence[BundleView]:
        """Return the bundles of the moment."""
        return self._latest("bundles") or ()

    async def watch_bundles(self) -> AsyncIterator[Sequence[BundleView]]:
        """Yield the bundles of the moment, and again after each `seek` that changes them."""
        async for bundles in self._watch("bundles"):
            yield bundles

    async def bundle_config(self, path: str) -> Mapping[str, Any]:
        """Return a bundle's recorded config.json.

        Raises:
            NotFound: the recording has none.
        """
        return self._document("config", path, f"no bundle `{path}` in the recording")

    async def containers(self, *, all: bool = True) -> Sequence[ContainerView]:
        """Return the containers of the moment."""
        views: Sequence[ContainerView] = self._latest("containers") or ()
        return tuple(view for view in views if all or view.status in ("running", "paused"))

    async def watch_containers(self) -> AsyncIterator[Sequence[ContainerView]]:
        """Yield the containers of the moment, and again after each `seek` that changes them."""
        async for views in self._watch("containers"):
            yield views

    async def create(self, bundle: str, options: CreateOptions | None = None) -> Container:  # noqa: ARG002 - refused
        """Refuse.

        Raises:
            Unsupported: always.
        """
        refuse("create")

    async def container(self, reference: str) -> ReplayContainer:
        """Return the container with this id or unique id prefix at the moment.

        Raises:
            NotFound: none matches.
            InvalidArgument: several ids begin with the reference.
        """
        ids = [view.id for view in await self.containers()]
        matches = [name for name in ids if reference and name.startswith(reference)]
        if reference in ids:
            matches = [reference]
        if len(matches) > 1:
            raise InvalidArgument(f"`{reference}` could be {', '.join(sorted(matches))}")
        if not matches:
            raise NotFound(f"no container matches `{reference}` at this moment of the recording")
        return ReplayContainer(self, matches[0])

    async def restore(self, container_id: str) -> Container:  # noqa: ARG002 - refused
        """Refuse.

        Raises:
            Unsupported: always.
        """
        refuse("restore")

    async def forget(self, container_id: str) -> None:  # noqa: ARG002 - refused
        """Refuse.

        Raises:
            Unsupported: always.
        """
        refuse("forget")

    async def events(
        self, *, since: int | None = None, follow: bool = True
    ) -> AsyncIterator[Event]:
        """Yield the events up to the moment after the cursor *since*, and more after `seek`."""
        cursor = since
        if cursor is None:
            cursor = max((event.cursor for event in self._until_now("event")), default=0)
        while True:
            change = self._changed
            for event in self._until_now("event"):
                if event.cursor > cursor:
                    cursor = event.cursor
                    yield event
            if not follow:
                return
            await change.wait()

    async def stats(self, interval: float = 1.0) -> AsyncIterator[StatsTick]:  # noqa: ARG002 - as recorded
        """Yield the statistics of the moment, and again after each `seek`."""
        async for tick in self._watch("tick"):
            yield tick

    def stats_history(self, container_id: str) -> Sequence[tuple[int, ContainerStats]]:
        """Return what was measured of a container up to the moment."""
        return [
            (tick.time_ns, tick.containers[container_id])
            for tick in self._until_now("tick")
            if container_id in tick.containers
        ]

    # For its containers

    def document(self, kind: str, container_id: str) -> Mapping[str, Any]:
        """Return the `state` or `inspect` document of a container at the moment.

        Raises:
            NotFound: the recording has none.
        """
        return self._document(kind, container_id, f"no `{kind}` of `{container_id}` recorded")

    def groups(self, container_id: str) -> Sequence[GroupView]:
        """Return a container's control groups at the moment."""
        groups: Sequence[GroupView] = self._latest(f"groups {container_id}") or ()
        return groups

    def drift(self, container_id: str) -> Sequence[Drift]:
        """Return a container's drift at the moment.

        Raises:
            NotFound: it wasn't looked for.
        """
        found: Sequence[Drift] | None = self._latest(f"drift {container_id}")
        if found is None:
            raise NotFound(f"no drift of `{container_id}` is recorded")
        return found

    def kernel(self, container_id: str) -> KernelView:
        """Return what the kernel said of a container at the moment.

        Raises:
            NotFound: the recording has nothing.
        """
        view = self._latest(f"kernel {container_id}")
        if not isinstance(view, KernelView):
            raise NotFound(f"nothing that the kernel said of `{container_id}` is recorded")
        return view

    def log(self, container_id: str) -> list[LogLine]:
        """Return what a container had written up to the moment."""
        return list(self._until_now(f"log {container_id}"))

    async def change(self) -> None:
        """Wait for the next `seek`."""
        await self._changed.wait()

    # Reading

    def _read(self, number: int, entry: dict[str, Any]) -> None:
        if number == 1:
            if entry.get("recording") != VERSION:
                raise InvalidArgument(f"not a recording of version {VERSION}")
            return
        time_ns = entry.pop("t")
        ((kind, value),) = entry.items()
        self.now_ns = time_ns
        if kind == "moment":
            self.moments[value] = time_ns
        elif kind == "log":
            self._keep(f"log {value['id']}", time_ns, decode(LogLine, value["line"]))
        elif kind in ("groups", "drift"):
            views = tuple(decode(_TYPES[kind], view) for view in value["views"])
            self._keep(f"{kind} {value['id']}", time_ns, views)
        elif kind == "kernel":
            self._keep(f"kernel {value['id']}", time_ns, decode(KernelView, value["view"]))
        elif kind in ("state", "inspect", "config"):
            self._keep(f"{kind} {value.get('id') or value['path']}", time_ns, value["document"])
        elif isinstance(value, list):
            self._keep(kind, time_ns, tuple(decode(_TYPES[kind], item) for item in value))
        else:
            self._keep(kind, time_ns, decode(_TYPES[kind], value))

    def _keep(self, key: str, time_ns: int, value: object) -> None:
        self._entries.setdefault(key, []).append((time_ns, value))

    def _until_now(self, key: str) -> list[Any]:
        entries = self._entries.get(key, [])
        count = bisect_right(entries, self.now_ns, key=lambda entry: entry[0])
        return [value for _, value in entries[:count]]

    def _latest(self, key: str) -> Any:
        values = self._until_now(key)
        return values[-1] if values else None

    def _document(self, kind: str, key: str, missing: str) -> Mapping[str, Any]:
        document: Mapping[str, Any] | None = self._latest(f"{kind} {key}")
        if document is None:
            raise NotFound(missing)
        return document

    async def _watch(self, key: str) -> AsyncIterator[Any]:
        seen: object = None
        while True:
            change = self._changed
            value = self._latest(key)
            if value is not None and value is not seen:
                seen = value
                yield value
            await change.wait()
