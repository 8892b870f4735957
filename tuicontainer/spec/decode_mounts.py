"""The `mounts` list and the id mappings that mounts and the user namespace share.

What an option means is the runtime's business; here it only has to be a string.
Sources: config.md#mounts; config-linux.md#user-namespace-mappings; user_namespaces(7);
CVE-2021-43784 (lengths must be bounded before they are sent anywhere).
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.config import IdMapping, Mount
from tuicontainer.spec.fields import PATH_MAX, UINT32, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.fields import Fields

_MAPPINGS_MAX = 340
"""Lines that the kernel takes in uid_map (user_namespaces(7), since Linux 4.15)."""
_IDS = 2**32 - 1
"""Number of ids; the last value of 32 bits isn't one."""


def decode_mounts(fields: Fields) -> tuple[Mount, ...]:
    """Return the mounts of the whole document, in listed order."""
    return tuple(_mount(entry) for entry in fields.objects("mounts"))


def _mount(fields: Fields) -> Mount:
    destination = fields.need_text("destination")
    if len(destination) >= PATH_MAX:
        raise refuse(
            fields.at("destination"), destination, f"must be shorter than {PATH_MAX} bytes"
        )
    return Mount(
        destination=destination,
        type=fields.text("type"),
        source=fields.text("source"),
        options=fields.texts("options"),
        uid_mappings=decode_mappings(fields, "uidMappings"),
        gid_mappings=decode_mappings(fields, "gidMappings"),
    )


def decode_mappings(fields: Fields, name: str) -> tuple[IdMapping, ...]:
    """Return ranges of ids that don't overlap on either side.

    Raises:
        InvalidArgument: a range is empty, too long, overlaps another, or there are too many.
    """
    entries = fields.objects(name)
    if len(entries) > _MAPPINGS_MAX:
        raise InvalidArgument(
            f"`{fields.at(name)}` has {len(entries)} ranges: the kernel takes {_MAPPINGS_MAX}"
        )
    mappings = tuple(_mapping(entry) for entry in entries)
    _check_overlap(fields.at(name), [(each.container_id, each.size) for each in mappings])
    _check_overlap(fields.at(name), [(each.host_id, each.size) for each in mappings])
    return mappings


def _mapping(fields: Fields) -> IdMapping:
    mapping = IdMapping(
        container_id=fields.need_integer("containerID", UINT32),
        host_id=fields.need_integer("hostID", UINT32),
        size=fields.need_integer("size", (1, _IDS)),
    )
    if max(mapping.container_id, mapping.host_id) + mapping.size > _IDS:
        raise refuse(fields.at("size"), mapping.size, "must not go past the last id")
    return mapping


def _check_overlap(path: str, ranges: list[tuple[int, int]]) -> None:
    end = 0
    for start, size in sorted(ranges):
        if start < end:
            raise InvalidArgument(f"`{path}` maps id `{start}` twice: ranges must not overlap")
        end = start + size
