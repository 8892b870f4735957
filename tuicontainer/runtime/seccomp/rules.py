"""What a profile means on one architecture: for each system call number a decision.

Several rules may name one call. As with libseccomp, and so with runc and crun:

- a rule with the default action changes nothing and is left out, before anything else is looked at;
- the first rule without conditions decides alone, whatever conditional ones are before or after it;
- else the conditional rules are alternatives, of which the first in the profile's order that
  matches decides, and the default action if none does. (Where such rules overlap and have different
  actions, libseccomp sorts them by an order of its own, or refuses the profile.)
- a rule with two conditions on one argument is taken as one rule for each condition.

Calls that an architecture multiplexes (socketcall(2), ipc(2)) are decided there too. Calls newer
than the newest that the profile names fail with ENOSYS instead of the default action, since the C
library falls back to older calls after ENOSYS only (clone3 → clone); the profile's author couldn't
know them. Sources: seccomp(2); libseccomp src/db.c, src/arch.c; runc
libcontainer/seccomp/patchbpf/enosys_linux.go.
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.runtime.seccomp.returns import default_value, return_value
from tuicontainer.runtime.seccomp.syscall_tables import ARM_PRIVATE, syscall_numbers
from tuicontainer.spec.seccomp import SeccompArgument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.runtime.seccomp.architectures import Architecture
    from tuicontainer.spec.seccomp import Seccomp, SeccompRule

ENOSYS = 38
"""As in most of the kernel's architectures; `NO_SUCH_CALL` has the others."""
NO_SUCH_CALL = {"mips": 89, "mips64": 89, "mips64n32": 89, "parisc": 251, "parisc64": 251}

_PERMISSIVE = ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE")
"""Defaults that let new calls through to the kernel, or to a tracer that should know them."""

_SOCKET_CALLS = (
    "socket bind connect listen accept getsockname getpeername socketpair send recv sendto "
    "recvfrom shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg"
)
_MULTIPLEXED = {
    **{name: ("socketcall", call) for call, name in enumerate(_SOCKET_CALLS.split(), 1)},
    **{name: ("ipc", call) for call, name in enumerate(("semop", "semget", "semctl"), 1)},
    "semtimedop": ("ipc", 4),
    **{name: ("ipc", call) for call, name in enumerate(("msgsnd", "msgrcv"), 11)},
    **{name: ("ipc", call) for call, name in enumerate(("msgget", "msgctl"), 13)},
    **{name: ("ipc", call) for call, name in enumerate(("shmat", "shmdt"), 21)},
    **{name: ("ipc", call) for call, name in enumerate(("shmget", "shmctl"), 23)},
}
"""By name: the call that carries it, and the value of its first argument."""


class Alternative(Record):
    """A return value for the case that all conditions hold."""

    conditions: tuple[SeccompArgument, ...]
    returned: int


class ArchitectureRules(Record):
    """A profile's meaning on one architecture, in the return values of a filter."""

    plain: Mapping[int, int]
    """By number, for calls that are decided whatever their arguments are."""
    conditional: Mapping[int, tuple[Alternative, ...]]
    """By number, for other calls: the first alternative that matches decides."""
    default: int
    """If none matches, and for all other numbers up to the newest."""
    newest: int | None
    """Calls with larger numbers are missing; None if the default is theirs too."""
    missing: int
    """What a call returns that doesn't exist."""


def rules_for(seccomp: Seccomp, architecture: Architecture) -> ArchitectureRules:
    """Return what the profile means on one architecture."""
    numbers = syscall_numbers(architecture.table)
    default = default_value(seccomp)
    plain: dict[int, int] = {}
    conditional: dict[int, tuple[Alternative, ...]] = {}
    named = {0}
    for rule in seccomp.rules:
        known = [numbers[name] for name in rule.names if name in numbers]
        named.update(known)
        returned = return_value(rule.action, rule.errno_ret)
        if returned == default:
            continue
        alternatives = _alternatives(rule, returned)
        for number in known:
            if alternatives:
                conditional[number] = (*conditional.get(number, ()), *alternatives)
            else:
                plain.setdefault(number, returned)
        for name in rule.names:
            if name in _MULTIPLEXED:
                carrier, call = _MULTIPLEXED[name]
                if carrier in numbers:
                    carried = _carried(alternatives, call, returned)
                    number = numbers[carrier]
                    conditional[number] = (*conditional.get(number, ()), *carried)
    missing = return_value("SCMP_ACT_ERRNO", NO_SUCH_CALL.get(architecture.table, ENOSYS))
    newest: int | None = _newest(named, architecture.table)
    if seccomp.default_action in _PERMISSIVE or not newest:
        newest = None
    elif architecture.table in ("s390", "s390x"):
        # Unknown calls arrive as number 0, which is no call of its own any more.
        plain[0] = missing
    return ArchitectureRules(
        plain=plain,
        conditional={each: found for each, found in conditional.items() if each not in plain},
        default=default,
        newest=newest,
        missing=missing,
    )


def _alternatives(rule: SeccompRule, returned: int) -> tuple[Alternative, ...]:
    conditions = rule.arguments
    if len({condition.index for condition in conditions}) == len(conditions):
        return (Alternative(conditions=conditions, returned=returned),) if conditions else ()
    return tuple(Alternative(conditions=(each,), returned=returned) for each in conditions)


def _carried(
    alternatives: tuple[Alternative, ...], call: int, returned: int
) -> tuple[Alternative, ...]:
    """Return the same for a call that arrives as another's first argument.

    Conditions on the first argument itself can't be checked then: it is behind a pointer.
    """
    chosen = SeccompArgument(index=0, operator="SCMP_CMP_EQ", value=call)
    rest = [
        tuple(condition for condition in each.conditions if condition.index != 0)
        for each in alternatives
    ]
    return tuple(
        Alternative(conditions=(chosen, *conditions), returned=returned)
        for conditions in rest or [()]
    )


def _newest(named: set[int], table: str) -> int:
    """Return the largest number named, leaving out ARM's own calls far above all others."""
    return max(number for number in named if table != "arm" or number < ARM_PRIVATE)
