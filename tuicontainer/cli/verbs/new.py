"""`new`: a bundle from a template."""

from __future__ import annotations

from tuicontainer.bundles.templates import TEMPLATES
from tuicontainer.cli.bundles import own_root, tell_made
from tuicontainer.cli.options import FORMAT, Command, Example, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def new(invocation: Invocation) -> int:
    """Make the bundle and print its folder."""
    from tuicontainer.bundles.making import new_bundle

    root = own_root(invocation, "new")
    return tell_made(
        invocation, new_bundle(invocation.options.template, invocation.operands[0], root)
    )


COMMAND = Command(
    name="new",
    summary="Make a bundle from a template: its programs are the host's",
    run=new,
    operands="NAME",
    least=1,
    most=1,
    options=(
        Option(
            names=("-t", "--template"),
            value="TEMPLATE",
            help=f"{', '.join(TEMPLATES)} (default shell)",
            choices=tuple(TEMPLATES),
            default="shell",
        ),
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer new try", meaning="then `run -it try`"),
        Example(
            line="tuicontainer new -t hardened web2",
            meaning="a user namespace, a system call filter, limits; edit config.json from there",
        ),
        Example(
            line="tuicontainer new --bundles ./bundles -t minimal x",
            meaning="in a bundle root of your own",
        ),
    ),
)
