"""`copy`: a bundle as another bundle."""

from __future__ import annotations

from tuicontainer.cli.bundles import own_root, tell_made
from tuicontainer.cli.options import FORMAT, Command, Example

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def copy(invocation: Invocation) -> int:
    """Copy the bundle with its files and print the copy's folder."""
    from tuicontainer.bundles.catalogue import find_bundle
    from tuicontainer.bundles.making import copy_bundle

    source, name = invocation.operands
    root = own_root(invocation, "copy")
    path = find_bundle(source, invocation.bundle_roots, invocation.locations)
    return tell_made(invocation, copy_bundle(path, name, root, invocation.locations))


COMMAND = Command(
    name="copy",
    summary="Copy a bundle under another name, to be changed",
    run=copy,
    operands="BUNDLE NAME",
    least=2,
    most=2,
    options=(FORMAT,),
    examples=(
        Example(
            line="tuicontainer copy web web2",
            meaning="shipped bundles can't be edited, their copies can",
        ),
        Example(line="tuicontainer copy ./demo demo2", meaning="owners, links and devices too"),
    ),
    complete="bundle",
)
