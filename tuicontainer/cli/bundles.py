"""What the verbs that make bundles share."""

from __future__ import annotations

import os

from tuicontainer.cli.output import write, write_json
from tuicontainer.errors import PermissionDenied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def own_root(invocation: Invocation, verb: str) -> str:
    """Return the bundle root that a new bundle is made in.

    Raises:
        PermissionDenied: read-only mode.
    """
    from tuicontainer.bundles.making import own_root as choose

    if invocation.settings.read_only:
        raise PermissionDenied(
            f"`{verb}` changes something, and this is read-only mode",
            hint="leave out `--read-only`, or see `read_only` in the settings",
        )
    return choose(invocation.bundle_roots, invocation.locations)


def tell_made(invocation: Invocation, path: str) -> int:
    """Print where the new bundle is."""
    if invocation.json:
        write_json({"bundle": os.path.basename(path), "path": path})
    else:
        write(f"{path}\n")
    return 0
