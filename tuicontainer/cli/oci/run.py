"""`run [options] ID`: create, start, wait, delete."""

from __future__ import annotations

import os

from tuicontainer.cli.oci.making import make_container
from tuicontainer.runtime.timeline import Timeline
from tuicontainer.syscalls.process import set_child_subreaper
from tuicontainer.syscalls.signals import FORWARDABLE, block_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation
    from tuicontainer.cli.oci.notify_socket import NotifySocket


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Run the container; in the foreground return its exit status."""
    timeline = Timeline()
    detach = parsed.switch("detach")
    if not detach:
        # From before there is a process to forward them to, so that none is lost.
        block_signals(FORWARDABLE)
        if not parsed.switch("no-subreaper"):
            set_child_subreaper(subreaper=True)
    created = make_container(
        parsed, invocation, detach=detach, timeline=timeline, meanwhile=_import_the_rest
    )
    from tuicontainer.cli.oci.start import start_and_wait
    from tuicontainer.runtime.delete import delete
    from tuicontainer.runtime.start import start

    root, container_id = invocation.root, parsed.words[0]
    status = 0
    try:
        if detach:
            start_and_wait(root, container_id, timeline)
        else:
            from tuicontainer.cli.oci.foreground import wait_in_foreground

            socket = _notify_socket(root, container_id)
            start(root, container_id, timeline)
            status = wait_in_foreground(created.pid, created.pidfd, created.console, socket)
            timeline.mark("exit")
    except BaseException:
        delete(root, container_id, force=True)
        raise
    if not detach and not parsed.switch("keep"):
        for warning in delete(root, container_id, force=True, timeline=timeline):
            invocation.messages.warning(warning)
    from tuicontainer.cli.oci.timing import log_timeline

    log_timeline(timeline, invocation.messages)
    return status


def _notify_socket(root: str, container_id: str) -> NotifySocket | None:
    if not os.environ.get("NOTIFY_SOCKET"):
        return None
    from tuicontainer.cli.oci.notify_socket import open_notify_socket

    return open_notify_socket(root, container_id)


def _import_the_rest() -> None:
    """Import what is needed after the create, on another core than the init works on."""
    import tuicontainer.cli.oci.foreground
    import tuicontainer.cli.oci.start
    import tuicontainer.cli.oci.timing
    import tuicontainer.runtime.delete
    import tuicontainer.runtime.start  # noqa: F401
