"""An engine that answers from a tape, as it was at a chosen moment.

It changes nothing: every verb is refused. `seek` goes to another moment; whoever watches is told
what is different there. The tape is a recording (`open_replay`) or the last minutes of a running
application (`engine.past`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import Container, CreateOptions, EngineInfo
from tuicontainer.engine.bundle_work import RecordedBundleWork
from tuicontainer.engine.history import KEPT_NS
from tuicontainer.engine.recording_file import RecordingText
from tuicontainer.engine.recording_reader import read_tape, stats_in
from tuicontainer.engine.replay_container import ReplayContainer, refuse
from tuicontainer.engine.statistics import ContainerStats, StatsTick
from tuicontainer.engine.tape import Tape
from tuicontainer.errors import InvalidArgument, NotFound
from tuicontainer.observe.container import KernelView
from tuicontainer.observe.drift import Drift
from tuicontainer.observe.groups import GroupView
from tuicontainer.supervise.views import ContainerView, Event, LogLine

_MOST_CACHED = 20_000
"""Statistics of one container at one tick that are held decoded."""


@contextlib.asynccontextmanager
async def open_replay(path: str) -> AsyncIterator[ReplayEngine]:
    """Open a recording, at its beginning.

    Raises:
        NotFound, PermissionDenied: the file can't be read.
        InvalidArgument: it isn't a recording, or is damaged, or a newer version wrote it.
        Unsupported: it is compressed, and this Python has no Zstandard.
    """
    text = RecordingText(path)
    tape = await asyncio.to_thread(_read, text)
    engine = ReplayEngine(tape, torn=text.torn)
    engine.seek(tape.first_ns)
    yield engine


def check_recording(path: str) -> None:
    """Check that a file begins as a recording does.

    Raises:
        TuiContainerError: as `open_replay`, as far as its first lines tell.
    """
    first = []
    for line in RecordingText(path).lines():
        first.append(line)
        if len(first) == 2:
            break
    _named(path, first)


def _read(text: RecordingText) -> Tape:
    tape = _named(text.path, text.lines())
    if not tape.count("info"):
        raise InvalidArgument(f"the recording `{text.path}` ends before anything was recorded")
    return tape


def _named(path: str, lines: Iterable[bytes]) -> Tape:
    try:
        return read_tape(lines)
    except InvalidArgument as error:
        if path in error.message:
            raise
        raise InvalidArgument(f"`{path}`: {error.message}", hint=error.hint) from error


class ReplayEngine:
    """A tape as an engine.

    Attributes:
        tape: what it answers from.
        now_ns: the moment that is shown, nanoseconds since the epoch.
        torn: whether the recording's end is missing.
        bundle_work: linting and checking; what would make or change bundles is refused.
    """

    def __init__(self, tape: Tape, *, moment: str | None = None, torn: bool = False) -> None:
        """Answer from *tape* as of a named moment, by default of its end.

        Raises:
            InvalidArgument: no such moment.
        """
        self.tape = tape
        self.torn = torn
        self.bundle_work = RecordedBundleWork(self.bundle_config)
        self._changed = asyncio.Event()
        self._cache: dict[tuple[str, int], ContainerStats | None] = {}
        self.now_ns = tape.last_ns
        if moment is not None:
            self.seek(moment)

    @property
    def moments(self) -> Mapping[str, int]:
        """The named moments, nanoseconds since the epoch."""
        return self.tape.moments

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
        cursor, time_ns = since or 0, self.now_ns if since is None else 0
        while True:
            change = self._changed
            for place in range(self.tape.count("event", time_ns), self.tape.count("event")):
                if self.tape.time("event", place) > self.now_ns:
                    break
                event: Event = self.tape.value("event", place)
                if event.cursor > cursor:
                    cursor = event.cursor
                    yield event
            time_ns = max(time_ns, self.now_ns)
            if not follow:
                return
            await change.wait()

    async def stats(self, interval: float = 1.0) -> AsyncIterator[StatsTick]:  # noqa: ARG002 - as recorded
        """Yield the statistics of the moment, and again after each `seek`."""
        async for tick in self._watch("tick"):
            yield tick

    def stats_history(self, container_id: str) -> Sequence[tuple[int, ContainerStats]]:
        """Return what was measured of a container in the fifteen minutes up to the moment."""
        tape = self.tape
        found = []
        for place in range(
            tape.count("tick", self.now_ns - KEPT_NS), tape.count("tick", self.now_ns)
        ):
            stats = self._stats(place, container_id)
            if stats is not None:
                found.append((tape.time("tick", place), stats))
        return found

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

    def log_length(self, container_id: str) -> int:
        """Return how many lines a container had written up to the moment."""
        return self.tape.count(f"log {container_id}", self.now_ns)

    def log(self, container_id: str, first: int) -> list[LogLine]:
        """Return what a container had written up to the moment, from the line *first* on."""
        places = range(first, self.log_length(container_id))
        return [self.tape.value(f"log {container_id}", place) for place in places]

    async def change(self) -> None:
        """Wait for the next `seek`."""
        await self._changed.wait()

    # Reading

    def _latest(self, key: str) -> Any:
        return self.tape.latest(key, self.now_ns)

    def _document(self, kind: str, key: str, missing: str) -> Mapping[str, Any]:
        document: Mapping[str, Any] | None = self._latest(f"{kind} {key}")
        if document is None:
            raise NotFound(missing)
        return document

    def _stats(self, place: int, container_id: str) -> ContainerStats | None:
        """Return one container's statistics of one tick."""
        stored = self.tape.stored("tick", place)
        if isinstance(stored, StatsTick):
            return stored.containers.get(container_id)
        if len(self._cache) > _MOST_CACHED:
            self._cache.clear()
        if (container_id, place) not in self._cache:
            self._cache[container_id, place] = stats_in(stored, container_id)
        return self._cache[container_id, place]

    async def _watch(self, key: str) -> AsyncIterator[Any]:
        seen: tuple[int, int] | None = None
        while True:
            change = self._changed
            place = self.tape.count(key, self.now_ns) - 1
            # Places move on a tape that forgets, so that a value may be told twice.
            if place >= 0 and (place, self.tape.time(key, place)) != seen:
                seen = (place, self.tape.time(key, place))
                yield self.tape.value(key, place)
            await change.wait()
