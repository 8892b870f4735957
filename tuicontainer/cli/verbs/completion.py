"""`completion`: what a shell needs to complete both commands."""

from __future__ import annotations

from tuicontainer.cli.options import Command, Example
from tuicontainer.cli.output import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def completion(invocation: Invocation) -> int:
    """Print a shell's script, or the names of bundles that the scripts offer."""
    (wanted,) = invocation.operands
    if wanted == "bundles":
        from tuicontainer.bundles.catalogue import list_bundles

        views = list_bundles(invocation.bundle_roots, invocation.locations)
        write("".join(f"{view.name}\n" for view in views if view.name.isprintable()))
        return 0
    from tuicontainer.cli.completion.scripts import script

    write(script(wanted))
    return 0


COMMAND = Command(
    name="completion",
    summary="Print the completion of a shell for both commands",
    run=completion,
    operands="bash|zsh|fish|bundles",
    least=1,
    most=1,
    choices=("bash", "zsh", "fish", "bundles"),
    examples=(
        Example(line="source <(tuicontainer completion bash)", meaning="for this shell only"),
        Example(
            line="tuicontainer completion fish > ~/.config/fish/completions/tuicontainer.fish",
            meaning="for every fish from now on",
        ),
        Example(line="tuicontainer completion bundles", meaning="the names of all bundles"),
    ),
)
