"""`start ID`."""

from __future__ import annotations

import os

from tuicontainer.cli.oci.timing import log_timeline
from tuicontainer.errors import FailedPrecondition
from tuicontainer.runtime.start import start
from tuicontainer.runtime.timeline import Timeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Start the container; if a hook fails it is destroyed (runtime.md#lifecycle)."""
    root, container_id = invocation.root, parsed.words[0]
    timeline = Timeline()
    try:
        start_and_wait(root, container_id, timeline)
    except FailedPrecondition as error:
        from tuicontainer.runtime.hooks import HookFailed

        if isinstance(error, HookFailed):
            from tuicontainer.runtime.delete import delete

            for warning in delete(root, container_id, force=True):
                invocation.messages.warning(warning)
        raise
    log_timeline(timeline, invocation.messages)
    return 0


def start_and_wait(root: str, container_id: str, timeline: Timeline) -> None:
    """Start the container; with NOTIFY_SOCKET return when it says that it is ready."""
    if not os.environ.get("NOTIFY_SOCKET"):
        start(root, container_id, timeline)
        return
    from tuicontainer.cli.oci.notify_socket import open_notify_socket
    from tuicontainer.runtime.process.identity import open_pidfd
    from tuicontainer.runtime.state import state

    now = state(root, container_id)
    init = now.instance.init
    pidfd = None if init is None else open_pidfd(init)
    # Not the socket of a container that runs: somebody listens there already.
    created = now.status == "created" and pidfd is not None
    socket = open_notify_socket(root, container_id) if created else None
    try:
        start(root, container_id, timeline)
        if socket is not None and pidfd is not None:
            socket.wait(now.pid, pidfd)
    finally:
        if socket is not None:
            socket.close()
        if pidfd is not None:
            os.close(pidfd)
