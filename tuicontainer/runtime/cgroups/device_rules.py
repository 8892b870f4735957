"""Which devices a container may use: the meaning of the rules, and v1's way to say them.

The meaning (config-linux.md#allowed-device-list): for each wanted access (read, write, mknod) of a
device the last rule that names both decides; where none does, it is denied. v2 runs a program that
follows this to the letter (device_filter.py). v1 knows only a default and a set of exceptions, and
an exception can't have a hole: a rule that takes a part out of a wider one of the other kind is
refused there.
Sources: Documentation/admin-guide/cgroup-v1/devices.rst, security/device_cgroup.c.
"""

from __future__ import annotations

from tuicontainer.errors import Unsupported
from tuicontainer.spec.config import DeviceRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    DeviceKey = tuple[Literal["b", "c"], int | None, int | None]

# What every container gets (config-linux.md#default-devices), after the configuration's own rules
# so that these can't take away what the root filesystem is made of. Making nodes is harmless, using
# them isn't. /dev/console is a pty slave in a container; the host's console (5:1) stays out.
DEFAULT_RULES = (
    DeviceRule(allow=True, type="c", access="m"),
    DeviceRule(allow=True, type="b", access="m"),
    DeviceRule(allow=True, type="c", major=1, minor=3, access="rwm"),  # null
    DeviceRule(allow=True, type="c", major=1, minor=5, access="rwm"),  # zero
    DeviceRule(allow=True, type="c", major=1, minor=7, access="rwm"),  # full
    DeviceRule(allow=True, type="c", major=1, minor=8, access="rwm"),  # random
    DeviceRule(allow=True, type="c", major=1, minor=9, access="rwm"),  # urandom
    DeviceRule(allow=True, type="c", major=5, minor=0, access="rwm"),  # tty
    DeviceRule(allow=True, type="c", major=5, minor=2, access="rwm"),  # ptmx
    DeviceRule(allow=True, type="c", major=136, access="rwm"),  # pts/*
)


def effective_rules(rules: Iterable[DeviceRule]) -> tuple[DeviceRule, ...]:
    """Return the configuration's rules and the default devices, without what can't matter.

    A rule for everything makes all rules before it void.
    """
    whole: list[DeviceRule] = []
    for rule in (*rules, *DEFAULT_RULES):
        if is_for_everything(rule):
            whole.clear()
        whole.append(rule)
    return tuple(whole)


def is_for_everything(rule: DeviceRule) -> bool:
    """Tell whether the rule names every access to every device."""
    everything = rule.type == "a" and rule.major is None and rule.minor is None
    return everything and set("rwm") <= set(rule.access)


def v1_commands(rules: Iterable[DeviceRule]) -> list[tuple[str, str]]:
    """Return what to write into a v1 group, in order, as pairs of file name and text.

    Raises:
        Unsupported: a rule takes a part out of a wider one.
    """
    allowed_by_default = False
    exceptions: dict[DeviceKey, set[str]] = {}
    for rule in rules:
        if is_for_everything(rule):
            allowed_by_default = rule.allow
            exceptions.clear()
            continue
        for key in _keys(rule):
            if rule.allow == allowed_by_default:
                _withdraw(exceptions, key, rule)
            else:
                exceptions.setdefault(key, set()).update(rule.access)
    if not allowed_by_default:
        _complete(exceptions)
    first = "devices.allow" if allowed_by_default else "devices.deny"
    other = "devices.deny" if allowed_by_default else "devices.allow"
    return [(first, "a"), *((other, _line(key, access)) for key, access in exceptions.items())]


def describe_rule(rule: DeviceRule) -> str:
    """Return the rule in the kernel's words, such as `allow c 1:3 rwm`."""
    verb = "allow" if rule.allow else "deny"
    return f"{verb} {rule.type} {_number(rule.major)}:{_number(rule.minor)} {rule.access}"


def _keys(rule: DeviceRule) -> list[DeviceKey]:
    if rule.type == "a":
        return [("b", rule.major, rule.minor), ("c", rule.major, rule.minor)]
    return [(rule.type, rule.major, rule.minor)]


def _withdraw(exceptions: dict[DeviceKey, set[str]], key: DeviceKey, rule: DeviceRule) -> None:
    """Take *rule*'s accesses out of the exceptions it covers."""
    for other in list(exceptions):
        common = _intersection(key, other)
        if common is None or not exceptions[other] & set(rule.access):
            continue
        if common != other:
            raise Unsupported(
                f"`linux.resources.devices`: `{describe_rule(rule)}` takes a part out of "
                f"`{_line(other, exceptions[other])}`, which cgroup v1 can't express",
                hint="list the devices of the wider rule one by one",
            )
        exceptions[other] -= set(rule.access)
        if not exceptions[other]:
            del exceptions[other]


def _complete(exceptions: dict[DeviceKey, set[str]]) -> None:
    """Make one exception hold all that is allowed for its devices.

    The kernel wants a single exception that covers the whole access: of `c 1:* r` and `c 1:3 w`
    neither lets a program open 1:3 for reading and writing.
    """
    changed = True
    while changed:
        changed = False
        for one in list(exceptions):
            for other in list(exceptions):
                common = _intersection(one, other)
                if common is None or common == other == one:
                    continue
                joined = exceptions[one] | exceptions[other] | exceptions.get(common, set())
                narrower = common not in (one, other)
                redundant = narrower and (
                    exceptions[one] <= exceptions[other] or exceptions[other] <= exceptions[one]
                )
                if not redundant and exceptions.get(common) != joined:
                    exceptions[common] = joined
                    changed = True


def _intersection(one: DeviceKey, other: DeviceKey) -> DeviceKey | None:
    if one[0] != other[0]:
        return None
    numbers: list[int | None] = []
    for left, right in ((one[1], other[1]), (one[2], other[2])):
        if left is not None and right is not None and left != right:
            return None
        numbers.append(right if left is None else left)
    return one[0], numbers[0], numbers[1]


def _line(key: DeviceKey, access: Iterable[str]) -> str:
    wanted = "".join(letter for letter in "rwm" if letter in access)
    return f"{key[0]} {_number(key[1])}:{_number(key[2])} {wanted}"


def _number(value: int | None) -> str:
    return "*" if value is None else str(value)
