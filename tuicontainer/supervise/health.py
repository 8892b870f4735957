"""The health of one container, checked by its monitor (see `spec.health`).

`health.json` beside the record has the last checks; the record and the journal have the status.
"""

from __future__ import annotations

import time

from tuicontainer.errors import FailedPrecondition, TuiContainerError
from tuicontainer.spec.health import Health
from tuicontainer.supervise.child_operation import Outcome, in_child
from tuicontainer.supervise.files import write_json
from tuicontainer.supervise.records import health_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.spec.health import HealthCheck
    from tuicontainer.supervise.live import Live
    from tuicontainer.supervise.loop import Timer
    from tuicontainer.supervise.monitor import Monitor

KEPT_CHECKS = 5


class HealthWatch:
    """Checks one instance again and again until it ends."""

    def __init__(self, monitor: Monitor, live: Live, check: HealthCheck) -> None:
        assert monitor.ledger is not None
        self._monitor = monitor
        self._live = live
        self._ledger = monitor.ledger
        self._check = check
        self._health = Health()
        self._log: list[dict[str, Any]] = []
        self._began_ns = 0
        self._timer: Timer | None = None
        if self._ledger.record.health != self._health.status:
            self._tell()
        self._plan()

    def end(self) -> None:
        """Check no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _plan(self) -> None:
        self._timer = self._monitor.loop.call_later(self._check.interval, self._probe)

    def _probe(self) -> None:
        self._began_ns = time.time_ns()
        locations, container_id = self._monitor.locations, self._ledger.record.id
        args, timeout = self._check.args, self._check.timeout

        def operation() -> Outcome:
            # In the child only: the monitor itself never needs what it brings in.
            from tuicontainer.supervise.probe import probe

            return probe(locations, container_id, args, timeout)

        in_child(self._monitor.loop, operation, while_=f"checking `{container_id}`")(self._take)

    def _take(self, outcome: Outcome | Exception) -> None:
        if self._monitor.live is not self._live:
            return
        if isinstance(outcome, FailedPrecondition):
            # Paused, or about to end: says nothing about its health.
            self._plan()
            return
        if isinstance(outcome, Exception):
            result: dict[str, Any] = {"status": 126, "output": str(outcome)}
        else:
            result = dict(outcome.result)
        self._keep(result)
        started_ns = self._ledger.record.started_ns or self._began_ns
        before = self._health
        self._health = before.after(
            self._check,
            succeeded=result["status"] == 0,
            seconds=(time.time_ns() - started_ns) / 1e9,
        )
        if self._health.status != before.status:
            self._tell()
            if self._health.status == "unhealthy":
                self._act()
        self._write()
        self._plan()

    def _keep(self, result: dict[str, Any]) -> None:
        entry = {"start_ns": self._began_ns, "end_ns": time.time_ns(), **result}
        self._log = [*self._log, entry][-KEPT_CHECKS:]

    def _tell(self) -> None:
        self._ledger.write(health=self._health.status)
        self._ledger.note("health", status=self._health.status, failures=self._health.failures)

    def _write(self) -> None:
        document = {
            "instance": self._ledger.record.instance,
            "status": self._health.status,
            "failures": self._health.failures,
            "checks": self._log,
        }
        try:
            path = health_path(self._monitor.locations, self._ledger.record.id)
            write_json(path, document, durable=False)
        except OSError:
            # The status is in the record; the disk's failure is none of the container's.
            return

    def _act(self) -> None:
        action = self._check.action
        if action == "restart":
            self._monitor.restart()
        elif action == "stop":
            self._ledger.write(wanted=False)
            self._stop()
        elif action == "kill":
            self._live.kill_all()

    def _stop(self) -> None:
        try:
            self._live.stop(None)
        except TuiContainerError:
            # It has ended meanwhile.
            return
