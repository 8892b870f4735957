"""Refuses by name what the specification has and this version doesn't do.

Silently ignoring any of these would give the person less than the bundle asks for, in most cases
less isolation. Sources: config.md, config-linux.md.
"""

from __future__ import annotations

from tuicontainer.errors import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Config
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


def refuse_unsupported(config: Config) -> None:
    """Check that the configuration asks for nothing that this version doesn't do.

    Raises:
        Unsupported: it does.
    """
    if config.linux.namespace("mount") is None:
        # Its mounts would be the host's.
        raise Unsupported(
            "`linux.namespaces` has no `mount`: this version can't share the host's mounts",
            hint='add {"type": "mount"} to `linux.namespaces`',
        )
