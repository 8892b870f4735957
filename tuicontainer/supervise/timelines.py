"""How long each step took by which a container's present instance was made, started and removed.

`timeline.jsonl` beside the record has one JSON object a line for each operation of the runtime's,
as it was measured; it begins anew when the next instance is made. It isn't durable, and a disk that
refuses it is none of the container's concern.
"""

from __future__ import annotations

import os
import time

from tuicontainer.jsontext import dumps, loads
from tuicontainer.record import Record
from tuicontainer.runtime.timeline import Timeline
from tuicontainer.supervise.files import write_all
from tuicontainer.supervise.records import timeline_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Any, Literal

    from tuicontainer.locations import Locations

    Name = Literal["create", "start", "delete"]

_LONGEST_ERROR = 1000


class Step(Record):
    """One step of an operation."""

    step: str
    """What was done, such as `mount proc`."""
    process: Literal["runtime", "init"]
    """Whose: steps of the container's first process overlap with those of the runtime."""
    start_us: int
    """Microseconds since the operation began."""
    duration_us: int

    @property
    def waits(self) -> bool:
        """Whether it is one process waiting for the other."""
        return self.step.startswith("wait for")


class HookStep(Record):
    """One run of a hook."""

    kind: str
    """As in the configuration, such as `createRuntime`."""
    index: int
    """Place in the list of its kind, from 0."""
    path: str
    start_us: int
    """Microseconds since the operation began."""
    duration_us: int
    status: int | None = None
    """Exit status; None if a signal ended it or it couldn't be executed."""
    signal: int | None = None
    timed_out: bool = False
    error: str = ""
    """Why it failed; empty if it didn't."""
    stderr: str = ""
    """The end of what it wrote there."""

    @property
    def name(self) -> str:
        """Such as `createRuntime hook #0`."""
        return f"{self.kind} hook #{self.index}"


class Operation(Record):
    """One operation of the runtime's on the instance."""

    operation: Literal["create", "start", "delete"]
    instance: int
    """Whose; a `delete` that is followed by others is that of the instance before."""
    began_ns: int
    """Nanoseconds since the epoch."""
    duration_us: int
    error: str = ""
    """Why it failed; empty if it didn't."""
    steps: tuple[Step, ...] = ()
    """In the order in which they began; those of one process never overlap."""
    hooks: tuple[HookStep, ...] = ()
    """In the order in which they ended; each is a part of a step."""

    def to_document(self) -> dict[str, Any]:
        """Return it as `inspect` shows it."""
        return {
            **dict(self.items()),
            "steps": [dict(step.items()) for step in self.steps],
            "hooks": [dict(hook.items()) for hook in self.hooks],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Operation:
        """Return what `to_document` told."""
        steps = tuple(Step(**step) for step in document["steps"])
        hooks = tuple(HookStep(**hook) for hook in document["hooks"])
        return cls(**{**document, "steps": steps, "hooks": hooks})


class Measured:
    """Keeps the timeline of an operation, done in its `with` block, however that ends."""

    def __init__(
        self,
        locations: Locations,
        container_id: str,
        operation: Name,
        instance: int,
        *,
        anew: bool = False,
    ) -> None:
        """Prepare.

        Args:
            locations: of the record.
            container_id: whose.
            operation: what is done.
            instance: to which.
            anew: forget the operations before.
        """
        self._path = timeline_path(locations, container_id)
        self._facts = {"operation": operation, "instance": instance}
        self._flags = os.O_TRUNC if anew else os.O_APPEND
        self._timeline = Timeline()
        self._began_ns = 0

    def __enter__(self) -> Timeline:
        """Begin; the operation takes the timeline."""
        self._began_ns = time.time_ns()
        return self._timeline

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write it down, unless it was refused before its first step."""
        timeline = self._timeline
        if len(timeline.marks) == 1:
            return
        line = {
            **self._facts,
            "began_ns": self._began_ns,
            "error": "" if error is None else str(error)[:_LONGEST_ERROR],
            "marks": timeline.marks,
            "inner": timeline.inner,
            "hooks": [dict(hook.items()) for hook in timeline.hooks],
        }
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | self._flags
        try:
            fd = os.open(self._path, flags, 0o600)
            try:
                write_all(fd, dumps(line).encode() + b"\n")
            finally:
                os.close(fd)
        except OSError:
            return


def read_timeline(locations: Locations, container_id: str) -> tuple[Operation, ...]:
    """Return the operations on a container's present instance, oldest first.

    What can't be read isn't there: nothing but a look at the past depends on it.
    """
    try:
        with open(timeline_path(locations, container_id), "rb", buffering=0) as file:
            lines = file.read().splitlines()
    except OSError:
        return ()
    operations = []
    for line in lines:
        try:
            operations.append(_operation(loads(line)))
        except (ValueError, KeyError, TypeError):
            # Being written, or a full disk or a death cut it short.
            continue
    return tuple(operations)


def operations_in(document: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Return the operations in what `inspect` tells of a container."""
    return tuple(Operation.from_document(each) for each in document.get("timeline", ()))


def summary(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return what the event `started` tells: how long it took, and why.

    Returns:
        `took_us` of create and start, `slowest_step` of theirs with `slowest_us`, and
        `failed_hooks` in words if there are any; empty if nothing is known.
    """
    told: dict[str, Any] = {}
    making = [each for each in operations if each.operation != "delete"]
    steps = [step for each in making for step in each.steps if not step.waits]
    if steps:
        slowest = max(steps, key=lambda step: step.duration_us)
        told["took_us"] = sum(each.duration_us for each in making)
        told["slowest_step"] = slowest.step
        told["slowest_us"] = slowest.duration_us
    failed = [
        f"{hook.name}: {hook.error}" for each in operations for hook in each.hooks if hook.error
    ]
    if failed:
        told["failed_hooks"] = failed
    return told


def _operation(line: Mapping[str, Any]) -> Operation:
    """Return what a line says, its clock readings as microseconds since the beginning."""
    timeline = Timeline()
    timeline.marks, timeline.inner = line["marks"], line["inner"]
    origin = timeline.marks[0][1]

    def span(begin: int, end: int) -> dict[str, int]:
        # Differences of rounded readings, so that no sum is above the total.
        start_us = (begin - origin) // 1000
        return {"start_us": start_us, "duration_us": (end - origin) // 1000 - start_us}

    return Operation(
        operation=line["operation"],
        instance=line["instance"],
        began_ns=line["began_ns"],
        duration_us=(timeline.marks[-1][1] - origin) // 1000,
        error=line["error"],
        steps=tuple(
            Step(step=step, process=process, **span(begin, end))  # type: ignore[arg-type]
            for process, step, begin, end in timeline.steps()
        ),
        hooks=tuple(_hook(hook, span(hook["begin_ns"], hook["end_ns"])) for hook in line["hooks"]),
    )


def _hook(run: Mapping[str, Any], span: Mapping[str, int]) -> HookStep:
    kept = {name: value for name, value in run.items() if name not in ("begin_ns", "end_ns")}
    return HookStep(**{**kept, **span})
