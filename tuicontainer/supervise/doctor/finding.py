"""What the doctor finds."""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = {
    "container-without-monitor": "A container has a process that nobody supervises",
    "end-unrecorded": "A container has ended and its end isn't written down",
    "removal-unfinished": "A container was to be removed at its end and is still there",
    "record-damaged": "A record can't be read",
    "record-half-made": "A record was begun and never finished",
    "state-half-made": "A state folder was begun and never finished",
    "socket-stale": "Nobody listens at a socket any more",
    "cgroup-leftover": "A control group has no container",
    "process-leftover": "Processes in a control group of ours belong to no container",
    "monitor-leftover": "A monitor has no container",
    "mount-leftover": "Something is mounted in a folder of ours",
    "host": "The host lacks something",
}
"""Every kind of finding, and what it means."""


class Finding(Record):
    """One thing that isn't as it should be."""

    kind: str
    """A key of KINDS."""
    subject: str
    """A container id, a path, or what the host lacks."""
    problem: str
    """One sentence without a period."""
    remedy: str
    """What mending does; for the host, what a person can do."""
    mend: Callable[[], None] | None = None
    """Does it; None where only a person can. Raises TuiContainerError or OSError."""

    @property
    def is_fault(self) -> bool:
        """Whether it is something of ours; what the host lacks is only good to know."""
        return self.kind != "host"
