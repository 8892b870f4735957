"""Operations that wait: one at a time, each a generator on the monitor's loop.

A job yields a function that takes a callback, and goes on with the callback's argument: a value,
or an exception that is raised where the job waits.
"""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, TypeAlias

    Resume: TypeAlias = Callable[[Any], None]
    Wait: TypeAlias = Callable[[Resume], None]
    Job: TypeAlias = Generator[Wait, Any, Any]


class Jobs:
    """Runs jobs in order; a job must not raise."""

    def __init__(self, on_idle: Callable[[], None]) -> None:
        self._on_idle = on_idle
        self._waiting: deque[Job] = deque()
        self._running = False

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return not self._running

    def add(self, job: Job) -> None:
        """Run a job after those before it."""
        self._waiting.append(job)
        if not self._running:
            self._next()

    def _next(self) -> None:
        self._running = True
        while self._waiting:
            if self._advance(self._waiting.popleft(), None):
                return
        self._running = False
        self._on_idle()

    def _advance(self, job: Job, value: Any) -> bool:
        """Let a job go on; return whether it waits again."""
        try:
            wait = job.throw(value) if isinstance(value, BaseException) else job.send(value)
        except StopIteration:
            return False
        wait(lambda value: self._resume(job, value))
        return True

    def _resume(self, job: Job, value: Any) -> None:
        if not self._advance(job, value):
            self._next()
