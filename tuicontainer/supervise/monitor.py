"""The monitor: one per container, from its first process to the record of its end.

It owns the container's streams, log and exit status, and does what doors ask, one change after
the other; what must never wait (stop, kill, attach, status) doesn't. When its container has no
process and nobody wants anything it ends; the next request gets a new one from the spawner.
"""

from __future__ import annotations

import gc
import os
import time

from tuicontainer.errors import TuiContainerError, Unavailable
from tuicontainer.supervise.channel import Channel, Received, listen
from tuicontainer.supervise.door import Door
from tuicontainer.supervise.entrance import Entrance
from tuicontainer.supervise.failures import note_failure
from tuicontainer.supervise.files import remove_file
from tuicontainer.supervise.guardian import Guardian
from tuicontainer.supervise.handshake import own_namespaces
from tuicontainer.supervise.jobs import Jobs
from tuicontainer.supervise.ledger import Ledger
from tuicontainer.supervise.live import Live
from tuicontainer.supervise.locks import hold_lock
from tuicontainer.supervise.loop import Loop
from tuicontainer.supervise.names import MONITOR_SOCKET
from tuicontainer.supervise.records import (
    monitor_lock_path,
)
from tuicontainer.supervise.served import Requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.health import HealthWatch
    from tuicontainer.supervise.records import ContainerRecord
    from tuicontainer.supervise.tasks import MonitorTask

_LOCK_SECONDS = 10.0
_LOCK_PAUSE = 0.01
LINGER_SECONDS = 1.0
"""How long a monitor outlives its container: who waited for the end asks for the next thing now."""


def run_monitor(locations: Locations, task: MonitorTask) -> None:
    """Be the monitor that *task* asks for, until it isn't needed.

    A bug of ours ends the monitor and is written to the journal; the spawner gives the container
    another one.
    """
    # What was frozen before the fork isn't looked at, so collecting dirties only our own pages.
    gc.enable()
    try:
        Monitor(locations, task).run()
    except Exception:  # noqa: BLE001 - a bug of ours, which nobody else would see
        note_failure(locations, "monitor-failed", task.container_id or "")


