"""From capability names to the sets a process is given.

Sources: capabilities(7), include/uapi/linux/capability.h, config.md#linux-process.
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.spec.config import Capabilities
from tuicontainer.syscalls.capabilities import (
    clear_ambient_set,
    drop_from_bounding_set,
    get_capabilities,
    in_bounding_set,
    raise_ambient,
    set_capabilities,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = (
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
)
"""By number: bit n of a mask is the n-th name."""

_NUMBERS = {name: number for number, name in enumerate(NAMES)}
_HIGHEST = 63


class CapabilityMasks(Record):
    """The five sets as bit masks."""

    bounding: int = 0
    effective: int = 0
    inheritable: int = 0
    permitted: int = 0
    ambient: int = 0

    def keeping(self, mask: int) -> CapabilityMasks:
        """Return the same with more in all sets but the bounding one."""
        return CapabilityMasks(
            bounding=self.bounding,
            effective=self.effective | mask,
            inheritable=self.inheritable | mask,
            permitted=self.permitted | mask,
            ambient=self.ambient | mask,
        )


def to_masks(capabilities: Capabilities | None) -> CapabilityMasks:
    """Return the masks of the named sets; without a configuration all are empty, as in runc.

    Names that this version doesn't know are left out (see `unknown_names`).
    """
    if capabilities is None:
        return CapabilityMasks()
    return CapabilityMasks(
        bounding=_mask(capabilities.bounding),
        effective=_mask(capabilities.effective),
        inheritable=_mask(capabilities.inheritable),
        permitted=_mask(capabilities.permitted),
        ambient=_mask(capabilities.ambient),
    )


def unknown_names(capabilities: Capabilities | None) -> list[str]:
    """Return, sorted, the names that can't be granted because nobody knows them."""
    if capabilities is None:
        return []
    return sorted({name for _, names in capabilities.items() for name in names} - set(_NUMBERS))


def capability_warnings(
    capabilities: Capabilities | None, *, bounded: bool = False
) -> tuple[str, ...]:
    """Say which names are ignored, as config.md#linux-process demands; in runc's words.

    Args:
        capabilities: what is asked for.
        bounded: nobody gets what this process can't get, as without a user namespace of their own.
    """
    names = unknown_names(capabilities)
    if bounded and capabilities is not None:
        asked = {name for _, entries in capabilities.items() for name in entries}
        known = sorted(asked.difference(names))
        names += [name for name in known if not in_bounding_set(_NUMBERS[name])]
    if not names:
        return ()
    return (f"ignoring unknown or unavailable capabilities: [{' '.join(names)}]",)


def grantable(wanted: CapabilityMasks, held: int) -> CapabilityMasks:
    """Return what of *wanted* the kernel's rules allow a process that may have *held*.

    A process can't give itself what it hasn't: config.md#linux-process has the runtime warn and go
    on. Effective ones must be permitted, ambient ones both permitted and inheritable (the
    configuration that `runc spec` writes breaks the last rule).
    """
    permitted = wanted.permitted & held
    inheritable = wanted.inheritable & held
    return CapabilityMasks(
        bounding=wanted.bounding,
        effective=wanted.effective & permitted,
        inheritable=inheritable,
        permitted=permitted,
        ambient=wanted.ambient & permitted & inheritable,
    )


def limit_bounding_set(mask: int) -> None:
    """Drop every capability that isn't in *mask*; needs CAP_SETPCAP, so comes first.

    Raises:
        SyscallError: the kernel refused.
    """
    for number in range(_HIGHEST + 1):
        if mask >> number & 1:
            continue
        if in_bounding_set(number):
            drop_from_bounding_set(number)
        elif number >= len(NAMES):
            return


def apply_capabilities(wanted: CapabilityMasks) -> None:
    """Take on the four other sets, as far as the kernel's rules allow.

    Raises:
        SyscallError: the kernel refused.
    """
    _, held, _ = get_capabilities()
    sets = grantable(wanted, held)
    set_capabilities(sets.effective, sets.permitted, sets.inheritable)
    clear_ambient_set()
    for number in range(_HIGHEST + 1):
        if sets.ambient >> number & 1:
            raise_ambient(number)


def _mask(names: Iterable[str]) -> int:
    mask = 0
    for name in names:
        if name in _NUMBERS:
            mask |= 1 << _NUMBERS[name]
    return mask
