"""`kill [-a] ID [SIGNAL]`."""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.kill import kill
from tuicontainer.spec.signals import parse_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Send the signal."""
    container_id, *rest = parsed.words
    word = rest[0] if rest else "TERM"
    try:
        signal = parse_signal(word)
    except InvalidArgument as error:
        raise InvalidArgument(f'unknown signal "{word}"', hint=error.hint) from error
    kill(invocation.root, container_id, signal, all=parsed.switch("all"))
    return 0
