"""What a profile means, decided rule by rule as the documents say it: the judge of the compiler."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from tuicontainer.runtime.seccomp.architectures import ARCHITECTURES
from tuicontainer.runtime.seccomp.returns import default_value, return_value
from tuicontainer.runtime.seccomp.syscall_tables import syscall_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.spec.seccomp import Seccomp, SeccompArgument

KILL_THREAD = 0
ENOSYS = 0x00050000 | 38
PERMISSIVE = {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"}
COMPARISONS = {
    "SCMP_CMP_NE": operator.ne,
    "SCMP_CMP_LT": operator.lt,
    "SCMP_CMP_LE": operator.le,
    "SCMP_CMP_EQ": operator.eq,
    "SCMP_CMP_GE": operator.ge,
    "SCMP_CMP_GT": operator.gt,
}


def meaning(seccomp: Seccomp, name: str, number: int, args: Sequence[int]) -> int:
    """Return what must happen to one call of an architecture that multiplexes no calls."""
    architecture = ARCHITECTURES[name]
    numbers = syscall_numbers(architecture.table)
    default = default_value(seccomp)
    newest, conditional = 0, None
    for rule in seccomp.rules:
        named = {numbers[each] for each in rule.names if each in numbers}
        newest = max(newest, *named, 0)
        returned = return_value(rule.action, rule.errno_ret)
        if returned == default or number not in named:
            continue
        if not rule.arguments:
            return returned
        held = [holds(each, args, wide=architecture.wide) for each in rule.arguments]
        indexes = [each.index for each in rule.arguments]
        matched = any(held) if len(set(indexes)) < len(indexes) else all(held)
        if matched and conditional is None:
            conditional = returned
    if conditional is not None:
        return conditional
    if newest < number and newest and seccomp.default_action not in PERMISSIVE:
        return ENOSYS
    return default


def holds(condition: SeccompArgument, args: Sequence[int], *, wide: bool) -> bool:
    bits = 2**64 - 1 if wide else 2**32 - 1
    value, given = condition.value & bits, args[condition.index] & bits
    if condition.operator == "SCMP_CMP_MASKED_EQ":
        return given & value == condition.value_two & value
    return bool(COMPARISONS[condition.operator](given, value))
