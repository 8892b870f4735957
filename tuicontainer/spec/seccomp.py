"""The `linux.seccomp` object as records: which system calls the container may make.

Names are the specification's. Source: config-linux.md#seccomp.
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Action = Literal[
        "SCMP_ACT_KILL",
        "SCMP_ACT_KILL_PROCESS",
        "SCMP_ACT_KILL_THREAD",
        "SCMP_ACT_TRAP",
        "SCMP_ACT_ERRNO",
        "SCMP_ACT_TRACE",
        "SCMP_ACT_ALLOW",
        "SCMP_ACT_LOG",
        "SCMP_ACT_NOTIFY",
    ]
    Operator = Literal[
        "SCMP_CMP_NE",
        "SCMP_CMP_LT",
        "SCMP_CMP_LE",
        "SCMP_CMP_EQ",
        "SCMP_CMP_GE",
        "SCMP_CMP_GT",
        "SCMP_CMP_MASKED_EQ",
    ]
    Flag = Literal[
        "SECCOMP_FILTER_FLAG_TSYNC",
        "SECCOMP_FILTER_FLAG_LOG",
        "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ]

ACTIONS: tuple[Action, ...] = (
    "SCMP_ACT_KILL",
    "SCMP_ACT_KILL_PROCESS",
    "SCMP_ACT_KILL_THREAD",
    "SCMP_ACT_TRAP",
    "SCMP_ACT_ERRNO",
    "SCMP_ACT_TRACE",
    "SCMP_ACT_ALLOW",
    "SCMP_ACT_LOG",
    "SCMP_ACT_NOTIFY",
)
OPERATORS: tuple[Operator, ...] = (
    "SCMP_CMP_NE",
    "SCMP_CMP_LT",
    "SCMP_CMP_LE",
    "SCMP_CMP_EQ",
    "SCMP_CMP_GE",
    "SCMP_CMP_GT",
    "SCMP_CMP_MASKED_EQ",
)
FLAGS: tuple[Flag, ...] = (
    "SECCOMP_FILTER_FLAG_TSYNC",
    "SECCOMP_FILTER_FLAG_LOG",
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
)
ARCHITECTURES = (
    "SCMP_ARCH_X86",
    "SCMP_ARCH_X86_64",
    "SCMP_ARCH_X32",
    "SCMP_ARCH_ARM",
    "SCMP_ARCH_AARCH64",
    "SCMP_ARCH_LOONGARCH64",
    "SCMP_ARCH_M68K",
    "SCMP_ARCH_MIPS",
    "SCMP_ARCH_MIPS64",
    "SCMP_ARCH_MIPS64N32",
    "SCMP_ARCH_MIPSEL",
    "SCMP_ARCH_MIPSEL64",
    "SCMP_ARCH_MIPSEL64N32",
    "SCMP_ARCH_PPC",
    "SCMP_ARCH_PPC64",
    "SCMP_ARCH_PPC64LE",
    "SCMP_ARCH_S390",
    "SCMP_ARCH_S390X",
    "SCMP_ARCH_SH",
    "SCMP_ARCH_SHEB",
    "SCMP_ARCH_PARISC",
    "SCMP_ARCH_PARISC64",
    "SCMP_ARCH_RISCV64",
)


class SeccompArgument(Record):
    """A condition on one argument of a system call, compared as an unsigned number."""

    index: int
    """0 to 5."""
    operator: Operator
    value: int
    """What to compare with; for SCMP_CMP_MASKED_EQ the mask."""
    value_two: int = 0
    """For SCMP_CMP_MASKED_EQ what the masked argument is compared with."""


class SeccompRule(Record):
    """What happens to some system calls if all conditions on their arguments hold."""

    names: tuple[str, ...]
    """Names that no architecture knows are allowed and mean nothing."""
    action: Action
    errno_ret: int | None = None
    """Errno to return, or the number that a tracer gets; None for EPERM."""
    arguments: tuple[SeccompArgument, ...] = ()


class Seccomp(Record):
    """A whole profile."""

    default_action: Action
    """For system calls that no rule matches."""
    default_errno_ret: int | None = None
    architectures: tuple[str, ...] = ()
    """Beside the kernel's own, which is always meant."""
    flags: tuple[Flag, ...] | None = None
    """None if the profile doesn't say."""
    listener_path: str | None = None
    """Socket that gets the descriptor on which SCMP_ACT_NOTIFY is answered."""
    listener_metadata: str | None = None
    rules: tuple[SeccompRule, ...] = ()
    known_calls_only: bool = False
    """Refuse a profile that names a system call which no architecture has."""

    def notifies(self) -> bool:
        """Return whether any system call is decided by a listener."""
        return self.default_action == "SCMP_ACT_NOTIFY" or any(
            rule.action == "SCMP_ACT_NOTIFY" for rule in self.rules
        )
