"""`linux.netDevices`: interfaces of the runtime's network namespace that the container gets.

Sources: config-linux.md#network-devices; the kernel's dev_valid_name() for names.
"""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.fields import Fields, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Linux

_LONGEST = 15
"""Bytes; IFNAMSIZ with its NUL is 16."""
_TEMPLATE = "%d"


def decode_network_devices(fields: Fields) -> dict[str, str]:
    """Return the name in the container by the name outside.

    A name in the container may have one `%d`, which becomes the least number that is free there.

    Raises:
        InvalidArgument: the kernel wouldn't take a name, or two would be equal.
    """
    names: dict[str, str] = {}
    inner = fields.object("netDevices")
    if inner is None:
        return names
    for outside in inner.names():
        path = inner.at(outside)
        device = inner.object(outside) or Fields({}, path)
        inside = device.text("name") or outside
        _check_name(path, outside)
        _check_name(device.at("name"), inside.replace(_TEMPLATE, "", 1))
        if "%" in outside:
            raise refuse(path, outside, "must be the name of an interface, not a template")
        if _TEMPLATE not in inside and inside in names.values():
            raise refuse(device.at("name"), inside, "must not be given twice")
        names[outside] = inside
    return names


def check_network_namespace(linux: Linux) -> None:
    """Check that the container has a network namespace to move its interfaces into.

    Raises:
        InvalidArgument: it shares the runtime's. The published samples call such a configuration
            good, so it is read, and refused where a container shall be made of it.
    """
    if linux.net_devices and linux.namespace("network") is None:
        raise InvalidArgument(
            "unable to move network devices without a NET namespace",
            hint='add {"type": "network"} to `linux.namespaces`, or leave `linux.netDevices` out',
        )


def _check_name(path: str, name: str) -> None:
    if not name and path.endswith(".name"):
        return
    if name in ("", ".", "..") or any(each in "/:%" or each.isspace() for each in name):
        raise refuse(path, name, "must be an interface's name: no `/`, `:`, `%` or blank in it")
    if len(os.fsencode(name)) > _LONGEST:
        raise refuse(path, name, f"must have at most {_LONGEST} bytes")
