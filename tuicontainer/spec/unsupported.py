"""Refuses by name what the specification has and this version doesn't do.

Silently ignoring any of these would give the person less than the bundle asks for, in most cases
less isolation. Sources: config.md, config-linux.md.
"""

from __future__ import annotations

from tuicontainer.errors import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.spec.config import Config
    from tuicontainer.spec.fields import Fields

_PLATFORMS = ("freebsd", "solaris", "vm", "windows", "zos")
_FIELDS = {
    "linux": ("intelRdt",),
}
"""By object; a field is refused unless it is null or empty."""


def refuse_other_platforms(document: Fields) -> None:
    """Check that the configuration isn't written for another platform than Linux.

    Raises:
        Unsupported: it has another platform's object.
    """
    for name in _PLATFORMS:
        if document.get(name) is not None:
            raise Unsupported(f"`{name}` is another platform's part: only Linux is supported")


def refuse_unsupported(document: Fields, config: Config) -> None:
    """Check that the configuration asks for nothing that this version doesn't do.

    Raises:
        Unsupported: names all fields that do, so that one reading is enough to mend the bundle.
    """
    found = list(_unsupported_fields(document))
    if found:
        names = ", ".join(f"`{name}`" for name in found)
        raise Unsupported(
            f"this version doesn't support {names}",
            hint="remove the field" if len(found) == 1 else "remove the fields",
        )
    if config.linux.namespace("mount") is None:
        # Its mounts would be the host's.
        raise Unsupported(
            "`linux.namespaces` has no `mount`: this version can't share the host's mounts",
            hint='add {"type": "mount"} to `linux.namespaces`',
        )


def _unsupported_fields(document: Fields) -> Iterator[str]:
    for path, names in _FIELDS.items():
        fields: Fields | None = document
        for step in filter(None, path.split(".")):
            fields = None if fields is None else fields.object(step)
        if fields is None:
            continue
        for name in names:
            value = fields.get(name)
            if value is not None and value != "":
                yield fields.at(name)
