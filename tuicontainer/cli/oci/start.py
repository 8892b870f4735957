"""`start ID`."""

from __future__ import annotations

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
        start(root, container_id, timeline)
    except FailedPrecondition as error:
        from tuicontainer.runtime.hooks import HookFailed

        if isinstance(error, HookFailed):
            from tuicontainer.runtime.delete import delete

            for warning in delete(root, container_id, force=True):
                invocation.messages.warning(warning)
        raise
    log_timeline(timeline, invocation.messages)
    return 0
