"""Processor, disk and memory placement: sched_setattr, ioprio_set, set_mempolicy, personality.

Sources: the pages of those names in section 2; include/uapi/linux/{sched,ioprio,mempolicy}.h,
include/uapi/linux/personality.h; the numbers of each architecture's system call table.
"""

from __future__ import annotations

import struct

from tuicontainer.errors import Unsupported
from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import address, check, libc, machine, syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

POLICIES = {
    "SCHED_OTHER": 0,
    "SCHED_FIFO": 1,
    "SCHED_RR": 2,
    "SCHED_BATCH": 3,
    "SCHED_ISO": 4,
    "SCHED_IDLE": 5,
    "SCHED_DEADLINE": 6,
}
SCHEDULER_FLAGS = {
    "SCHED_FLAG_RESET_ON_FORK": 0x01,
    "SCHED_FLAG_RECLAIM": 0x02,
    "SCHED_FLAG_DL_OVERRUN": 0x04,
    "SCHED_FLAG_KEEP_POLICY": 0x08,
    "SCHED_FLAG_KEEP_PARAMS": 0x10,
    "SCHED_FLAG_UTIL_CLAMP_MIN": 0x20,
    "SCHED_FLAG_UTIL_CLAMP_MAX": 0x40,
}
IO_CLASSES = {"IOPRIO_CLASS_RT": 1, "IOPRIO_CLASS_BE": 2, "IOPRIO_CLASS_IDLE": 3}
MEMORY_MODES = {
    "MPOL_DEFAULT": 0,
    "MPOL_PREFERRED": 1,
    "MPOL_BIND": 2,
    "MPOL_INTERLEAVE": 3,
    "MPOL_LOCAL": 4,
    "MPOL_PREFERRED_MANY": 5,
    "MPOL_WEIGHTED_INTERLEAVE": 6,
}
MEMORY_FLAGS = {
    "MPOL_F_NUMA_BALANCING": 1 << 13,
    "MPOL_F_RELATIVE_NODES": 1 << 14,
    "MPOL_F_STATIC_NODES": 1 << 15,
}
PERSONALITIES = {"LINUX": 0x0000, "LINUX32": 0x0008}

_NUMBERS = {
    "sched_setattr": {
        "x86_64": 314, "i686": 351, "armv7l": 380, "ppc64le": 355, "s390x": 345, "": 274,
    },
    "ioprio_set": {
        "x86_64": 251, "i686": 289, "armv7l": 314, "ppc64le": 273, "s390x": 282, "": 30,
    },
    "set_mempolicy": {
        "x86_64": 238, "i686": 276, "armv7l": 321, "ppc64le": 261, "s390x": 270, "": 237,
    },
    "get_mempolicy": {
        "x86_64": 239, "i686": 275, "armv7l": 320, "ppc64le": 260, "s390x": 269, "": 236,
    },
}  # fmt: skip
"""By architecture; the last is the common table's."""
_COMMON = ("aarch64", "riscv64", "loongarch64")
_ATTRIBUTES = struct.Struct("=IIQiIQQQII")
"""struct sched_attr, version 1."""
_IOPRIO_WHO_PROCESS = 1
_IOPRIO_CLASS_SHIFT = 13
_MPOL_F_MEMS_ALLOWED = 4
_WORD = struct.calcsize("L") * 8
_MOST_NODES = 1024
_Nodes = native.c_ulong * (_MOST_NODES // _WORD)


def sched_setattr(
    pid: int,
    *,
    policy: int,
    flags: int,
    nice: int,
    priority: int,
    runtime: int,
    deadline: int,
    period: int,
) -> None:
    """Set a process's scheduling policy; times in nanoseconds.

    Raises:
        SyscallError: EPERM without CAP_SYS_NICE, for a real-time policy in a control group without
            real-time budget, and for SCHED_DEADLINE with processors left out; EBUSY, no time
            left for SCHED_DEADLINE; EINVAL.
    """
    packed = _ATTRIBUTES.pack(
        _ATTRIBUTES.size, policy, flags, nice, priority, runtime, deadline, period, 0, 0
    )
    attributes = native.create_string_buffer(packed, len(packed))
    syscall("sched_setattr", _number("sched_setattr"), pid, address(attributes), 0)


def ioprio_set(pid: int, class_: int, priority: int) -> None:
    """Set the priority of a process's disk accesses.

    Raises:
        SyscallError: EPERM, the real-time class needs CAP_SYS_NICE or CAP_SYS_ADMIN.
    """
    value = class_ << _IOPRIO_CLASS_SHIFT | priority
    syscall("ioprio_set", _number("ioprio_set"), _IOPRIO_WHO_PROCESS, pid, value)


def set_mempolicy(mode: int, nodes: Iterable[int] = ()) -> None:
    """Say which nodes the calling thread's memory comes from.

    Args:
        mode: MPOL_… with MPOL_F_… bits.
        nodes: the nodes.

    Raises:
        SyscallError: EINVAL, no such node or mode; ENOSYS, a kernel without NUMA.
    """
    mask = _Nodes()
    highest = -1
    for node in nodes:
        mask[node // _WORD] |= 1 << node % _WORD
        highest = max(highest, node)
    number = _number("set_mempolicy")
    # The kernel counts one bit less than it is told (get_nodes in mm/mempolicy.c).
    if highest < 0:
        syscall("set_mempolicy", number, mode, 0, 0)
    else:
        syscall("set_mempolicy", number, mode, address(mask), highest + 2)


def get_mempolicy() -> tuple[int, tuple[int, ...]]:
    """Return the calling thread's mode, with its flags, and nodes.

    Raises:
        SyscallError: ENOSYS, a kernel without NUMA.
    """
    mode, mask = native.c_int(), _Nodes()
    words = (address(mode), address(mask), _MOST_NODES + 1, 0, 0)
    syscall("get_mempolicy", _number("get_mempolicy"), *words)
    return mode.value, _members(mask)


def allowed_nodes() -> tuple[int, ...]:
    """Return the nodes that the calling thread may use.

    Raises:
        SyscallError: ENOSYS, a kernel without NUMA.
    """
    mask = _Nodes()
    words = (0, address(mask), _MOST_NODES + 1, 0, _MPOL_F_MEMS_ALLOWED)
    syscall("get_mempolicy", _number("get_mempolicy"), *words)
    return _members(mask)


def set_personality(domain: int) -> None:
    """Set the calling thread's execution domain.

    Raises:
        SyscallError: the kernel refused.
    """
    check("personality", libc.personality(native.c_ulong(domain)))


def _members(mask: native.Array[native.c_ulong]) -> tuple[int, ...]:
    return tuple(node for node in range(_MOST_NODES) if mask[node // _WORD] >> node % _WORD & 1)


def _number(call: str) -> int:
    name = machine()
    number = _NUMBERS[call].get("" if name in _COMMON else name)
    if number is None:
        raise Unsupported(f"{call} isn't known for the architecture `{name}`")
    return number
