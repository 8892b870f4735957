"""Which containers there are: records of the data root joined with the state root's instances.

Reads files and /proc only; needs no helper process, takes no lock, writes nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.views import ContainerView


def list_containers(locations: Locations) -> list[ContainerView]:
    """Return all containers of a state root, oldest first.

    Instances in the state root that have no record (the drop-in runtime made them) are included
    with `supervised=False`.
    """
    raise NotImplementedError


def find_container(locations: Locations, reference: str) -> ContainerView:
    """Return the container with this id or unique id prefix.

    Raises:
        NotFound: none matches.
        InvalidArgument: the reference is no legal id, or several ids begin with it (they are named).
    """
    raise NotImplementedError


def inspect_container(locations: Locations, reference: str) -> dict[str, Any]:
    """Return all that is known of a container as one JSON document.

    Keys: `id status pid bundle created_ns instance started_ns exit options annotations state`
    (the OCI state document, None without an instance), `config` (the snapshot), `last_sample`,
    `paths` (record, log, state folder, cgroup).

    Raises:
        NotFound, InvalidArgument: as `find_container`.
    """
    raise NotImplementedError
