"""One OCI instance of a container: what state.json holds, and how it looks at this moment.

The file keeps what was decided; what may change by itself (a process ends, a cgroup freezes) is
asked of the kernel at every reading. Source: runtime-spec runtime.md#state.
"""

from __future__ import annotations

from tuicontainer.errors import Internal
from tuicontainer.record import Record
from tuicontainer.runtime.process.identity import ProcessIdentity
from tuicontainer.spec.state import state_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.runtime.lifecycle import Status

STATE_VERSION = 1


class Instance(Record):
    """What state.json holds."""

    id: str
    oci_version: str
    bundle: str
    """Absolute path."""
    rootfs: str
    """Absolute path of the root filesystem as the bundle names it."""
    created_ns: int
    """Nanoseconds since the epoch."""
    owner: int
    """User id of who created it."""
    annotations: Mapping[str, str] = {}
    init: ProcessIdentity | None = None
    """The first process; None while it doesn't exist yet (status `creating`)."""
    creator: ProcessIdentity | None = None
    """Who makes it, while it is `creating`."""
    phase: str = "creating"
    """`creating`, `created` or `started`: how far the runtime's operations have come."""
    terminal: bool = False
    shares_mounts: bool = False
    """Whether its mount namespace wasn't made for it, so that its root is only a process's."""
    cgroup: Mapping[str, Any] | None = None
    """What `cgroup_from_state` takes; None if there is no control group."""
    resctrl: Mapping[str, Any] | None = None
    """What `ResctrlGroup.from_state` takes; None without `linux.intelRdt`."""
    late_hooks: tuple[str, ...] = ()
    """Kinds of hooks that the configuration has for `start` and `delete`."""

    def to_document(self) -> dict[str, Any]:
        """Return the JSON object of state.json."""
        document: dict[str, Any] = {"version": STATE_VERSION, **dict(self.items())}
        for field in ("init", "creator"):
            if document[field] is not None:
                document[field] = dict(document[field].items())
        return document


def instance_from_document(document: dict[str, Any]) -> Instance:
    """Rebuild the Instance that `Instance.to_document` described.

    Raises:
        Internal: another version of the runtime wrote it, or the object isn't one of ours.
    """
    values = dict(document)
    version = values.pop("version", None)
    if version != STATE_VERSION:
        raise Internal(f"state.json has version `{version}`, this runtime reads `{STATE_VERSION}`")
    try:
        for field in ("init", "creator"):
            if values.get(field) is not None:
                values[field] = ProcessIdentity(**values[field])
        values["late_hooks"] = tuple(values.get("late_hooks", ()))
        return Instance(**values)
    except TypeError as error:
        raise Internal(f"state.json is not one of ours: {error}") from error


class InstanceView(Record):
    """An instance as it is now."""

    instance: Instance
    status: Status
    pid: int
    """Of the first process, in the reader's PID namespace; 0 when there is none."""

    def document(self) -> dict[str, Any]:
        """Return the OCI state document."""
        return state_document(
            container_id=self.instance.id,
            status=self.status,
            pid=self.pid,
            bundle=self.instance.bundle,
            annotations=self.instance.annotations,
            oci_version=self.instance.oci_version,
        )
