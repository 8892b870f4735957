"""Starting a container again by its policy, after a pause that grows (see `spec.restart`)."""

from __future__ import annotations

from tuicontainer.errors import TuiContainerError, describe_failure
from tuicontainer.spec.restart import GOOD_RUN_SECONDS, parse_restart_policy, pause_before

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.supervise.changes import Changes
    from tuicontainer.supervise.jobs import Job
    from tuicontainer.supervise.loop import Timer
    from tuicontainer.supervise.monitor import Monitor
    from tuicontainer.supervise.records import ContainerRecord


class Restarting:
    """The restarts of one monitor's container."""

    def __init__(self, monitor: Monitor, changes: Changes) -> None:
        self._monitor = monitor
        self._changes = changes
        self._timer: Timer | None = None
        self.starting = False
        """Whether the next instance is being made."""

    @property
    def pending(self) -> bool:
        """Whether a pause before a restart runs."""
        return self._timer is not None

    def consider(self) -> None:
        """Begin the pause before a restart if the policy asks for one after this end."""
        ledger = self._monitor.ledger
        if ledger is None or ledger.gone or self._monitor.live is not None or self.pending:
            return
        record = ledger.record
        if not wants_restart(record):
            return
        restarts = 0 if _ran_well(record) else record.restarts
        if restarts != record.restarts:
            ledger.write(restarts=restarts)
        seconds = pause_before(restarts)
        ledger.note("restarting", policy=record.restart, restarts=restarts, in_seconds=seconds)
        self._timer = self._monitor.loop.call_later(seconds, self._go)

    def cancel(self) -> None:
        """End the pause: somebody decides otherwise."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go(self) -> None:
        self._timer = None
        self._monitor.jobs.add(self._start())

    def _start(self) -> Job:
        ledger = self._monitor.ledger
        if ledger is None or ledger.gone or self._monitor.live is not None:
            return
        restarts = ledger.record.restarts + 1
        self.starting = True
        try:
            yield from self._changes.start(restarts=restarts)
        except (TuiContainerError, OSError) as error:
            if not isinstance(error, TuiContainerError):
                error = describe_failure(error, while_="starting it again")
            # Its failure counts as a failed run, so that the next pause is longer.
            ledger.write(restarts=restarts)
            ledger.note("restart-failed", reason=error.message, restarts=restarts)
            if self._monitor.live is None:
                self.consider()
        finally:
            self.starting = False


def wants_restart(record: ContainerRecord) -> bool:
    """Return whether a container that has ended is to be started again now."""
    ending = record.exit
    return (
        record.ended
        and ending is not None
        and not record.auto_remove
        and parse_restart_policy(record.restart).applies(
            status=ending.status, wanted=record.wanted, restarts=record.restarts
        )
    )


def _ran_well(record: ContainerRecord) -> bool:
    ending = record.exit
    if ending is None or ending.finished_ns is None or record.started_ns is None:
        return False
    return ending.finished_ns - record.started_ns >= GOOD_RUN_SECONDS * 1e9
