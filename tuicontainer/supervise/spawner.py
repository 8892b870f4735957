"""The spawner: one per state root, forks the monitors and outlives their deaths.

It is the only process that forks supervisors; it does nothing to containers itself. A request for
a container goes to the monitor that guards it, else to a new one. It ends when it has no monitor
and no door for a few seconds.
"""

from __future__ import annotations

import errno
import os

from tuicontainer.errors import (
    InvalidArgument,
    TuiContainerError,
    Unavailable,
    describe_failure,
)
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.supervise import engine_cgroup
from tuicontainer.supervise.adoption import adopt_monitor, ids_to_recover
from tuicontainer.supervise.channel import Channel, Received
from tuicontainer.supervise.door import Door
from tuicontainer.supervise.entrance import Entrance
from tuicontainer.supervise.files import remove_file
from tuicontainer.supervise.forking import fork_helper
from tuicontainer.supervise.guard import LONGEST_PAUSE, Guard
from tuicontainer.supervise.handshake import own_namespaces
from tuicontainer.supervise.loop import Loop
from tuicontainer.supervise.names import SPAWNER_LOCK, SPAWNER_SOCKET
from tuicontainer.supervise.tasks import MonitorTask
from tuicontainer.syscalls.rlimits import set_rlimit
from tuicontainer.syscalls.signals import SIGCHLD
from tuicontainer.syscalls.sockets import packet_pair
from tuicontainer.syscalls.wakeup import open_wakeup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.loop import Timer

IDLE_SECONDS = 3.0


