"""`list`: all instances of a state root."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.instance import InstanceView


def list_instances(root: str) -> list[InstanceView]:
    """Return all containers of a state root by id; an absent root has none.

    Folders whose state can't be read (one is just being made or removed) are left out.
    """
    raise NotImplementedError
