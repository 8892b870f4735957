"""The window in which a delete can be taken back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from tuicontainer.engine.api import Engine
from tuicontainer.errors import TuiContainerError


class Undoing:
    """Deleted containers that can still be brought back, newest last."""

    def __init__(self, engine: Engine, changed: Callable[[], None]) -> None:
        """Use *engine*; call *changed* when there are others."""
        self._engine = engine
        self._changed = changed
        self._timers: dict[str, asyncio.Task[None]] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """The containers, newest last."""
        return tuple(self._timers)

    def offer(self, container_id: str, seconds: float) -> None:
        """Let a container be brought back for so long."""
        earlier = self._timers.pop(container_id, None)
        if earlier is not None:
            earlier.cancel()
        task = asyncio.get_running_loop().create_task(self._wait(container_id, seconds))
        self._timers[container_id] = task
        self._changed()

    async def take_back(self) -> str:
        """Bring the newest one back and return its id.

        Raises:
            TuiContainerError: it can't be brought back.
        """
        container_id, timer = self._timers.popitem()
        timer.cancel()
        self._changed()
        await self._engine.restore(container_id)
        return container_id

    async def close(self) -> None:
        """End all windows: what was deleted goes for good."""
        timers, self._timers = self._timers, {}
        for container_id, timer in timers.items():
            timer.cancel()
            await self._forget(container_id)

    async def _wait(self, container_id: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        del self._timers[container_id]
        self._changed()
        await self._forget(container_id)

    async def _forget(self, container_id: str) -> None:
        # A record that stays behind is removed by a later delete.
        with contextlib.suppress(TuiContainerError, OSError):
            await self._engine.forget(container_id)
