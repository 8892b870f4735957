"""`start ID`."""

from __future__ import annotations

from tuicontainer.cli.oci.timing import log_timeline
from tuicontainer.runtime.start import start
from tuicontainer.runtime.timeline import Timeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Start the container."""
    timeline = Timeline()
    start(invocation.root, parsed.words[0], timeline)
    log_timeline(timeline, invocation.messages)
    return 0
