"""`delete [-f] [--regex] ID`."""

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
    if parsed.switch("regex"):
        from tuicontainer.cli.oci.matching import each_match

        return each_match(
            parsed.words[0], invocation, lambda each: _delete(each, parsed, invocation)
        )
    _delete(parsed.words[0], parsed, invocation)
    return 0


def _delete(container_id: str, parsed: Parsed, invocation: Invocation) -> None:
    force = parsed.switch("force")
    timeline = Timeline()
    try:
        warnings = delete(invocation.root, container_id, force=force, timeline=timeline)
    except NotFound:
        if force:
            return
        raise
    for warning in warnings:
        invocation.messages.warning(warning)
    log_timeline(timeline, invocation.messages)
