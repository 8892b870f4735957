"""Refuses by name what the specification has and this runtime doesn't do: other platforms.

Source: config.md#platform-specific-configuration.
"""

from __future__ import annotations

from tuicontainer.errors import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.fields import Fields

_PLATFORMS = ("freebsd", "solaris", "vm", "windows", "zos")


def refuse_other_platforms(document: Fields) -> None:
    """Check that the configuration isn't written for another platform than Linux.

    Raises:
        Unsupported: it has another platform's object.
    """
    for name in _PLATFORMS:
        if document.get(name) is not None:
            raise Unsupported(f"`{name}` is another platform's part: only Linux is supported")
