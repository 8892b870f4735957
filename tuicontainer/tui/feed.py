"""The engine's streams into the model: one task each, one message a change, drawn later in one go.

A stream that fails is told once and opened again: a spawner may be starting, a disk full.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

from tuicontainer.engine.api import Engine
from tuicontainer.engine.statistics import StatsTick
from tuicontainer.errors import TuiContainerError, describe_failure
from tuicontainer.supervise.views import Event
from tuicontainer.tui.model import Model

if TYPE_CHECKING:
    from tuicontainer.engine.past import Ring

RETRY_AFTER = 2.0
"""Seconds."""


class Listener(Protocol):
    """Who is told of what streams in; called in the event loop, must return at once."""

    def changed(self, part: str) -> None:
        """Part of the model is new: `info`, `bundles`, `containers` or `tick`."""
        ...

    def happened(self, event: Event) -> None:
        """The journal has a new entry."""
        ...

    def failed(self, error: TuiContainerError) -> None:
        """A stream broke; it is opened again."""
        ...


class Feed:
    """All streams of one engine."""

    def __init__(
        self, engine: Engine, model: Model, listener: Listener, ring: Ring | None = None
    ) -> None:
        """Prepare to feed.

        Args:
            engine: tells.
            model: is kept new.
            listener: is told of what is new.
            ring: keeps all of it for looking back; None if nothing shall be kept.
        """
        self._engine = engine
        self._model = model
        self._listener = listener
        self._ring = ring
        self._held = False
        self._newest: dict[str, Any] = {}

    def hold(self) -> None:
        """Leave the model alone; what streams in is kept all the same, and events are told."""
        self._held = True

    def release(self) -> None:
        """Bring the model up to date, and keep it so again."""
        self._held = False
        for part, value in self._newest.items():
            self._show(part, value)

    async def run(self) -> None:
        """Keep the model new until cancelled."""
        streams = (self._info, self._bundles, self._containers, self._ticks, self._events)
        async with asyncio.TaskGroup() as group:
            for stream in streams:
                group.create_task(self._keep(stream))

    async def _keep(self, stream: Callable[[], Awaitable[None]]) -> None:
        told = ""
        while True:
            try:
                return await stream()
            except Exception as error:  # noqa: BLE001 - whatever broke, people get a toast
                failure = describe_failure(error, while_="watching")
                if failure.message != told:
                    told = failure.message
                    self._listener.failed(failure)
            await asyncio.sleep(RETRY_AFTER)

    def _take(self, part: str, value: Any) -> None:
        if self._ring is not None:
            self._ring.keep(part, value)
        self._newest[part] = value
        if not self._held:
            self._show(part, value)

    def _show(self, part: str, value: Any) -> None:
        if part == "containers":
            self._model.set_containers(value)
        else:
            setattr(self._model, part, value)
        self._listener.changed(part)

    async def _info(self) -> None:
        self._take("info", await self._engine.info())

    async def _bundles(self) -> None:
        async for bundles in self._engine.watch_bundles():
            self._take("bundles", tuple(bundles))

    async def _containers(self) -> None:
        async for views in self._engine.watch_containers():
            self._take("containers", views)

    async def _ticks(self) -> None:
        while True:
            refresh = self._model.preferences.refresh
            # Closed at once when the rate changes, so that nothing samples for nobody.
            ticks = cast("AsyncGenerator[StatsTick, None]", self._engine.stats(refresh))
            async with contextlib.aclosing(ticks):
                async for tick in ticks:
                    self._take("tick", tick)
                    if self._model.preferences.refresh != refresh:
                        break
                else:
                    return

    async def _events(self) -> None:
        async for event in self._engine.events():
            if self._ring is not None:
                self._ring.keep("event", event)
            self._listener.happened(event)
