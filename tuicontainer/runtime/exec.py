"""`exec`: another process inside a running container."""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.process.stdio import Stdio
    from tuicontainer.spec.config import Process


class ExecRequest(Record):
    """What to run; what is None comes from the container's own process."""

    process: Process
    """Complete: make it with `exec_template(...).replace(args=…, terminal=…)`."""
    preserve_fds: int = 0


class ExecStarted(Record):
    """A process that runs in the container. The caller owns both descriptors and reaps it."""

    pid: int
    pidfd: int
    console: int | None
    """The terminal's master side, if the process has one."""


def exec_template(root: str, container_id: str) -> Process:
    """Return the container's own process record, as a template for an exec.

    The inheritable capability set is empty in it (CVE-2022-29162).

    Raises:
        NotFound: no such container.
    """
    raise NotImplementedError


def exec_process(
    root: str, container_id: str, request: ExecRequest, stdio: Stdio | None = None
) -> ExecStarted:
    """Start a program in the container's namespaces and control group.

    Returns once the kernel has accepted the program. The new process is the caller's child.

    Raises:
        NotFound: no such container, or no such program in it.
        FailedPrecondition: the container isn't `created` or `running`.
        PermissionDenied: the program isn't executable.
    """
    raise NotImplementedError
