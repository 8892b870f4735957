"""The `linux.seccomp` object, checked.

Sources: config-linux.md#seccomp; seccomp(2) for the width of return data.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.fields import UINT64, refuse
from tuicontainer.spec.seccomp import (
    ACTIONS,
    ARCHITECTURES,
    FLAGS,
    OPERATORS,
    Seccomp,
    SeccompArgument,
    SeccompRule,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.fields import Fields
    from tuicontainer.spec.seccomp import Action, Flag

_ARGUMENT_INDEX = (0, 5)
_RETURNED = {
    # MAX_ERRNO in the kernel, which silently cuts larger ones.
    "SCMP_ACT_ERRNO": (0, 4095),
    "SCMP_ACT_TRACE": (0, 2**16 - 1),
}
"""Actions that carry a number, with its bounds."""


def decode_seccomp(fields: Fields) -> Seccomp:
    """Return the profile.

    Raises:
        InvalidArgument: a field breaks its rule.
    """
    action = fields.need_one_of("defaultAction", ACTIONS)
    seccomp = Seccomp(
        default_action=action,
        default_errno_ret=_errno(fields, "defaultErrnoRet", action),
        architectures=_choices(fields, "architectures", ARCHITECTURES),
        flags=_flags(fields),
        listener_path=fields.text("listenerPath"),
        listener_metadata=fields.text("listenerMetadata"),
        rules=tuple(_rule(entry) for entry in fields.objects("syscalls")),
    )
    _check_listener(fields, seccomp)
    return seccomp


def _rule(fields: Fields) -> SeccompRule:
    names = fields.texts("names")
    if not all(names):
        raise refuse(fields.at("names"), "", "must not hold an empty name")
    if not names:
        raise InvalidArgument(f"`{fields.at('names')}` is empty: it must name a system call")
    action = fields.need_one_of("action", ACTIONS)
    return SeccompRule(
        names=names,
        action=action,
        errno_ret=_errno(fields, "errnoRet", action),
        arguments=tuple(_argument(entry) for entry in fields.objects("args")),
    )


def _argument(fields: Fields) -> SeccompArgument:
    return SeccompArgument(
        index=fields.need_integer("index", _ARGUMENT_INDEX),
        operator=fields.need_one_of("op", OPERATORS),
        value=fields.need_integer("value", UINT64),
        value_two=fields.integer("valueTwo", UINT64) or 0,
    )


def _errno(fields: Fields, name: str, action: Action) -> int | None:
    value = fields.get(name)
    if value is None:
        return None
    if action not in _RETURNED:
        raise refuse(fields.at(name), value, f"must not be set with {action}, which has no errno")
    return fields.integer(name, _RETURNED[action])


def _flags(fields: Fields) -> tuple[Flag, ...] | None:
    if fields.get("flags") is None:
        return None
    return tuple(flag for flag in FLAGS if flag in _choices(fields, "flags", FLAGS))


def _choices(fields: Fields, name: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    values = fields.texts(name)
    for value in values:
        if value not in choices:
            raise refuse(fields.at(name), value, f"must be one of {', '.join(choices)}")
    return values


def _check_listener(fields: Fields, seccomp: Seccomp) -> None:
    if seccomp.listener_metadata is not None and seccomp.listener_path is None:
        raise InvalidArgument(
            f"`{fields.at('listenerMetadata')}` is set without `listenerPath`: it must not be"
        )
    if seccomp.notifies() and seccomp.listener_path is None:
        raise InvalidArgument(
            f"`{fields.at('listenerPath')}` is missing: SCMP_ACT_NOTIFY needs a listener"
        )
