"""The last fifteen minutes of each container's statistics, in memory. Pure."""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.engine.statistics import ContainerStats, StatsTick

KEPT_NS = 15 * 60 * 1_000_000_000


class History:
    """Ticks by container; what is older than `KEPT_NS` is dropped, whoever it belongs to."""

    def __init__(self) -> None:
        self._rings: dict[str, deque[tuple[int, ContainerStats]]] = {}

    def add(self, tick: StatsTick) -> StatsTick:
        """Keep the statistics of every container in *tick*; return it with what is kept."""
        kept = {}
        for container_id, stats in tick.containers.items():
            ring = self._rings.setdefault(container_id, deque())
            kept[container_id] = _sharing(stats, ring[-1][1]) if ring else stats
            ring.append((tick.time_ns, kept[container_id]))
        self._forget(tick.time_ns - KEPT_NS)
        return tick.replace(containers=kept)

    def of(self, container_id: str) -> Sequence[tuple[int, ContainerStats]]:
        """Return what is kept of one container, oldest first."""
        return tuple(self._rings.get(container_id, ()))

    def _forget(self, before_ns: int) -> None:
        for container_id, ring in list(self._rings.items()):
            while ring and ring[0][0] < before_ns:
                ring.popleft()
            if not ring:
                del self._rings[container_id]


def _sharing(stats: ContainerStats, earlier: ContainerStats) -> ContainerStats:
    """Return *stats* holding the parts of *earlier* that didn't change.

    An idle container's counters stand still: without this, 900 equal copies of each would take
    2 MB a container.
    """
    new, old = stats.sample, earlier.sample
    changes = {
        field: getattr(old, field)
        for field in ("cpu", "memory", "pids", "io", "pressure")
        if getattr(new, field) == getattr(old, field)
    }
    return stats.replace(sample=new.replace(**changes)) if changes else stats
