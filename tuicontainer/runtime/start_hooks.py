"""startContainer hooks: programs of the container, run inside it just before its own program."""

from __future__ import annotations

from tuicontainer.errors import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.runtime.folder import StateFolder
    from tuicontainer.runtime.instance import InstanceView
    from tuicontainer.spec.config import Hook


def run_inside(folder: StateFolder, now: InstanceView, hooks: Sequence[Hook]) -> None:
    """Run hooks in the container's namespaces, as the container's user."""
    raise Unsupported("startContainer hooks")
