"""`state`: how a container is now. Takes no lock: hooks call it in the middle of operations."""

from __future__ import annotations

from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.view import view
from tuicontainer.spec.identifiers import check_container_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.instance import InstanceView


def state(root: str, container_id: str) -> InstanceView:
    """Return the instance with its present status.

    Raises:
        NotFound: no such container.
    """
    check_container_id(container_id)
    with StateFolder.open(root, container_id, locked=False) as folder:
        return view(folder.read())
