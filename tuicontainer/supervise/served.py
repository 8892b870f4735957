"""What a monitor does for doors: each verb at once, or as a job in its turn (see `jobs`)."""

from __future__ import annotations

import os

from tuicontainer.errors import (
    FailedPrecondition,
    TuiContainerError,
    Unsupported,
    describe_failure,
)
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.spec.limits import Limits
from tuicontainer.spec.signals import parse_signal, signal_name
from tuicontainer.supervise.changes import Changes
from tuicontainer.supervise.requests import CreateRequest, from_document
from tuicontainer.supervise.restarting import Restarting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tuicontainer.supervise.door import Door
    from tuicontainer.supervise.jobs import Job
    from tuicontainer.supervise.live import Live
    from tuicontainer.supervise.monitor import Monitor


_DECISIONS = frozenset(("start", "restart", "delete"))
"""Verbs by which somebody decides what a container that waits for its restart does next."""


class Requests:
    """The verbs, bound to one monitor."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._changes = Changes(monitor)
        self.restarting = Restarting(monitor, self._changes)
        self._removal_tried = False
        # The first five are kept for ever: an old monitor serves a new door.
        self._immediate: dict[str, Callable[[Door], None]] = {
            "status": self._status,
            "kill": self._kill,
            "stop": self._stop,
            "attach": self._attach,
            "reopen-log": self._reopen_log,
            "wait": self._wait,
            "guard": self._guard,
            "unwanted": self._unwanted,
        }
        self._in_turn: dict[str, Callable[[dict[str, Any]], Job]] = {
            "create": self._create,
            "start": lambda _: self._changes.start(),
            "restart": lambda message: self._changes.restart(message.get("timeout")),
            "pause": lambda _: self._changes.pause(),
            "resume": lambda _: self._changes.resume(),
            "update": lambda message: self._changes.update(
                from_document(Limits, message["limits"])
            ),
            "rename": self._rename,
            "delete": lambda message: self._changes.delete(
                force=bool(message.get("force")), keep=bool(message.get("keep"))
            ),
        }

    def take(self, door: Door) -> None:
        """Do what a door asks."""
        verb = door.request.get("verb")
        if verb in self._in_turn:
            self._monitor.jobs.add(self._serve(door))
            return
        try:
            if verb not in self._immediate:
                raise Unsupported(
                    f"this monitor doesn't know `{verb}`",
                    hint="a newer version asks; restart the container to get a newer monitor",
                )
            self._immediate[verb](door)
        except (TuiContainerError, OSError) as error:
            door.refuse(_told(error, f"doing `{verb}`"))

    def remove_if_wanted(self) -> bool:
        """Begin to remove a container that was to be removed at its end; tried once."""
        ledger = self._monitor.ledger
        if ledger is None or ledger.gone or self._removal_tried:
            return False
        if not ledger.record.auto_remove or not ledger.record.ended:
            return False
        self._removal_tried = True
        self._monitor.jobs.add(self._remove())
        return True

    def restart(self) -> None:
        """Restart the container without anybody asking."""
        self._monitor.jobs.add(self._restart())

    def _restart(self) -> Job:
        try:
            yield from self._changes.restart(None)
        except (TuiContainerError, OSError) as error:
            ledger = self._monitor.ledger
            if ledger is not None:
                ledger.note("restart-failed", reason=_told(error, "restarting it").message)

    def _serve(self, door: Door) -> Job:
        verb = door.request["verb"]
        if verb in _DECISIONS:
            self.restarting.cancel()
        try:
            result = yield from self._in_turn[verb](door.request)
        except (TuiContainerError, OSError) as error:
            door.refuse(_told(error, f"doing `{verb}`"))
        else:
            door.answer(result or {})

    def _remove(self) -> Job:
        try:
            yield from self._changes.delete(force=False)
        except (TuiContainerError, OSError) as error:
            ledger = self._monitor.ledger
            if ledger is not None:
                ledger.note("removal-failed", reason=_told(error, "removing it").message)

    def _create(self, message: dict[str, Any]) -> Job:
        return self._changes.create(from_document(CreateRequest, message["request"]))

    def _rename(self, message: dict[str, Any]) -> Job:
        if self.restarting.pending:
            raise FailedPrecondition(
                f"container `{self._changes.id}` waits to be started again",
                hint="stop it first",
            )
        return self._changes.rename(str(message["to"]))

    def _status(self, door: Door) -> None:
        live, ledger = self._monitor.live, self._monitor.ledger
        door.answer(
            {
                "pid": os.getpid(),
                "id": None if ledger is None else ledger.record.id,
                "instance": None if ledger is None else ledger.record.instance,
                "container": 0 if live is None else live.pid,
            }
        )

    def _kill(self, door: Door) -> None:
        from tuicontainer.runtime.kill import kill

        number = parse_signal(door.request["signal"])
        kill(self._monitor.locations.state_root, self._changes.id, number)
        self._changes.ledger.note("killed", signal=signal_name(number))
        door.answer({})

    def _unwanted(self, door: Door) -> None:
        """Somebody ends the container: its restart policy doesn't apply to this end."""
        self._changes.ledger.write(wanted=False)
        self.restarting.cancel()
        door.answer({})

    def _stop(self, door: Door) -> None:
        record = self._changes.ledger.record
        if self.restarting.pending and record.exit is not None:
            self._changes.ledger.write(wanted=False)
            self.restarting.cancel()
            door.answer({"exit": dict(record.exit.items())})
            return
        if self._monitor.live is None and self.restarting.starting:
            # The next instance is being made; refused, the stop would be followed by its start.
            self._monitor.jobs.add(self._take_in_turn(door))
            return
        live = self._alive()
        if self._changes.ledger.record.started_ns is None and not live.starting:
            raise FailedPrecondition(f"container `{self._changes.id}` was never started")
        self._changes.ledger.write(wanted=False)
        live.stop(door.request.get("timeout"))
        live.wait(door)
        self._monitor.jobs.add(self._changes.thaw())

    def _take_in_turn(self, door: Door) -> Job:
        yield from ()
        self.take(door)

    def _attach(self, door: Door) -> None:
        self._alive().attach(door, stdin=bool(door.request.get("stdin")))

    def _reopen_log(self, door: Door) -> None:
        self._alive().reopen_log()
        door.answer({})

    def _wait(self, door: Door) -> None:
        live, record = self._monitor.live, self._changes.ledger.record
        if live is not None:
            live.wait(door)
        elif record.exit is not None:
            door.answer({"exit": dict(record.exit.items())})
        else:
            check_allowed("kill", "stopped", record.id)

    def _guard(self, door: Door) -> None:
        guardian = self._monitor.guardian
        if guardian.present:
            raise FailedPrecondition("this monitor has a spawner that guards it")
        door.answer({})
        guardian.replace(door.hand_over())
        if self._monitor.live is not None:
            self._monitor.live.guard()

    def _alive(self) -> Live:
        live = self._monitor.live
        if live is None:
            raise FailedPrecondition("container not running", hint="start it first")
        return live


def _told(error: TuiContainerError | OSError, while_: str) -> TuiContainerError:
    if isinstance(error, TuiContainerError):
        return error
    return describe_failure(error, while_=while_)
