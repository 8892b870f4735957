"""`run [options] ID`: create, start, wait, delete."""

from __future__ import annotations

from tuicontainer.cli.oci.foreground import Foreground
from tuicontainer.cli.oci.making import make_container
from tuicontainer.cli.oci.timing import log_timeline
from tuicontainer.runtime.delete import delete
from tuicontainer.runtime.start import start
from tuicontainer.runtime.timeline import Timeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Run the container; in the foreground return its exit status."""
    timeline = Timeline()
    detach = parsed.switch("detach")
    root, container_id = invocation.root, parsed.words[0]
    foreground = None
    if not detach:
        foreground = Foreground(subreaper=not parsed.switch("no-subreaper"))
    created = make_container(parsed, invocation, detach=detach, timeline=timeline)
    status = 0
    try:
        start(root, container_id, timeline)
        if foreground is not None:
            status = foreground.wait(created.pid, created.pidfd, created.console)
            timeline.mark("exit")
    except BaseException:
        delete(root, container_id, force=True)
        raise
    if not detach and not parsed.switch("keep"):
        for warning in delete(root, container_id, force=True, timeline=timeline):
            invocation.messages.warning(warning)
    log_timeline(timeline, invocation.messages)
    return status
