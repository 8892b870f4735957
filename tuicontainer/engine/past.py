"""The last minutes of an engine that goes on.

A ring keeps what its streams told; an engine of the past answers from it as of a moment, and
refuses everything that would change something, which would be now.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from tuicontainer.engine.api import Engine
from tuicontainer.engine.codec import encode
from tuicontainer.engine.history import KEPT_NS
from tuicontainer.engine.replay import ReplayEngine
from tuicontainer.engine.replay_container import ReplayContainer
from tuicontainer.engine.statistics import StatsTick
from tuicontainer.engine.tape import Tape
from tuicontainer.errors import NotFound
from tuicontainer.supervise.views import ContainerView, Event, LogLine

MOST_LINES = 10_000
"""Lines of a log that can be looked at in the past."""
_NEAREST_NS = 900_000_000
"""Ticks nearer to each other aren't kept: the past is one of seconds."""


class Ring:
    """Keeps what an engine's streams told in the last fifteen minutes.

    Attributes:
        tape: holds it.
    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        """Begin to keep, by a clock of nanoseconds since the epoch."""
        self.tape = Tape(keep_ns=KEPT_NS)
        self._now_ns = now_ns
        self._views: dict[str, ContainerView] = {}
        self._tick_ns = 0

    def keep(self, kind: str, value: object) -> None:
        """Keep a value of a stream: `info`, `bundles`, `containers`, `tick` or `event`."""
        time_ns = self._now_ns()
        if isinstance(value, StatsTick):
            if 0 <= time_ns - self._tick_ns < _NEAREST_NS:
                return
            self._tick_ns = time_ns
        elif kind == "containers":
            assert isinstance(value, Sequence)
            value = self._shared(value)
        self.tape.add(kind, time_ns, value)

    def _shared(self, views: Sequence[ContainerView]) -> tuple[ContainerView, ...]:
        """Return *views* with those that didn't change as they are kept already.

        A list is told when one of its containers changes; a thousand equal copies of the others
        would take a megabyte each time.
        """
        before = self._views
        self._views = {
            view.id: before[view.id] if before.get(view.id) == view else view for view in views
        }
        return tuple(self._views.values())


class PastEngine(ReplayEngine):
    """An engine as it was. What isn't kept but doesn't change is asked of the engine as it is."""

    def __init__(self, ring: Ring, live: Engine) -> None:
        """Look back on *live*, whose streams *ring* has kept."""
        super().__init__(ring.tape)
        self.live = live

    async def bundle_config(self, path: str) -> Mapping[str, Any]:
        """Return a bundle's config.json as it is now."""
        return await self.live.bundle_config(path)

    async def container(self, reference: str) -> PastContainer:
        """Return the container with this id or unique id prefix at the moment.

        Raises:
            NotFound: none matches.
            InvalidArgument: several ids begin with the reference.
        """
        return PastContainer(self, (await super().container(reference)).id)

    async def events(
        self, *, since: int | None = None, follow: bool = True
    ) -> AsyncIterator[Event]:
        """Yield the events up to the moment; of the journal if past ones are asked for."""
        if follow:
            async for event in super().events(since=since):
                yield event
            return
        async for event in self.live.events(since=since, follow=False):
            if event.time_ns <= self.now_ns:
                yield event


class PastContainer(ReplayContainer):
    """A container as it was, with the log as far as it had been written."""

    def __init__(self, engine: PastEngine, container_id: str) -> None:
        super().__init__(engine, container_id)
        self._past = engine

    async def state(self) -> Mapping[str, Any]:
        """Return the OCI state document of the moment."""
        return (await self.view()).state_document()

    async def inspect(self) -> Mapping[str, Any]:
        """Return what was true of it, and what has been since: its configuration, its timeline.

        Of what came later there is nothing. What the present doesn't know any more is missing.
        """
        view = await self.view()
        document: dict[str, Any] = encode(dict(view.items()))
        document["state"] = view.state_document()
        try:
            now = await (await self._past.live.container(self.id)).inspect()
        except NotFound:
            return document
        if "config" in now:
            document["config"] = now["config"]
        document["timeline"] = [
            each for each in now.get("timeline") or () if each["began_ns"] <= self._past.now_ns
        ]
        if view.status == "stopped" and view.instance == now.get("instance"):
            document |= {name: now.get(name) for name in ("last_sample", "last_lines")}
        return document

    async def logs(
        self, *, follow: bool = False, tail: int | None = None, since_ns: int | None = None
    ) -> AsyncIterator[LogLine]:
        """Yield what it had written up to the moment; with *follow* more after each `seek`.

        Raises:
            NotFound: it is gone by now, and its log with it.
        """
        live = await self._past.live.container(self.id)
        lines = [line async for line in live.logs(tail=MOST_LINES, since_ns=since_ns)]
        place = 0
        if tail is not None:
            place = max(0, sum(line.time_ns <= self._past.now_ns for line in lines) - tail)
        while True:
            while place < len(lines) and lines[place].time_ns <= self._past.now_ns:
                yield lines[place]
                place += 1
            if not follow:
                return
            await self._past.change()
