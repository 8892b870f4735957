"""The state machine: which operation is allowed in which status.

Source: runtime-spec runtime.md#lifecycle and #operations. Two deliberate differences, both runc's
and crun's: `delete` also takes a container that was created and never started, and `paused`, which
the specification doesn't know, is a status of its own.
"""

from __future__ import annotations

from tuicontainer.errors import FailedPrecondition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Status = Literal["creating", "created", "running", "paused", "stopped"]
    Operation = Literal[
        "start", "kill", "delete", "pause", "resume", "exec", "ps", "update", "events", "checkpoint"
    ]

STATUSES: tuple[Status, ...] = ("creating", "created", "running", "paused", "stopped")

ALLOWED: dict[Operation, frozenset[Status]] = {
    "start": frozenset({"created"}),
    "kill": frozenset({"created", "running", "paused"}),
    "delete": frozenset({"created", "stopped"}),
    "pause": frozenset({"created", "running"}),
    "resume": frozenset({"paused"}),
    "exec": frozenset({"created", "running"}),
    "ps": frozenset({"created", "running", "paused"}),
    "update": frozenset({"created", "running", "paused"}),
    "events": frozenset({"created", "running", "paused"}),
    "checkpoint": frozenset({"running", "paused"}),
}

# Texts that other programs match on (containerd's shim, CRI-O) are runc's to the letter.
_REFUSALS: dict[tuple[Operation, Status], tuple[str, str]] = {
    ("start", "running"): ("cannot start an already running container", ""),
    ("start", "paused"): ("cannot start a container in the paused state", "resume it"),
    ("start", "stopped"): ("cannot start a container that has stopped", "delete and create it"),
    ("kill", "stopped"): ("container not running", ""),
    ("exec", "stopped"): ("cannot exec in a stopped container", ""),
    ("exec", "paused"): ("cannot exec in a paused container", "resume it first"),
    ("pause", "stopped"): ("container not running", ""),
    ("pause", "paused"): ("container not running", "it is paused already"),
    ("resume", "created"): ("container not paused", ""),
    ("resume", "running"): ("container not paused", ""),
    ("resume", "stopped"): ("container not paused", ""),
    ("ps", "stopped"): ("container not running", ""),
    ("update", "stopped"): ("container not running", ""),
    ("checkpoint", "created"): ("container cannot be checkpointed in created state", "start it"),
    ("checkpoint", "stopped"): ("container cannot be checkpointed in stopped state", ""),
}


def check_allowed(operation: Operation, status: Status, container_id: str) -> None:
    """Let an operation pass, or refuse it.

    Raises:
        FailedPrecondition: the status forbids the operation.
    """
    if status in ALLOWED[operation]:
        return
    message, hint = _REFUSALS.get((operation, status), ("", ""))
    if operation == "delete":
        message = f"cannot delete container {container_id} that is not stopped: {status}"
        hint = "stop it first, or delete it with force"
    elif operation == "events" and status == "stopped":
        message = f"container with id {container_id} is not running"
    elif not message:
        message = f"cannot {operation} container `{container_id}` that is {status}"
    raise FailedPrecondition(message, hint=hint)
