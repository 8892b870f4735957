"""The `hooks` object: programs run at six points of the lifecycle.

Source: config.md#posix-platform-hooks.
"""

from __future__ import annotations

from tuicontainer.spec.config import Hook, Hooks
from tuicontainer.spec.decode_process import decode_environment
from tuicontainer.spec.fields import check_absolute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.fields import Fields

_TIMEOUT = (1, 2**31 - 1)
"""Seconds; the specification demands more than zero."""


def decode_hooks(fields: Fields) -> Hooks:
    """Return the six kinds of hooks, each in listed order."""
    return Hooks(
        prestart=_hooks(fields, "prestart"),
        create_runtime=_hooks(fields, "createRuntime"),
        create_container=_hooks(fields, "createContainer"),
        start_container=_hooks(fields, "startContainer"),
        poststart=_hooks(fields, "poststart"),
        poststop=_hooks(fields, "poststop"),
    )


def _hooks(fields: Fields, name: str) -> tuple[Hook, ...]:
    return tuple(
        Hook(
            path=check_absolute(entry.at("path"), entry.need_text("path")),
            args=entry.texts("args"),
            env=None if entry.get("env") is None else decode_environment(entry, "env"),
            timeout=entry.integer("timeout", _TIMEOUT),
        )
        for entry in fields.objects(name)
    )
