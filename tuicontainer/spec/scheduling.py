"""How the kernel treats the program among others, as records: processor, disk, memory nodes.

Names are the specification's and the kernel's. Sources: config.md#linux-process (scheduler,
ioPriority, execCPUAffinity), config-linux.md#memory-policy and #personality.
"""

from __future__ import annotations

from tuicontainer.record import Record

POLICIES = (
    "SCHED_OTHER",
    "SCHED_FIFO",
    "SCHED_RR",
    "SCHED_BATCH",
    "SCHED_ISO",
    "SCHED_IDLE",
    "SCHED_DEADLINE",
)
SCHEDULER_FLAGS = (
    "SCHED_FLAG_RESET_ON_FORK",
    "SCHED_FLAG_RECLAIM",
    "SCHED_FLAG_DL_OVERRUN",
    "SCHED_FLAG_KEEP_POLICY",
    "SCHED_FLAG_KEEP_PARAMS",
    "SCHED_FLAG_UTIL_CLAMP_MIN",
    "SCHED_FLAG_UTIL_CLAMP_MAX",
)
IO_CLASSES = ("IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE")
MEMORY_MODES = (
    "MPOL_DEFAULT",
    "MPOL_PREFERRED",
    "MPOL_BIND",
    "MPOL_INTERLEAVE",
    "MPOL_LOCAL",
    "MPOL_PREFERRED_MANY",
    "MPOL_WEIGHTED_INTERLEAVE",
)
MEMORY_FLAGS = ("MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES")
PERSONALITIES = ("LINUX", "LINUX32")


class Scheduler(Record):
    """Scheduling policy and its parameters (sched_setattr(2)); times in nanoseconds."""

    policy: str
    nice: int = 0
    priority: int = 0
    flags: tuple[str, ...] = ()
    runtime: int = 0
    deadline: int = 0
    period: int = 0


class IoPriority(Record):
    """Priority of disk accesses (ioprio_set(2)); 0 is the first of a class, 7 the last."""

    class_: str
    priority: int


class ExecCpuAffinity(Record):
    """Processors of an exec's process; empty leaves them as they are."""

    initial: tuple[int, ...] = ()
    """Before it is in the container's control group."""
    final: tuple[int, ...] = ()
    """Afterwards."""


class MemoryPolicy(Record):
    """Nodes that memory comes from (set_mempolicy(2))."""

    mode: str
    nodes: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()
