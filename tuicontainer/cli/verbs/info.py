"""`info`: facts about the host and this program."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example
from tuicontainer.cli.output import write, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def info(invocation: Invocation) -> int:
    """Print every fact on a line, or all as one JSON object."""
    from tuicontainer.engine.info import gather_info

    facts = gather_info(
        invocation.locations, invocation.bundle_roots, read_only=invocation.settings.read_only
    )
    if invocation.json:
        write_json(dict(facts.items()))
        return 0
    for name, value in facts.items():
        if isinstance(value, bool):
            shown = "yes" if value else "no"
        elif isinstance(value, tuple):
            shown = " ".join(value) or "none"
        else:
            shown = str(value)
        write(f"{name.replace('_', ' ') + ':':<15}{shown}\n")
    return 0


COMMAND = Command(
    name="info",
    summary="Show the version, the roots and what this host can do",
    run=info,
    most=0,
    options=(FORMAT,),
    examples=(Example(line="tuicontainer info", meaning="works without root"),),
)
