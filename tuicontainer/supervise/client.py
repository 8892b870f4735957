"""The blocking client: what the command line uses to act on containers.

    client = Client(locations)
    view = client.create(CreateRequest(bundle="/srv/web"))
    attachment = client.attach(view.id)      # before start, so that nothing is missed
    client.start(view.id)
    for packet in attachment: ...
    status = client.wait(view.id).status

Every method takes a full id (see `inventory.find_container` for prefixes), starts a spawner when
one is needed, and raises the kinds of `tuicontainer.errors`. The asyncio twin is `aclient`.
"""

from __future__ import annotations

from tuicontainer.supervise import verbs
from tuicontainer.supervise.attachment import Attachment
from tuicontainer.supervise.converse import converse
from tuicontainer.supervise.sessions import ExecSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.runtime.process.identity import ProcessIdentity
    from tuicontainer.spec.limits import Limits
    from tuicontainer.supervise.requests import CreateRequest, ExecRequest
    from tuicontainer.supervise.views import ContainerView, ExitRecord


class Client:
    """All that can be done to the containers of one state root."""

    def __init__(self, locations: Locations) -> None:
        self.locations = locations

    def create(self, request: CreateRequest) -> ContainerView:
        """Make a container that waits for `start`.

        Raises:
            AlreadyExists: the id is taken.
            InvalidArgument, Unsupported: the bundle or the request is wrong.
            NotFound: no such bundle; or, with errno ENOENT and a message that names it, no such
                program in the container.
        """
        return converse(verbs.create(self.locations, request))

    def start(self, container_id: str) -> None:
        """Start a created container; for a stopped one, make its next instance and start that.

        Raises:
            FailedPrecondition: it is running or paused already.
            NotFound, PermissionDenied: no such program (errno ENOENT), or it can't be executed;
                the container's exit record then has status 127 or 126 and reason `failed`.
        """
        converse(verbs.operate(self.locations, container_id, "start"))

    def stop(self, container_id: str, timeout: float | None = None) -> ExitRecord:
        """Send the stop signal, wait the grace period, then KILL everything in the container.

        Args:
            container_id: whose.
            timeout: grace period in seconds; None for the container's own (annotation
                `io.tuicontainer.stop-timeout`, else 10).

        Returns:
            How it ended.

        Raises:
            FailedPrecondition: it isn't running.
        """
        return converse(verbs.stop(self.locations, container_id, timeout))

    def restart(self, container_id: str, timeout: float | None = None) -> None:
        """Stop the container if it runs, then make its next instance and start it."""
        converse(verbs.operate(self.locations, container_id, "restart", timeout=timeout))

    def kill(self, container_id: str, signal: str | int = "KILL") -> None:
        """Send a signal to the container's first process, directly, with no helper between.

        Raises:
            FailedPrecondition: it isn't running.
        """
        converse(verbs.kill(self.locations, container_id, signal))

    def kill_process(
        self, container_id: str, process: ProcessIdentity, signal: str | int = "KILL"
    ) -> None:
        """Send a signal to one of the container's processes.

        Raises:
            FailedPrecondition: it has ended, its pid is another's by now, or it is elsewhere.
        """
        converse(verbs.kill_process(self.locations, container_id, process, signal))

    def pause(self, container_id: str) -> None:
        """Freeze all processes of the container."""
        converse(verbs.operate(self.locations, container_id, "pause"))

    def resume(self, container_id: str) -> None:
        """Thaw a paused container."""
        converse(verbs.operate(self.locations, container_id, "resume"))

    def update(self, container_id: str, limits: Limits) -> dict[str, Any] | None:
        """Change limits, for a running container at once, and for its next instances.

        Returns:
            The limits that the kernel shows now (see `update.limits_in_force`); None for a
            container without a process.

        Raises:
            InvalidArgument: a value breaks a rule, or the kernel refuses it.
            FailedPrecondition: the container uses more memory than that.
            Unsupported: this host's control groups can't express a value.
        """
        return converse(verbs.update(self.locations, container_id, limits))

    def rename(self, container_id: str, to: str) -> ContainerView:
        """Give a container without a process another id, with its record and its log.

        What the ended instance left is removed, and its poststop hooks run under the old id.

        Raises:
            FailedPrecondition: it has a process.
            AlreadyExists: the id is taken.
            InvalidArgument: it is no id, or the present one.
        """
        return converse(verbs.rename(self.locations, container_id, to))

    def delete(self, container_id: str, *, force: bool = False, keep: bool = False) -> None:
        """Remove the container, its record and its log; poststop hooks run.

        With *keep* record and log wait for `undo.restore`.

        Raises:
            FailedPrecondition: it runs and *force* (kill first) isn't given.
        """
        converse(verbs.operate(self.locations, container_id, "delete", force=force, keep=keep))

    def wait(self, container_id: str) -> ExitRecord:
        """Return how the present instance ended, once it has (at once if it has already)."""
        return converse(verbs.wait(self.locations, container_id))

    def attach(
        self, container_id: str, *, stdin: bool = False, from_start: bool = False
    ) -> Attachment:
        """Connect to the container's terminal, or to its standard streams.

        Args:
            container_id: whose; created, running or paused.
            stdin: whether this door may type.
            from_start: first give what the present instance has written so far.
        """
        talk = verbs.attach(self.locations, container_id, stdin=stdin, from_start=from_start)
        return Attachment(converse(talk))

    def exec(
        self,
        container_id: str,
        request: ExecRequest,
        stdio: tuple[int, int, int] | None = None,
    ) -> ExecSession:
        """Run another program in the container.

        Args:
            container_id: whose; running.
            request: the program.
            stdio: descriptors that become its 0, 1, 2 (don't pass a terminal of the host: the
                program could control it; make pipes and relay). None: /dev/null. Ignored with
                `request.terminal`, where the session's `console` is the terminal's master side.

        Raises:
            NotFound, PermissionDenied: no such program (errno ENOENT), or not executable.
        """
        talk = verbs.execute(self.locations, container_id, request, stdio)
        return ExecSession(*converse(talk))
