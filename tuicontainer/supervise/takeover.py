"""How a monitor looks after a container that has none, in whatever state it is."""

from __future__ import annotations

import os
import time

from tuicontainer.errors import TuiContainerError
from tuicontainer.runtime.process.identity import open_pidfd
from tuicontainer.runtime.state import state
from tuicontainer.supervise.instances import remove_instance
from tuicontainer.supervise.last_moments import keep_last_sample, unseen_end
from tuicontainer.supervise.records import read_record, remove_record
from tuicontainer.supervise.stdio import reopen_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations
    from tuicontainer.runtime.instance import Instance
    from tuicontainer.supervise.ledger import Ledger
    from tuicontainer.supervise.monitor import Monitor
    from tuicontainer.supervise.records import ContainerRecord
    from tuicontainer.supervise.tasks import MonitorTask


def take_over(monitor: Monitor, task: MonitorTask) -> None:
    """Take the container's lock, and go on where the monitor before stopped.

    With the duplicates that the spawner kept nothing is lost; without them the streams are opened
    again by name, and the exit status is known only if the kernel tells it.

    Raises:
        NotFound: there is no such container.
        Unavailable: it has a monitor.
    """
    assert task.container_id is not None
    locations = monitor.locations
    read_record(locations, task.container_id)
    monitor.hold(task.container_id)
    record = read_record(locations, task.container_id)
    if record.made < record.instance:
        _undo_making(monitor, record)
        return
    ledger = monitor.open_ledger(record)
    instance = _instance(locations, record.id)
    init = None if instance is None else instance.init
    pidfd = task.inherited.get("pidfd")
    if pidfd is None and init is not None and not record.ended:
        pidfd = open_pidfd(init)
    if pidfd is None:
        if not record.ended:
            _record_unseen_end(monitor, ledger)
        return
    streams = {name: fd for name, fd in task.inherited.items() if name != "pidfd"}
    if not streams and not record.terminal:
        streams = reopen_streams(locations, record.id)
    if record.started_ns is None and instance is not None and instance.phase == "started":
        # The monitor died before it could write down that `start` had succeeded.
        ledger.write(started_ns=time.time_ns())
    pid = task.container or (0 if init is None else init.pid)
    live = monitor.begin_life(pid, pidfd, streams, ours=False)
    ledger.note("monitor-recovered", monitor=os.getpid())
    if ledger.record.started_ns is not None:
        monitor.watch_health()
    if task.status is not None:
        live.watch.tell(task.status)


def _record_unseen_end(monitor: Monitor, ledger: Ledger) -> None:
    """Record an end that nobody saw; its control group may still know more than that it came."""
    record = ledger.record
    last = keep_last_sample(monitor.locations, record)
    ending = unseen_end(monitor.locations, record)
    ledger.write(exit=ending, exit_instance=record.instance)
    if ending.oom_killed and last is not None:
        ledger.note("oom", kills=last.memory.oom_kills)
    ledger.note("exited", status=None, reason=ending.reason, oom_killed=ending.oom_killed)


def _instance(locations: Locations, container_id: str) -> Instance | None:
    try:
        return state(locations.state_root, container_id).instance
    except TuiContainerError:
        return None


def _undo_making(monitor: Monitor, record: ContainerRecord) -> None:
    """A monitor died while it made this instance: make it as if never attempted.

    Raises:
        NotFound: it was the first, so the container never came to be.
    """
    remove_instance(monitor.locations, record.id)
    if record.instance > 1:
        monitor.open_ledger(record).write(instance=record.made)
        return
    remove_record(monitor.locations, record.id)
    read_record(monitor.locations, record.id)
