"""What a filter returns for each action. Source: include/uapi/linux/seccomp.h (SECCOMP_RET_…)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.seccomp import Action, Seccomp

EPERM = 1

_RETURN: dict[Action, int] = {
    "SCMP_ACT_KILL": 0x00000000,
    "SCMP_ACT_KILL_THREAD": 0x00000000,
    "SCMP_ACT_KILL_PROCESS": 0x80000000,
    "SCMP_ACT_TRAP": 0x00030000,
    "SCMP_ACT_ERRNO": 0x00050000,
    "SCMP_ACT_NOTIFY": 0x7FC00000,
    "SCMP_ACT_TRACE": 0x7FF00000,
    "SCMP_ACT_LOG": 0x7FFC0000,
    "SCMP_ACT_ALLOW": 0x7FFF0000,
}
_WITH_ERRNO = ("SCMP_ACT_ERRNO", "SCMP_ACT_TRACE")


def return_value(action: Action, errno: int | None) -> int:
    """Return the 32 bits that a filter gives the kernel."""
    if action in _WITH_ERRNO:
        return _RETURN[action] | (EPERM if errno is None else errno)
    return _RETURN[action]


def default_value(seccomp: Seccomp) -> int:
    """Return the return value of the default action."""
    return return_value(seccomp.default_action, seccomp.default_errno_ret)
