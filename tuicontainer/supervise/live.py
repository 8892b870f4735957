"""A container's instance while it has a process: its streams, its viewers, and its end."""

from __future__ import annotations

import os
import select

from tuicontainer.errors import FailedPrecondition, TuiContainerError
from tuicontainer.spec.signals import signal_name
from tuicontainer.supervise.attach import MOST_VIEWERS, Viewers
from tuicontainer.supervise.container_io import ContainerIo
from tuicontainer.supervise.exit import ExitWatch, exit_record
from tuicontainer.supervise.last_moments import keep_last_sample
from tuicontainer.supervise.log_writer import LogWriter
from tuicontainer.syscalls.signals import SIGKILL, pidfd_send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.door import Door
    from tuicontainer.supervise.guardian import Guardian
    from tuicontainer.supervise.jobs import Resume
    from tuicontainer.supervise.ledger import Ledger
    from tuicontainer.supervise.loop import Loop, Timer
    from tuicontainer.supervise.views import ExitRecord


class Live:
    """One instance, from its making (or a new monitor's taking over) to its recorded end.

    Attributes:
        starting: whether `start` is at work; the end is recorded after it has said how it went.
        refused: the kernel's error number when it refused the program, else None.
        watch: of the process.
    """

    def __init__(
        self,
        locations: Locations,
        loop: Loop,
        ledger: Ledger,
        guardian: Guardian,
        *,
        pid: int,
        pidfd: int,
        ours: bool,
        streams: Mapping[str, int],
        on_end: Callable[[], None],
        on_viewers: Callable[[], None],
    ) -> None:
        """Begin to look after it.

        Args:
            locations: state and data root.
            loop: the monitor's.
            ledger: the container's.
            guardian: gets duplicates of all descriptors.
            pid: of the first process.
            pidfd: of it; belongs to this object from now on, as do the streams.
            ours: whether it is our child.
            streams: our side of the container's streams by name.
            on_end: called once its end is recorded.
            on_viewers: called when a viewer has gone.
        """
        self.pid = pid
        self.starting = False
        self.refused: int | None = None
        self._locations = locations
        self._loop = loop
        self._ledger = ledger
        self._guardian = guardian
        self._pidfd = pidfd
        self._on_end = on_end
        self._after_end: list[Resume] = []
        self._waiting: set[Door] = set()
        self._grace: Timer | None = None
        self._ending: list[int | None] = []
        self.viewers = Viewers(loop, on_viewers)
        record = ledger.record
        self._io = ContainerIo(
            loop,
            streams,
            LogWriter(locations.container_data_dir(record.id), record.instance, note=ledger.note),
            on_output=self.viewers.show,
            on_input_room=self.viewers.hear_again,
            on_input_closed=lambda: guardian.release("stdin"),
        )
        self.watch = ExitWatch(loop, pid, pidfd, ours=ours, on_exit=self._on_exit)
        self.guard()

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended, recorded or not."""
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(0))

    def guard(self) -> None:
        """Give the spawner duplicates of everything."""
        self._guardian.guard(self.pid, {"pidfd": self._pidfd, **self._io.descriptors})

    def wait(self, door: Door) -> None:
        """Answer a door with the exit record once there is one."""
        self._waiting.add(door)

    def on_end(self, resume: Resume) -> None:
        """Let a job wait for the end."""
        self._after_end.append(resume)

    def forget(self, door: Door) -> None:
        """A door has gone."""
        self._waiting.discard(door)
        self.viewers.forget(door)

    def attach(self, door: Door, *, stdin: bool) -> None:
        """Make a door a viewer.

        Raises:
            FailedPrecondition: it wants to type and there is nothing to type into, or there are
                too many viewers.
        """
        record = self._ledger.record
        if len(self.viewers) >= MOST_VIEWERS:
            raise FailedPrecondition(f"`{record.id}` has {MOST_VIEWERS} viewers already")
        if stdin and not self._io.takes_input:
            raise FailedPrecondition(
                f"the standard input of `{record.id}` is closed",
                hint="create it with `-i`, and attach before the input has ended",
            )
        door.answer(
            {
                "terminal": record.terminal,
                "instance": record.instance,
                "log": self._io.log.position(),
            }
        )
        door.say({"notice": "live"})
        if door.channel.fd >= 0:
            self.viewers.add(door, self._io, may_type=stdin)

    def reopen_log(self) -> None:
        """Write to whatever file has the log's name from now on."""
        self._io.log.close()

    def stop(self, timeout: float | None) -> None:
        """Send the stop signal, and KILL to everything when the grace period has passed.

        Without a grace period there is no stop signal either (as `podman stop --time 0`): a
        program that is quick to obey would otherwise end by the one or by the other, by chance.

        Raises:
            FailedPrecondition: the container has ended.
        """
        record = self._ledger.record
        seconds = record.stop_timeout if timeout is None else timeout
        stop_signal = record.stop_signal if seconds > 0 else SIGKILL
        try:
            pidfd_send_signal(self._pidfd, stop_signal)
        except ProcessLookupError as error:
            raise FailedPrecondition("container not running") from error
        self._ledger.note("stopping", signal=signal_name(stop_signal), timeout=seconds)
        if self._grace is not None:
            self._grace.cancel()
        self._grace = self._loop.call_later(max(0.0, seconds), self.kill_all)

    def kill_all(self) -> None:
        """Send KILL to every process of the container."""
        # Late, as in `keep_last_sample`: an idle monitor never runs the runtime's code.
        from tuicontainer.runtime.kill import kill

        record = self._ledger.record
        try:
            kill(self._locations.state_root, record.id, SIGKILL, all=True)
        except (TuiContainerError, OSError):
            # It has ended meanwhile, or its group can't be asked now. Its first process takes the
            # others along (pid_namespaces(7)), and who waits for its end shall not wait for ever.
            self._kill_first()

    def _kill_first(self) -> None:
        try:
            pidfd_send_signal(self._pidfd, SIGKILL)
        except ProcessLookupError:
            # Its end is noticed by the watch.
            return

    def started(self) -> None:
        """`start` has said how it went; record the end if there was one meanwhile."""
        self.starting = False
        if self._ending:
            self._finish(self._ending.pop())

    def _on_exit(self, status: int | None) -> None:
        if self.starting:
            self._ending.append(status)
        else:
            self._finish(status)

    def _finish(self, status: int | None) -> None:
        """Record the end, then tell all who wait for it."""
        if self._grace is not None:
            self._grace.cancel()
        self._io.drain()
        record = self._ledger.record
        last = keep_last_sample(self._locations, record)
        ending = exit_record(
            status,
            oom_killed=last is not None and bool(last.memory.oom_kills),
            failed=record.started_ns is None,
            refused=self.refused,
        )
        self._ledger.write(exit=ending, exit_instance=record.instance)
        if ending.oom_killed and last is not None:
            self._ledger.note("oom", kills=last.memory.oom_kills)
        self._ledger.note(
            "exited",
            status=ending.status,
            reason=ending.reason,
            oom_killed=ending.oom_killed,
        )
        self._guardian.end()
        self._io.close()
        os.close(self._pidfd)
        self._tell(ending)
        self._on_end()
        for resume in self._after_end:
            resume(None)

    def _tell(self, ending: ExitRecord) -> None:
        message = {"exit": dict(ending.items())}
        for door in list(self._waiting):
            door.answer(message)
        self._waiting.clear()
        self.viewers.leave(message)
