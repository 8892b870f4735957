"""`create [options] ID`."""

from __future__ import annotations

from tuicontainer.cli.oci.making import make_container
from tuicontainer.cli.oci.timing import log_timeline
from tuicontainer.runtime.timeline import Timeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Create the container and leave it to our parent, which inherits its init."""
    timeline = Timeline()
    make_container(parsed, invocation, detach=True, timeline=timeline)
    log_timeline(timeline, invocation.messages)
    return 0
