"""The changes a monitor makes to its container, one after the other, as jobs (see `jobs`)."""

from __future__ import annotations

import time

from tuicontainer.errors import FailedPrecondition, InvalidArgument, TuiContainerError
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.process.identity import boot_id
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.supervise.child_operation import HelperDied, in_child
from tuicontainer.supervise.records import (
    record_from_document,
    remove_record,
    reserve_generated_id,
    reserve_id,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import ModuleType
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.spec.limits import Limits
    from tuicontainer.supervise.child_operation import Outcome
    from tuicontainer.supervise.jobs import Job, Wait
    from tuicontainer.supervise.ledger import Ledger
    from tuicontainer.supervise.live import Live
    from tuicontainer.supervise.monitor import Monitor
    from tuicontainer.supervise.requests import CreateRequest


class Changes:
    """What may be done to the container, bound to its monitor."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._locations = monitor.locations

    @property
    def ledger(self) -> Ledger:
        """The container's.

        Raises:
            InvalidArgument: there is no container yet.
            FailedPrecondition: it has been removed.
        """
        ledger = self._monitor.ledger
        if ledger is None:
            raise InvalidArgument("this monitor has no container")
        if ledger.gone:
            raise FailedPrecondition(f"container `{ledger.id}` has been removed or renamed")
        return ledger

    @property
    def id(self) -> str:
        """The container's."""
        return self.ledger.record.id

    def create(self, request: CreateRequest) -> Job:
        """Make the record and the first instance; the result has the `id`.

        Raises:
            TuiContainerError: why not; nothing is left behind.
            OSError: the same.
        """
        if request.container_id is None:
            container_id = reserve_generated_id(self._locations, request.bundle)
        else:
            container_id = check_container_id(request.container_id)
            reserve_id(self._locations, container_id)
        try:
            self._monitor.guardian.claim(container_id)
            outcome = yield in_child(
                self._monitor.loop,
                lambda: _operations().create(self._locations, request, container_id),
                while_=f"creating `{container_id}`",
                adopting=True,
            )
        except BaseException as error:
            yield from self._take_back(container_id, error)
            remove_record(self._locations, container_id)
            raise
        ledger = self._monitor.open_ledger(record_from_document(outcome.result["record"]))
        self._begin_life(outcome)
        ledger.note("created")
        return {"id": container_id}

    def start(self, restarts: int = 0) -> Job:
        """Start the instance; for a stopped container make the next one first.

        Args:
            restarts: how often in a row its restart policy has started it, this time included.
        """
        live = yield from self._present()
        if live is None:
            live = yield from self._next_instance()
        ledger = self.ledger
        first = ledger.record.started_ns is None
        live.starting = first
        try:
            outcome = yield self._in_child(
                "starting",
                lambda: _operations().start(self._locations, self.id, ledger.record.instance),
            )
            if first:
                ledger.write(started_ns=time.time_ns(), wanted=True, restarts=restarts)
                ledger.note("started", **outcome.result)
                self._monitor.watch_health()
        except TuiContainerError as error:
            if first:
                live.refused = error.errno
            raise
        finally:
            if first:
                live.started()

    def restart(self, timeout: float | None) -> Job:
        """Stop the instance if it runs, then start the next."""
        live = yield from self._present()
        if live is not None and self.ledger.record.started_ns is not None:
            # Else its policy would start it again beside us; `start` wants it again.
            self.ledger.write(wanted=False)
            live.stop(timeout)
            yield from self.thaw()
            if self._monitor.live is live:
                yield live.on_end
        yield from self.start()

    def thaw(self) -> Job:
        """Let a frozen container take the signal that waits for it."""
        try:
            yield self._in_child("thawing", lambda: _operations().thaw(self._locations, self.id))
        except TuiContainerError:
            # It has ended meanwhile; or KILL thaws it when the grace period has passed.
            return

    def pause(self) -> Job:
        """Freeze the container."""
        if self._monitor.live is None:
            check_allowed("pause", "stopped", self.id)
        yield self._in_child("pausing", lambda: _operations().pause(self._locations, self.id))
        self.ledger.note("paused")

    def resume(self) -> Job:
        """Thaw the container."""
        if self._monitor.live is None:
            check_allowed("resume", "stopped", self.id)
        yield self._in_child("resuming", lambda: _operations().resume(self._locations, self.id))
        self.ledger.note("resumed")

    def update(self, limits: Limits) -> Job:
        """Change limits, of a running container at once; the result has those `in_force`."""
        live = yield from self._present()
        outcome = yield self._in_child(
            "updating",
            lambda: _operations().change_limits(
                self._locations, self.id, limits, live=live is not None
            ),
        )
        given = {name: value for name, value in limits.items() if value is not None}
        self.ledger.note("updated", **given)
        return dict(outcome.result)

    def delete(self, *, force: bool, keep: bool = False) -> Job:
        """Remove the container; a running one only with *force*.

        With *keep* its record and log wait for `undo.restore`.
        """
        live = yield from self._present()
        if live is not None:
            if not force:
                started = self.ledger.record.started_ns is not None
                check_allowed("delete", "running" if started else "created", self.id)
            self.ledger.write(wanted=False)
            live.kill_all()
            yield live.on_end
        ledger = self.ledger
        self._monitor.close_listener()
        outcome = yield from self._remove(keep=keep)
        if keep:
            ledger.set_aside()
        else:
            ledger.remove()
        ledger.note("deleted", warnings=outcome.result["warnings"])
        ledger.commit()

    def rename(self, container_id: str) -> Job:
        """Give the container, which must have no process, another id; the result has the `id`."""
        from tuicontainer.supervise.renaming import check_free

        live = yield from self._present()
        if live is not None:
            raise FailedPrecondition(
                f"can't rename `{self.id}` while it has a process: its control group and its state"
                " go by its name",
                hint=f"stop it, rename it, and start it as `{container_id}`",
            )
        check_free(self._locations, check_container_id(container_id), self.id)
        self._monitor.close_listener()
        yield from self._remove(keep=True)
        ledger = self.ledger
        ledger.rename(container_id)
        ledger.commit()
        return {"id": container_id}

    def _present(self) -> Generator[Wait, Any, Live | None]:
        """Return the instance if it has a process, once an end that has come is recorded."""
        live = self._monitor.live
        if live is not None and live.has_ended:
            yield live.on_end
        return self._monitor.live

    def _next_instance(self) -> Generator[Wait, Any, Live]:
        ledger = self.ledger
        record = ledger.record
        self._monitor.close_listener()
        ledger.write(instance=record.instance + 1, boot_id=boot_id(), started_ns=None)
        try:
            outcome = yield in_child(
                self._monitor.loop,
                lambda: _operations().create_next(self._locations, ledger.record),
                while_=f"creating the next instance of `{record.id}`",
                adopting=True,
            )
        except BaseException as error:
            yield from self._take_back(record.id, error)
            ledger.write(
                instance=record.instance, boot_id=record.boot_id, started_ns=record.started_ns
            )
            raise
        ledger.write(made=ledger.record.instance)
        ledger.note("created")
        return self._begin_life(outcome)

    def _take_back(self, container_id: str, error: BaseException) -> Job:
        """Remove what a child that died has made of an instance; others do it themselves."""
        if not isinstance(error, HelperDied):
            return
        try:
            yield in_child(
                self._monitor.loop,
                lambda: _remove_remains(self._locations, container_id),
                while_=f"removing what was made of `{container_id}`",
            )
        except TuiContainerError as problem:
            error.message = f"{error.message}; and taking it back failed: {problem.message}"

    def _begin_life(self, outcome: Outcome) -> Live:
        descriptors = dict(zip(outcome.result["names"], outcome.descriptors, strict=True))
        pidfd = descriptors.pop("pidfd")
        return self._monitor.begin_life(outcome.result["pid"], pidfd, descriptors)

    def _remove(self, *, keep: bool) -> Generator[Wait, Any, Outcome]:
        """Remove the instance: here, as we end next, unless hooks may take their time."""
        operations = _operations()
        if operations.has_poststop_hooks(self._locations, self.id):
            outcome: Outcome = yield self._in_child(
                "deleting",
                lambda: operations.remove(self._locations, self.ledger.record, keep=keep),
            )
            return outcome
        removed: Outcome = operations.remove(self._locations, self.ledger.record, keep=keep)
        return removed

    def _in_child(self, word: str, operation: Callable[[], Outcome | None]) -> Wait:
        return in_child(self._monitor.loop, operation, while_=f"{word} `{self.id}`")


def _operations() -> ModuleType:
    """In the child: what it may do."""
    from tuicontainer.supervise import operations

    return operations


def _remove_remains(locations: Locations, container_id: str) -> None:
    """In the child: remove an instance, however far it got."""
    from tuicontainer.supervise.instances import remove_instance

    remove_instance(locations, container_id)
