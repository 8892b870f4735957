"""A small event loop for spawner and monitors: poll(2), timers, and nothing else.

One pass waits for descriptors or the next timer, then calls each handler once. Handlers never
block. There is no thread, no executor, no task: these processes fork.
"""

from __future__ import annotations

import errno
import heapq
import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[[], None]

_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR
_WRITABLE = select.POLLOUT | select.POLLHUP | select.POLLERR


class Timer:
    """A call to be made later, unless it is cancelled."""

    __slots__ = ("_order", "call", "due")

    def __init__(self, due: float, order: int, call: Handler) -> None:
        self.due = due
        self._order = order
        self.call: Handler | None = call

    def __lt__(self, other: Timer) -> bool:
        return (self.due, self._order) < (other.due, other._order)

    def cancel(self) -> None:
        """Don't make the call."""
        self.call = None


class Loop:
    """Calls handlers when their descriptors are ready and timers when they are due."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._readers: dict[int, Handler] = {}
        self._writers: dict[int, Handler] = {}
        self._timers: list[Timer] = []
        self._count = 0
        self._running = False

    def on_readable(self, fd: int, handler: Handler | None) -> None:
        """Call *handler* whenever *fd* can be read or has hung up; None: no more."""
        self._set(self._readers, fd, handler)

    def on_writable(self, fd: int, handler: Handler | None) -> None:
        """Call *handler* whenever *fd* can be written; None: no more."""
        self._set(self._writers, fd, handler)

    def forget(self, fd: int) -> None:
        """Stop watching *fd*; do it before closing it."""
        self._readers.pop(fd, None)
        self._writers.pop(fd, None)
        self._register(fd)

    def call_later(self, seconds: float, call: Handler) -> Timer:
        """Make a call after at least so many seconds."""
        self._count += 1
        timer = Timer(time.monotonic() + seconds, self._count, call)
        heapq.heappush(self._timers, timer)
        return timer

    def run(self) -> None:
        """Go round until `stop` is called."""
        self._running = True
        while self._running:
            self._pass()

    def stop(self) -> None:
        """Leave `run` after the present pass."""
        self._running = False

    def _pass(self) -> None:
        for fd, events in self._poll.poll(self._timeout_ms()):
            # A handler earlier in this pass may have forgotten the descriptor, or even closed it
            # and got the number anew, so both tables are asked at the last moment.
            if events & (_READABLE | select.POLLNVAL) and fd in self._readers:
                self._readers[fd]()
            if events & (_WRITABLE | select.POLLNVAL) and fd in self._writers:
                self._writers[fd]()
        now = time.monotonic()
        while self._timers and (self._timers[0].call is None or self._timers[0].due <= now):
            call = heapq.heappop(self._timers).call
            if call is not None:
                call()

    def _timeout_ms(self) -> int | None:
        while self._timers and self._timers[0].call is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return None
        return max(0, int((self._timers[0].due - time.monotonic()) * 1000) + 1)

    def _set(self, table: dict[int, Handler], fd: int, handler: Handler | None) -> None:
        if handler is None:
            table.pop(fd, None)
        else:
            table[fd] = handler
        self._register(fd)

    def _register(self, fd: int) -> None:
        wanted = (select.POLLIN if fd in self._readers else 0) | (
            select.POLLOUT if fd in self._writers else 0
        )
        if wanted:
            self._poll.register(fd, wanted)
            return
        try:
            self._poll.unregister(fd)
        except KeyError:
            pass
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
