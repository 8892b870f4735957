"""`state`: how a container is now. Takes no lock: hooks call it in the middle of operations."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.instance import InstanceView


def state(root: str, container_id: str) -> InstanceView:
    """Return the instance with its present status.

    Raises:
        NotFound: no such container.
    """
    raise NotImplementedError
