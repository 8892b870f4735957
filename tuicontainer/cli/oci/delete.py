"""`delete [-f] ID`."""

from __future__ import annotations

from tuicontainer.cli.oci.timing import log_timeline
from tuicontainer.errors import NotFound
from tuicontainer.runtime.delete import delete
from tuicontainer.runtime.timeline import Timeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Delete the container; with force an unknown one counts as deleted."""
    force = parsed.switch("force")
    timeline = Timeline()
    try:
        warnings = delete(invocation.root, parsed.words[0], force=force, timeline=timeline)
    except NotFound:
        if force:
            return 0
        raise
    for warning in warnings:
        invocation.messages.warning(warning)
    log_timeline(timeline, invocation.messages)
    return 0
