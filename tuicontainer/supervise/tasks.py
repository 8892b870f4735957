"""What the spawner gives a monitor on its way: plain values and descriptor numbers."""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class MonitorTask(Record):
    """What a monitor begins with. The numbers are of descriptors it has inherited."""

    container_id: str | None = None
    """None for a container that is still to be made."""
    message: Mapping[str, Any] | None = None
    """The request to begin with; None: only look after the container."""
    descriptors: tuple[int, ...] = ()
    """That came with the request."""
    door: int | None = None
    """The connection on which to answer."""
    guard: int = -1
    """The connection to the spawner."""
    inherited: Mapping[str, int] = {}
    """The container's descriptors by name, duplicated for the monitor that died."""
    container: int = 0
    """Pid of the container's first process, which now is the spawner's child; 0 if it isn't."""
    status: int | None = None
    """Raw wait status of that process, if the spawner has reaped it already."""
