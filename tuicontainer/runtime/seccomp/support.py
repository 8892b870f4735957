"""What this kernel can do with filters, and the flags a profile is loaded with.

Sources: seccomp(2); config-linux.md#seccomp for the flags; runc libcontainer/specconv for the
default of SPEC_ALLOW.
"""

from __future__ import annotations

from tuicontainer.errors import Unsupported
from tuicontainer.runtime.seccomp.returns import return_value
from tuicontainer.spec.seccomp import ACTIONS, FLAGS
from tuicontainer.syscalls.seccomp import (
    LOG,
    NEW_LISTENER,
    SPEC_ALLOW,
    TSYNC,
    TSYNC_ESRCH,
    WAIT_KILLABLE_RECV,
    has_action,
    has_flags,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.seccomp import Action, Flag, Seccomp

_BITS: dict[Flag, int] = {
    "SECCOMP_FILTER_FLAG_TSYNC": TSYNC,
    "SECCOMP_FILTER_FLAG_LOG": LOG,
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW": SPEC_ALLOW,
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV": WAIT_KILLABLE_RECV,
}
_ALWAYS = frozenset(
    {
        "SCMP_ACT_KILL",
        "SCMP_ACT_KILL_THREAD",
        "SCMP_ACT_TRAP",
        "SCMP_ACT_ERRNO",
        "SCMP_ACT_TRACE",
        "SCMP_ACT_ALLOW",
    }
)
"""Since filters exist (Linux 3.5)."""


def supported_actions() -> tuple[Action, ...]:
    """Return the actions that this kernel has, in the specification's order."""
    return tuple(action for action in ACTIONS if has_action(return_value(action, 0)))


def supported_flags() -> tuple[Flag, ...]:
    """Return the flags that this kernel has, in the specification's order."""
    return tuple(flag for flag in FLAGS if has_flags(_probe(_BITS[flag])))


def check_actions(seccomp: Seccomp) -> None:
    """Make sure that the kernel knows the profile's actions, which it would take for KILL.

    Raises:
        Unsupported: it lacks one.
    """
    for action in {seccomp.default_action, *(rule.action for rule in seccomp.rules)} - _ALWAYS:
        if not has_action(return_value(action, 0)):
            raise Unsupported(f"this kernel doesn't have the seccomp action `{action}`")


def load_flags(seccomp: Seccomp) -> int:
    """Return the flags of seccomp(2) for a profile.

    Without any in the profile the speculative store bypass stays as it is, as with runc and crun;
    that this kernel may lack. WAIT_KILLABLE_RECV is about listeners, and invalid without one.

    Raises:
        Unsupported: the kernel lacks a flag that the profile asks for.
    """
    if seccomp.flags is None:
        bits = SPEC_ALLOW if has_flags(SPEC_ALLOW) else 0
    else:
        bits = 0
        for flag in seccomp.flags:
            if not has_flags(_probe(_BITS[flag])):
                raise Unsupported(f"this kernel doesn't have the seccomp flag `{flag}`")
            bits |= _BITS[flag]
    if not seccomp.notifies():
        return bits & ~WAIT_KILLABLE_RECV
    # Both want the return value, which is the descriptor then.
    return bits | NEW_LISTENER | (TSYNC_ESRCH if bits & TSYNC else 0)


def _probe(bit: int) -> int:
    return bit | NEW_LISTENER if bit == WAIT_KILLABLE_RECV else bit
