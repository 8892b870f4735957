"""The present containers, read again only when something may have changed.

Shared by all who watch and by the sampler, from several threads.
"""

from __future__ import annotations

import os
import threading
import time

from tuicontainer.supervise.inventory import list_containers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations
    from tuicontainer.supervise.views import ContainerView

MAX_AGE = 0.8
"""Seconds after which the list is read again whatever the traces say: a process that ends without
its monitor, or a runtime that isn't ours, leaves none."""


class ContainerList:
    """All containers of one state root; looks for traces of change before it reads."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations
        self._lock = threading.Lock()
        self._views: tuple[ContainerView, ...] = ()
        self._traces: tuple[object, ...] | None = None
        self._read_at = 0.0

    def refresh(self) -> tuple[ContainerView, ...]:
        """Read the list now."""
        with self._lock:
            return self._read(self._look())

    def current(self) -> tuple[ContainerView, ...]:
        """Return the list, read again if there are traces of change or it is old."""
        with self._lock:
            traces = self._look()
            if traces == self._traces and time.monotonic() - self._read_at < MAX_AGE:
                return self._views
            return self._read(traces)

    def _read(self, traces: tuple[object, ...]) -> tuple[ContainerView, ...]:
        self._views = tuple(list_containers(self._locations))
        self._traces = traces
        self._read_at = time.monotonic()
        return self._views

    def _look(self) -> tuple[object, ...]:
        """Return what changes when a container comes, goes or has an event."""
        places = (
            self._locations.journal,
            self._locations.state_root,
            self._locations.containers_dir,
        )
        return tuple(_trace(place) for place in places)


def _trace(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
