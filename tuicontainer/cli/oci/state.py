"""`state ID`: the state document, with what runc adds to it."""

from __future__ import annotations

from tuicontainer.cli.oci.rows import state_row
from tuicontainer.jsontext import dumps
from tuicontainer.runtime.state import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Print the state as JSON."""
    print(dumps(state_row(state(invocation.root, parsed.words[0])), indent=2))
    return 0