class Spawner:
    """Serves one state root until nothing needs it."""

    def __init__(self, locations: Locations, listener: int, *, files: tuple[int, int]) -> None:
        """Prepare to serve.

        Args:
            locations: the state and data root.
            listener: the socket that doors connect to.
            files: soft and hard limit on open files that containers get.
        """
        self._locations = locations
        self._files = files
        self._namespaces = own_namespaces()
        self._loop = Loop()
        self._doors: set[Door] = set()
        self._guards: list[Guard] = []
        self._claims: list[tuple[Guard, str]] = []
        self._ending: Timer | None = None
        self._ended = open_wakeup((SIGCHLD,))
        self._entrance = Entrance(self._loop, listener, self._admit)
        self._loop.on_readable(self._ended, self._on_child_ended)

    def run(self) -> None:
        """Serve until there is nothing to do."""
        self._end_if_idle()
        self._loop.run()
        if os.geteuid() == 0:
            engine_cgroup.leave(self._locations)

    def adopt_all(self) -> None:
        """Guard the monitors of a spawner that died, and give new ones to those without."""
        for container_id in ids_to_recover(self._locations):
            if not self._adopt(container_id):
                self._fork_monitor(MonitorTask(container_id=container_id), ())

    # Doors

    def _admit(self, channel: Channel) -> None:
        self._doors.add(
            Door(
                self._loop,
                channel,
                self._namespaces,
                on_request=self._on_request,
                on_close=self._on_door_closed,
            )
        )

    def _on_door_closed(self, door: Door) -> None:
        self._doors.discard(door)
        self._end_if_idle()

    def _on_request(self, door: Door, received: Received) -> None:
        verb = received.message["verb"]
        try:
            if verb == "status":
                ids = sorted(guard.container_id or "" for guard in self._guards)
                door.answer({"pid": os.getpid(), "monitors": ids})
            elif verb == "retire":
                self._retire()
                door.answer({})
            elif verb == "exec":
                self._fork_session(door, received)
            else:
                self._dispatch(door, received)
        except TuiContainerError as error:
            door.refuse(error)
        except OSError as error:
            # No descriptor or memory left for this one; the others' monitors need us.
            door.refuse(describe_failure(error, while_=f"doing `{verb}`"))
        finally:
            received.close_descriptors()

    def _dispatch(self, door: Door, received: Received) -> None:
        """Give a request to the container's monitor, present or new."""
        message = received.message
        if message["verb"] == "create":
            task = MonitorTask(message=message, descriptors=received.descriptors)
            self._fork_monitor(task, (door,))
            return
        container_id = message.get("id")
        if not isinstance(container_id, str):
            raise InvalidArgument(f"`{message['verb']}` needs a container id")
        check_container_id(container_id)
        guard = self._guard_of(container_id)
        if guard is None and self._adopt(container_id):
            guard = self._guard_of(container_id)
        if guard is None or guard.channel.fd < 0:
            task = MonitorTask(
                container_id=container_id, message=message, descriptors=received.descriptors
            )
            self._fork_monitor(task, (door,), after=guard)
            return
        try:
            guard.forward(door.channel, message, received.descriptors)
        except OSError as error:
            raise Unavailable(f"the monitor of `{container_id}` doesn't answer") from error
        door.hand_over().close()

    # Monitors

    def _guard_of(self, container_id: str) -> Guard | None:
        for guard in self._guards:
            if guard.container_id == container_id:
                return guard
        return None

    def _fork_monitor(
        self, task: MonitorTask, doors: Sequence[Door], *, after: Guard | None = None
    ) -> None:
        """Fork a monitor for a task, with the doors that wait for it.

        Args:
            task: what it shall do first.
            doors: whose connections it gets (none or one).
            after: the guard of a monitor that died, whose duplicates it inherits.

        Raises:
            Unavailable: no process can be made now.
        """
        ours, theirs = packet_pair()
        os.set_blocking(ours, False)
        os.set_blocking(theirs, False)
        task = task.replace(
            guard=theirs,
            door=doors[0].channel.fd if doors else None,
            inherited=dict(after.descriptors) if after else {},
            container=after.container if after else 0,
            status=after.status if after else None,
        )
        keep = (theirs, *task.descriptors, *task.inherited.values())
        keep += () if task.door is None else (task.door,)
        name = f"tuic:{task.container_id or 'new'}"
        try:
            pid = self._fork(lambda: self._be_monitor(task), keep, name=name)
        except TuiContainerError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        guard = Guard(Channel(ours), monitor=pid, container_id=task.container_id)
        if after is not None:
            self._guards.remove(after)
            guard.inherit(after)
        self._watch(guard)
        for door in doors:
            door.hand_over().close()

    def _be_monitor(self, task: MonitorTask) -> None:
        """In the child: be a monitor."""
        from tuicontainer.supervise.monitor import run_monitor

        run_monitor(self._locations, task)

    def _adopt(self, container_id: str) -> bool:
        """Guard a monitor that another spawner forked, if one listens."""
        channel = adopt_monitor(self._locations, container_id)
        if channel is None:
            return False
        self._watch(Guard(channel, container_id=container_id))
        return True

    def _watch(self, guard: Guard) -> None:
        self._guards.append(guard)
        self._loop.on_readable(guard.channel.fd, lambda: self._on_monitor(guard))

    def _on_monitor(self, guard: Guard) -> None:
        try:
            received = guard.channel.receive()
        except BlockingIOError:
            return
        except (OSError, TuiContainerError):
            received = None
        if not isinstance(received, Received):
            self._on_monitor_ended(guard)
            return
        message = received.message
        step = message.get("step")
        if step == "guard":
            guard.take(received)
            return
        received.close_descriptors()
        if step == "claim":
            self._claims.append((guard, message["id"]))
            self._grant_claims()
        elif step == "release":
            guard.release(message["names"])
        elif step == "end":
            guard.end()
        elif "error" in message:
            # It has a guardian already: the spawner of another version that retired.
            guard.dismissed = True
        elif step == "idle" and guard.dismiss(message["taken"]):
            self._say(guard, {"step": "bye"})
            guard.container_id = None
            self._grant_claims()

    def _grant_claims(self) -> None:
        """Tell monitors that an id is theirs once no other monitor has it."""
        for claim in list(self._claims):
            guard, container_id = claim
            if self._guard_of(container_id) is None:
                self._claims.remove(claim)
                guard.container_id = container_id
                self._say(guard, {"step": "claimed"})

    def _say(self, guard: Guard, message: dict[str, object]) -> None:
        try:
            guard.channel.send(message)
        except OSError:
            # Its end is noticed by the loop.
            return

    def _on_monitor_ended(self, guard: Guard) -> None:
        self._loop.forget(guard.channel.fd)
        guard.channel.close()
        self._claims = [claim for claim in self._claims if claim[0] is not guard]
        # The container may have ended with its monitor; then it is our zombie by now.
        self._reap()
        if guard.dismissed or guard.container_id is None:
            guard.end()
            self._guards.remove(guard)
            self._grant_claims()
            self._end_if_idle()
            return
        pause = guard.pause_after_death()
        self._loop.call_later(pause, lambda: self._replace(guard))

    def _replace(self, guard: Guard) -> None:
        """Give a container whose monitor died another one, unless a request already did."""
        if guard not in self._guards:
            return
        try:
            self._fork_monitor(MonitorTask(container_id=guard.container_id), (), after=guard)
        except (TuiContainerError, OSError):
            self._loop.call_later(LONGEST_PAUSE, lambda: self._replace(guard))

    # Exec sessions

    def _fork_session(self, door: Door, received: Received) -> None:
        from tuicontainer.supervise.exec_session import run_session

        channel = door.channel
        self._fork(
            lambda: run_session(self._locations, channel, received),
            (channel.fd, *received.descriptors),
            name="tuic-exec",
        )
        door.hand_over().close()

    # Children

    def _fork(self, run: Callable[[], None], keep: Iterable[int], *, name: str) -> int:
        """Fork a helper with the limit on open files that whoever started the spawner had.

        Programs in containers inherit it.
        """

        def be_helper() -> None:
            set_rlimit(0, "RLIMIT_NOFILE", *self._files)
            run()

        return fork_helper(be_helper, keep, name=name)

    def _on_child_ended(self) -> None:
        if not self._reap():
            self._end_if_idle()

    def _reap(self) -> bool:
        """Reap what has ended: helpers, orphans of monitors that died; return if any are left."""
        try:
            while os.read(self._ended, 4096):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except OSError as error:
                if error.errno != errno.ECHILD:
                    raise
                return False
            if pid == 0:
                return True
            for guard in self._guards:
                if guard.container == pid:
                    guard.report_exit(status)

    # The end

    def _retire(self) -> None:
        """Make room for a spawner of another version; go on for the monitors there are."""
        if not self._entrance.open:
            return
        self._stop_listening()
        # The next one makes a file of its own; ours stays locked without a name.
        remove_file(os.path.join(self._locations.engine_dir, SPAWNER_LOCK))

    def _stop_listening(self) -> None:
        remove_file(os.path.join(self._locations.engine_dir, SPAWNER_SOCKET))
        self._entrance.close()

    def _busy(self) -> bool:
        # An orphan of a monitor that died, such as a hook, is nobody's but ours to reap.
        return bool(self._guards or self._doors) or self._reap()

    def _end_if_idle(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        if not self._busy():
            # One that has retired can't be reached by another door.
            seconds = IDLE_SECONDS if self._entrance.open else 0.0
            self._ending = self._loop.call_later(seconds, self._end)

    def _end(self) -> None:
        if self._busy():
            return
        if self._entrance.open:
            self._stop_listening()
        self._loop.stop()
