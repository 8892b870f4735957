"""`kill [-a] [--regex] ID [SIGNAL]`."""

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
        # 0 asks whether a signal could be sent (kill(2)).
        signal = 0 if word == "0" else parse_signal(word)
    except InvalidArgument as error:
        raise InvalidArgument(f'unknown signal "{word}"', hint=error.hint) from error
    every = parsed.switch("all")
    if parsed.switch("regex"):
        from tuicontainer.cli.oci.matching import each_match

        return each_match(
            container_id, invocation, lambda each: kill(invocation.root, each, signal, all=every)
        )
    kill(invocation.root, container_id, signal, all=every)
    return 0
