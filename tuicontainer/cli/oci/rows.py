"""A container as `state` and `list` show it. Source: runc list.go, containerState."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.runtime.instance import InstanceView


def state_row(view: InstanceView) -> dict[str, Any]:
    """Return the state document with `rootfs`, `created` and `owner`; `paused` is said here.

    Scripts without a JSON parser read it too, so the fields have runc's order.
    """
    instance, document = view.instance, view.document()
    annotations = document.pop("annotations", None)
    return {
        "ociVersion": document["ociVersion"],
        "id": document["id"],
        "pid": document["pid"],
        "status": view.status,
        "bundle": document["bundle"],
        "rootfs": instance.rootfs,
        "created": format_time(instance.created_ns),
        **({"annotations": annotations} if annotations else {}),
        "owner": user_name(instance.owner),
    }


def format_time(nanoseconds: int) -> str:
    """Return a time since the epoch by RFC 3339, in UTC, with nanoseconds."""
    seconds, rest = divmod(nanoseconds, 10**9)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:09d}Z"


def user_name(uid: int) -> str:
    """Return the user's name, or the number if it has none."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
