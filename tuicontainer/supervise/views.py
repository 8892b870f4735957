"""What doors see of containers: one record for each, read from disk and the kernel.

Sources: OCI runtime-spec runtime.md#state for the status words; `paused` as runc and Podman say it.
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.spec.state import OCI_VERSION, state_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    Status = Literal["creating", "created", "running", "paused", "stopped"]
    Stream = Literal["stdout", "stderr"]


class ExitRecord(Record):
    """How an instance ended."""

    status: int | None
    """0 to 255, 128+n for signal n; None if nobody could see it."""
    finished_ns: int | None
    """Nanoseconds since the epoch."""
    oom_killed: bool = False
    reason: Literal["exited", "signaled", "reboot", "unknown", "failed"] = "exited"
    """`failed`: the program could not be started."""


class ContainerView(Record):
    """One container: its durable record joined with its present state."""

    id: str
    status: Status
    pid: int
    """In our PID namespace; 0 when there is no process."""
    bundle: str
    """Absolute path of the bundle."""
    created_ns: int
    """When the record was made, nanoseconds since the epoch."""
    instance: int = 1
    """Number of the present OCI instance, from 1."""
    started_ns: int | None = None
    exit: ExitRecord | None = None
    """Of the last instance that ended; None if none did."""
    terminal: bool = False
    supervised: bool = True
    """False for containers of another state root or without our record."""
    annotations: Mapping[str, str] = {}
    args: tuple[str, ...] = ()
    oci_version: str = ""
    rootfs: str = ""
    owner: str = ""
    hostname: str = ""
    state_root: str = ""
    auto_remove: bool = False
    restart: str = "no"
    """The restart policy, such as `on-failure:3`."""
    restarts: int = 0
    """How often in a row the policy has started it again."""
    health: str = ""
    """`starting`, `healthy` or `unhealthy`; empty without a check, or without a process."""

    @property
    def bundle_name(self) -> str:
        """The bundle folder's name."""
        return self.bundle.rstrip("/").rpartition("/")[2]

    @property
    def description(self) -> str:
        """What the bundle's author says of it; may be empty."""
        return self.annotations.get("io.tuicontainer.description", "")

    def state_document(self) -> dict[str, Any]:
        """Return the OCI state document."""
        return state_document(
            container_id=self.id,
            status=self.status,
            pid=self.pid,
            bundle=self.bundle,
            annotations=self.annotations,
            oci_version=self.oci_version or OCI_VERSION,
        )


class Event(Record):
    """One entry of the journal: what happened to which container, and when."""

    cursor: int
    """Place in the journal; larger is later. Reading continues after a cursor."""
    time_ns: int
    """Nanoseconds since the epoch."""
    type: str
    """created started exited oom killed paused resumed stopping deleted renamed exec …"""
    id: str
    instance: int = 1
    details: Mapping[str, Any] = {}
    """For example `status` and `oom_killed` of `exited`, `signal` of `killed`."""


class LogLine(Record):
    """One line that a container wrote."""

    time_ns: int
    stream: Stream
    text: str
    """Without the newline; bytes that aren't UTF-8 are replaced."""
    partial: bool = False
    """The line goes on in the next record of this stream."""
    instance: int = 1