class Monitor:
    """One container's supervisor.

    Attributes:
        locations: state and data root.
        loop: everything happens on it.
        guardian: the spawner.
        jobs: the changes that wait for each other.
        ledger: the container's record and journal; None before there is one.
        live: the instance while it has a process.
    """

    def __init__(self, locations: Locations, task: MonitorTask) -> None:
        self.locations = locations
        self.loop = Loop()
        self.jobs = Jobs(self.consider_leaving)
        self.ledger: Ledger | None = None
        self.live: Live | None = None
        self.guardian = Guardian(
            self.loop,
            Channel(task.guard),
            on_door=self._on_forwarded,
            on_exited=self._on_told_exit,
            on_change=self.consider_leaving,
        )
        self._requests = Requests(self)
        self._namespaces = own_namespaces()
        self._doors: set[Door] = set()
        self._entrance: Entrance | None = None
        self._asked_to_leave = False
        self._lingering_until = 0.0
        self._health: HealthWatch | None = None
        self._task = task

    def run(self) -> None:
        """Do the task, then serve until nothing needs this monitor."""
        task = self._task
        for fd in task.descriptors:
            # No verb of a monitor's takes any.
            os.close(fd)
        door = None
        if task.door is not None:
            door = self._admit(Channel(task.door), dict(task.message or {}))
        if task.container_id is not None:
            try:
                # Only here: what a monitor that makes its container never runs stays shared.
                from tuicontainer.supervise.takeover import take_over

                take_over(self, task)
            except TuiContainerError as error:
                if door is not None:
                    door.refuse(error)
                    door.close()
                    door = None
        if door is not None:
            self._requests.take(door)
        elif self.ledger is not None:
            # Its monitor may have died in the pause before a restart.
            self._requests.restarting.consider()
        # Its first request may have failed, and the spawner that would dismiss it have died.
        if not self._try_to_leave():
            self.loop.run()
        if not self.guardian.present and os.geteuid() == 0:
            from tuicontainer.supervise import engine_cgroup

            engine_cgroup.leave(self.locations)

    # The container

    def begin_life(
        self, pid: int, pidfd: int, streams: Mapping[str, int], *, ours: bool = True
    ) -> Live:
        """Look after an instance's process, and listen for doors."""
        assert self.ledger is not None
        self.live = Live(
            self.locations,
            self.loop,
            self.ledger,
            self.guardian,
            pid=pid,
            pidfd=pidfd,
            ours=ours,
            streams=streams,
            on_end=self._on_end,
            on_viewers=self.consider_leaving,
        )
        folder = self.locations.container_state_dir(self.ledger.record.id)
        self._entrance = Entrance(self.loop, listen(folder, MONITOR_SOCKET), self._admit)
        return self.live

    def watch_health(self) -> None:
        """Check the health of the instance, which has been started, if that is asked for."""
        if self.ledger is None or self.live is None or not self.ledger.record.health:
            return
        # Only here: most containers have no health check.
        from tuicontainer.spec.health import health_check_of
        from tuicontainer.supervise.health import HealthWatch

        check = health_check_of(self.ledger.record.annotations)
        if check is not None:
            self._health = HealthWatch(self, self.live, check)

    def restart(self) -> None:
        """Stop the container and start it again."""
        self._requests.restart()

    def hold(self, container_id: str) -> None:
        """Take the container's lock; a monitor that is just ending still has it for a moment.

        Raises:
            Unavailable: another monitor keeps it.
        """
        deadline = time.monotonic() + _LOCK_SECONDS
        path = monitor_lock_path(self.locations, container_id)
        # The descriptor is never closed: the lock is held for life.
        while hold_lock(path) is None:
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"another monitor of `{container_id}` doesn't answer", hint="try again"
                )
            time.sleep(_LOCK_PAUSE)

    def open_ledger(self, record: ContainerRecord) -> Ledger:
        """Begin to keep a container's record."""
        self.ledger = Ledger(self.locations, self.loop, record, self.consider_leaving)
        return self.ledger

    def _on_end(self) -> None:
        self.live = None
        if self._health is not None:
            self._health.end()
            self._health = None
        self._requests.restarting.consider()
        self._lingering_until = time.monotonic() + LINGER_SECONDS
        self.loop.call_later(LINGER_SECONDS, self.consider_leaving)
        self.consider_leaving()

    def _on_told_exit(self, status: int) -> None:
        if self.live is not None:
            self.live.watch.tell(status)

    # Doors

    def _admit(self, channel: Channel, request: dict[str, Any] | None = None) -> Door:
        door = Door(
            self.loop,
            channel,
            self._namespaces,
            on_request=self._on_request,
            on_close=self._on_closed,
            request=request,
        )
        self._doors.add(door)
        return door

    def _on_request(self, door: Door, received: Received) -> None:
        received.close_descriptors()
        self._requests.take(door)

    def _on_forwarded(self, received: Received) -> None:
        """Take a door from the spawner, with the request it has read."""
        self._asked_to_leave = False
        fd, *unwanted = received.descriptors
        for each in unwanted:
            os.close(each)
        self._requests.take(self._admit(Channel(fd), received.message["message"]))
        self.consider_leaving()

    def _on_closed(self, door: Door) -> None:
        self._doors.discard(door)
        if self.live is not None:
            self.live.forget(door)
        self.consider_leaving()

    # The end

    def consider_leaving(self) -> None:
        """End if there is nothing left to do and the spawner agrees."""
        if self._try_to_leave():
            self.loop.stop()

    def _try_to_leave(self) -> bool:
        """Do what has to be done before the end; return whether it has come."""
        if self.live is not None or not self.jobs.idle or self._requests.restarting.pending:
            return False
        ledger = self.ledger
        if self._requests.remove_if_wanted():
            return False
        if any(door.on_data is not None for door in self._doors):
            # A viewer that still reads the end.
            return False
        safe = ledger is None or ledger.safe
        if ledger is not None and not safe:
            ledger.commit()
            return ledger.safe and self._try_to_leave()
        gone = ledger is None or ledger.gone
        if not gone and self.guardian.present and time.monotonic() < self._lingering_until:
            return False
        if not self._asked_to_leave:
            self._asked_to_leave = True
            self._dismiss_doors()
            self.guardian.ask_to_leave()
        return not self.guardian.present or self.guardian.dismissed

    def close_listener(self) -> None:
        """Take no more doors but those that the spawner hands over."""
        if self._entrance is not None and self.ledger is not None:
            folder = self.locations.container_state_dir(self.ledger.record.id)
            remove_file(os.path.join(folder, MONITOR_SOCKET))
            self._entrance.close()
            self._entrance = None

    def _dismiss_doors(self) -> None:
        self.close_listener()
        for door in list(self._doors):
            # Whoever asks now finds the next monitor through the spawner.
            door.say({"bye": True})
            door.close()
