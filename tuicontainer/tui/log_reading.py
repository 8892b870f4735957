"""Follows containers' logs into the view, and fetches older lines on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from tuicontainer.engine.api import Engine
from tuicontainer.errors import NotFound, TuiContainerError
from tuicontainer.supervise.views import LogLine

if TYPE_CHECKING:
    from tuicontainer.tui.widgets.logs import LogView

TAIL = 1000
"""Lines of a log that are shown at first; older ones come when the reader asks for them."""
SETTLE = 0.08
"""Seconds that the cursor must rest before a log is opened: scrolling through a list opens none."""
BATCH = 0.1
"""Seconds for which lines are gathered into one repaint."""
_OLDER = -1
_STRIDE = 4000
"""Lines that are taken without letting keys be answered in between."""


class LogReading:
    """Keeps a log view full of what its containers write."""

    def __init__(self, view: LogView) -> None:
        self._view = view
        self._engine: Engine | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ids: tuple[str, ...] = ()
        self._waiting: list[list[LogLine]] = []
        self._flush: asyncio.TimerHandle | None = None
        self._first: list[LogLine | None] = []
        """The oldest line that came of each."""
        self._received: list[int] = []
        self._whole = False
        """Everything that the logs hold has been asked for."""
        self._to_top = False
        """The reader wants to see the very first line of it."""
        self._pending: set[int] = set()
        """What is being opened or fetched: places of containers, -1 for older lines."""

    def connect(self, engine: Engine) -> None:
        """Use *engine* from now on."""
        self._engine = engine

    @property
    def quiet(self) -> bool:
        """Whether nothing that was asked for is still on its way."""
        return not self._pending and self._flush is None

    def stop(self) -> None:
        """Follow nothing any more."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        self._ids = ()
        # Tasks that end late have the set that they began with.
        self._pending = set()

    def follow(self, container_ids: Sequence[str]) -> None:
        """Show these containers' logs and what they write from now on."""
        self.stop()
        self._view.clear("", container_ids)
        if self._engine is None:
            return
        self._ids = tuple(container_ids)
        self._waiting = [[] for _ in container_ids]
        self._first = [None for _ in container_ids]
        self._received = [0 for _ in container_ids]
        self._whole = self._to_top = False
        self._pending = set(range(len(container_ids)))
        for source in range(len(container_ids)):
            self._spawn(self._follow(source, self._pending))

    def read_earlier(self, *, to_top: bool) -> None:
        """Fetch what is older than the lines that are shown, once."""
        self._to_top = self._to_top or to_top
        if self._whole or not self._ids:
            return
        self._whole = True
        self._pending.add(_OLDER)
        self._spawn(self._fetch_earlier(self._pending))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def _follow(self, source: int, pending: set[int]) -> None:
        assert self._engine is not None
        await asyncio.sleep(SETTLE)
        try:
            container = await self._engine.container(self._ids[source])
            self._view.nothing = "no output yet"
            self._view.repaint()
            pending.discard(source)
            async for line in container.logs(follow=True, tail=TAIL):
                if self._first[source] is None:
                    self._first[source] = line
                self._received[source] += 1
                self._waiting[source].append(line)
                if self._flush is None:
                    self._flush = asyncio.get_running_loop().call_later(BATCH, self._hand_over)
        except TuiContainerError as error:
            pending.discard(source)
            if not isinstance(error, NotFound):
                self._view.nothing = error.message
                self._view.repaint()

    def _hand_over(self) -> None:
        self._flush = None
        for source, lines in enumerate(self._waiting):
            if lines:
                self._waiting[source] = []
                self._view.add(lines, source)

    async def _fetch_earlier(self, pending: set[int]) -> None:
        from tuicontainer.tui.logbook import KEPT_LINES

        assert self._engine is not None
        try:
            for source, container_id in enumerate(self._ids):
                if self._first[source] is None or self._received[source] < TAIL:
                    continue
                container = await self._engine.container(container_id)
                older = await self._older(source, container.logs(tail=KEPT_LINES))
                if older:
                    self._view.prepend(older, source)
                    if self._to_top:
                        self._view.scroll_home(animate=False)
        except TuiContainerError:
            # The container is gone meanwhile: what is shown is all there is.
            return
        finally:
            pending.discard(_OLDER)

    async def _older(self, source: int, lines: AsyncIterator[LogLine]) -> list[LogLine]:
        """Return those of *lines* that came before the first one that is shown."""
        first = self._first[source]
        found: list[LogLine] = []
        async for line in lines:
            if line == first:
                return found
            found.append(line)
            if len(found) % _STRIDE == 0:
                await asyncio.sleep(0)
        return found
