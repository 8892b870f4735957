"""Container ids: which are legal.

An id becomes a folder of the state root and a control group, so it must be one plain file name.
Source: runc libcontainer/factory_linux.go (the pattern, and "unchanged by cleaning the path").
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.fields import show

_LEGAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-")
_NAME_MAX = 255


def check_container_id(container_id: str) -> str:
    """Return *container_id* if it is legal.

    Raises:
        InvalidArgument: it is empty, `.` or `..`, longer than a file name may be, or has a
            character outside `A-Za-z0-9_+.-`. Other programs match the error's text.
    """
    if (
        not container_id
        or container_id in {".", ".."}
        or len(container_id) > _NAME_MAX
        or not _LEGAL.issuperset(container_id)
    ):
        wrong = next((letter for letter in container_id if letter not in _LEGAL), "")
        what = f"invalid character {show(wrong)} in the container ID: " if wrong else ""
        raise InvalidArgument(
            f"invalid container ID format: {show(container_id)}",
            hint=f"{what}use up to {_NAME_MAX} letters, digits and `_ + . -`",
        )
    return container_id
