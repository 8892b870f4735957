"""What happens to a running container's memory and time: samples at an interval, and OOM kills."""

from __future__ import annotations

import os
import select
import time

from tuicontainer.errors import FailedPrecondition, NotFound
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.process.identity import open_pidfd
from tuicontainer.runtime.state import state
from tuicontainer.runtime.view import cgroup_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.cgroups.sample import CgroupSample

_LOOK_S = 0.25
"""Between two looks at the counter of OOM kills. v1 and v2 notify in different ways, v1 not of a
group that is below the one that is watched; the counter is in all of them and misses none."""


def watch(root: str, container_id: str, interval_s: float) -> Iterator[CgroupSample | None]:
    """Yield a sample each *interval_s* seconds, and None for each OOM kill.

    Ends when the container's first process has ended; what it was killed for is told before.

    Raises:
        NotFound: no such container.
        FailedPrecondition: it isn't running, or has no control group.
    """
    now = state(root, container_id)
    check_allowed("events", now.status, container_id)
    group = cgroup_of(now.instance)
    if group is None:
        raise FailedPrecondition(f"container `{container_id}` has no control group")
    pidfd = None if now.instance.init is None else open_pidfd(now.instance.init)
    if pidfd is None:
        return
    try:
        yield from _watch_group(group, pidfd, interval_s)
    except NotFound:
        # It has been deleted.
        return
    finally:
        os.close(pidfd)


def _watch_group(group: Cgroup, pidfd: int, interval_s: float) -> Iterator[CgroupSample | None]:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    kills = group.oom_kills() or 0
    due = time.monotonic() + interval_s
    ended = False
    while not ended:
        patience = max(0.0, min(_LOOK_S, due - time.monotonic()))
        ended = bool(poll.poll(patience * 1000))
        before, kills = kills, group.oom_kills() or kills
        yield from [None] * (kills - before)
        if not ended and time.monotonic() >= due:
            yield group.sample()
            due += interval_s
