"""`pause ID` and `resume ID`."""

from __future__ import annotations

from tuicontainer.runtime.pause import pause, resume

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Freeze or thaw the container."""
    operation = pause if invocation.command == "pause" else resume
    operation(invocation.root, parsed.words[0])
    return 0
