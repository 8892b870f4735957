"""The statistics stream: one sampler in one worker thread for all who listen, none for nobody."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable

from tuicontainer.engine.history import History
from tuicontainer.engine.sampler import Sampler
from tuicontainer.engine.statistics import StatsTick
from tuicontainer.errors import InvalidArgument, Unavailable

_EARLY = 0.05
"""Seconds by which a tick may come before it is due: timers aren't exact."""
_HISTORY_INTERVAL_NS = 900_000_000
"""Ticks nearer to each other than this aren't kept: the history is one of seconds."""


class StatsStream:
    """Deals out ticks. Used in one event loop; only the sampler runs in the thread."""

    def __init__(self, open_sampler: Callable[[], Sampler], history: History) -> None:
        self._open_sampler = open_sampler
        self._history = history
        self._kept_ns = 0
        self._listeners: set[_Listener] = set()
        self._worker: _Worker | None = None
        self._stopping: set[_Worker] = set()

    async def listen(self, interval: float) -> AsyncGenerator[StatsTick, None]:
        """Yield a tick now and then every *interval* seconds.

        A listener that is slow misses ticks and gets the newest one; nothing piles up.

        Raises:
            InvalidArgument: the interval isn't above zero.
            Unavailable: sampling failed as a whole, /proc being unreadable for example.
        """
        if not interval > 0:
            raise InvalidArgument(f"an interval of `{interval}` seconds can't be kept")
        listener = _Listener(interval)
        self._listeners.add(listener)
        self._pace()
        try:
            while True:
                yield await listener.next()
        finally:
            self._listeners.discard(listener)
            self._pace()

    async def close(self) -> None:
        """Stop sampling and wait until the files are closed."""
        self._stop()
        for worker in list(self._stopping):
            await asyncio.to_thread(worker.join)

    def _stop(self) -> None:
        self._stopping = {worker for worker in self._stopping if worker.is_alive()}
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()
            self._stopping.add(worker)

    def _pace(self) -> None:
        """Let the worker run at the pace of the most eager listener, or not at all."""
        if not self._listeners:
            self._stop()
            return
        interval = min(listener.interval for listener in self._listeners)
        if self._worker is None:
            loop = asyncio.get_running_loop()
            self._worker = _Worker(self._open_sampler, loop, self._deliver, interval)
            self._worker.start()
        else:
            self._worker.set_interval(interval)

    def _deliver(self, worker: _Worker, tick: StatsTick | BaseException) -> None:
        if worker is not self._worker:
            return
        if isinstance(tick, StatsTick):
            if abs(tick.time_ns - self._kept_ns) >= _HISTORY_INTERVAL_NS:
                # Who keeps ticks keeps the same objects as the history.
                tick = self._history.add(tick)
                self._kept_ns = tick.time_ns
        else:
            self._worker = None
        now = time.monotonic()
        for listener in self._listeners:
            listener.offer(tick, now)


class _Listener:
    """The newest tick that one consumer hasn't taken yet."""

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self._due = 0.0
        self._newest: StatsTick | BaseException | None = None
        self._arrived = asyncio.Event()

    def offer(self, tick: StatsTick | BaseException, now: float) -> None:
        """Take a tick if this listener's interval has passed."""
        if isinstance(tick, StatsTick) and now < self._due - _EARLY:
            return
        self._due = max(self._due, now - _EARLY) + self.interval
        self._newest = tick
        self._arrived.set()

    async def next(self) -> StatsTick:
        """Wait for the next tick."""
        await self._arrived.wait()
        self._arrived.clear()
        newest, self._newest = self._newest, None
        if isinstance(newest, StatsTick):
            return newest
        raise Unavailable(f"reading statistics failed: {newest}") from newest


class _Worker(threading.Thread):
    """Samples until told to stop; hands every tick to the event loop."""

    def __init__(
        self,
        open_sampler: Callable[[], Sampler],
        loop: asyncio.AbstractEventLoop,
        deliver: Callable[[_Worker, StatsTick | BaseException], None],
        interval: float,
    ) -> None:
        super().__init__(name="statistics", daemon=True)
        self._open_sampler = open_sampler
        self._loop = loop
        self._deliver = deliver
        self._interval = interval
        self._woken = threading.Event()
        self._stopped = False

    def set_interval(self, interval: float) -> None:
        """Change the pace from now on."""
        if interval != self._interval:
            self._interval = interval
            self._woken.set()

    def stop(self) -> None:
        """Let the thread end; it closes the sampler's files itself."""
        self._stopped = True
        self._woken.set()

    def run(self) -> None:
        """Sample at the times that the interval sets, without drifting."""
        try:
            sampler = self._open_sampler()
            try:
                self._sample(sampler)
            finally:
                sampler.close()
        except Exception as error:  # noqa: BLE001 - whatever it is, those who listen must hear of it
            self._hand_over(error)

    def _sample(self, sampler: Sampler) -> None:
        due = time.monotonic()
        while not self._stopped:
            now = time.monotonic()
            if now >= due:
                self._hand_over(sampler.tick())
                due = max(due + self._interval, now)
            elif self._woken.wait(due - now):
                self._woken.clear()
                due = min(due, time.monotonic() + self._interval)

    def _hand_over(self, tick: StatsTick | BaseException) -> None:
        try:
            self._loop.call_soon_threadsafe(self._deliver, self, tick)
        except RuntimeError:
            # The loop was closed without closing the engine: nobody listens any more.
            self._stopped = True
