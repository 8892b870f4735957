"""`list`: all instances of a state root."""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument, TuiContainerError
from tuicontainer.runtime.state import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.instance import InstanceView


def list_instances(root: str) -> list[InstanceView]:
    """Return all containers of a state root by id; an absent root has none.

    Folders whose state can't be read (one is just being made or removed) are left out, and so are
    files and folders that aren't containers'.

    Raises:
        InvalidArgument: the root isn't a folder.
    """
    try:
        names = sorted(os.listdir(root))
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise InvalidArgument(f"the state root `{root}` is not a folder") from error
    views = []
    for name in names:
        try:
            views.append(state(root, name))
        except TuiContainerError:
            continue
    return views
