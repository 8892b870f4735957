"""How the kernel treats the program among others, applied.

Two halves: what the host's root must grant, because inside a user namespace nobody may (real-time
policies and classes), is set by the runtime on the process; what only a process can do to itself,
it does. Sources: config.md#linux-process, config-linux.md#memory-policy, #personality; sched(7).
"""

from __future__ import annotations

import os
from errno import EINVAL, ENOSYS, EPERM

from tuicontainer.errors import describe_failure
from tuicontainer.syscalls import scheduling as kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Process
    from tuicontainer.spec.scheduling import IoPriority, MemoryPolicy, Scheduler


def set_scheduling(pid: int, process: Process) -> None:
    """Set another process's scheduling policy and disk priority, where the program has them.

    Raises:
        TuiContainerError: the kernel refused.
    """
    if process.scheduler is not None:
        _set_scheduler(pid, process.scheduler)
    if process.io_priority is not None:
        _set_io_priority(pid, process.io_priority)


def set_cpus(pid: int, cpus: tuple[int, ...]) -> None:
    """Bind another process to processors; empty leaves it as it is.

    Raises:
        TuiContainerError: none of them is there, or in the container's cpuset.
    """
    if not cpus:
        return
    try:
        os.sched_setaffinity(pid, cpus)
    except OSError as error:
        failure = describe_failure(error, while_="setting the CPU affinity")
        if error.errno == EINVAL:
            failure.hint = "none of these CPUs is there and in the control group's cpuset"
        raise failure from error


def take_on(personality: str | None, policy: MemoryPolicy | None) -> None:
    """Take on execution domain and memory policy, which executed programs inherit.

    Raises:
        TuiContainerError: the kernel refused.
    """
    try:
        if personality is not None:
            kernel.set_personality(kernel.PERSONALITIES[personality])
    except OSError as error:
        raise describe_failure(error, while_="setting the personality") from error
    if policy is None:
        return
    mode = kernel.MEMORY_MODES[policy.mode]
    for flag in policy.flags:
        mode |= kernel.MEMORY_FLAGS[flag]
    try:
        kernel.set_mempolicy(mode, policy.nodes)
    except OSError as error:
        failure = describe_failure(error, while_="setting the memory policy")
        if error.errno == EINVAL:
            failure.hint = "a node isn't there, or the kernel doesn't know mode or flag together"
        elif error.errno == ENOSYS:
            failure.hint = "this kernel was built without NUMA"
        raise failure from error


def supported_memory_policies() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the modes and the flags of memory policies that this kernel takes.

    The only way to learn it is to try: the calling thread has each for a moment.
    """
    try:
        nodes = kernel.allowed_nodes()
        mode_before, nodes_before = kernel.get_mempolicy()
    except OSError:
        return (), ()  # ENOSYS: no NUMA
    try:
        modes = tuple(
            name
            for name, mode in kernel.MEMORY_MODES.items()
            if _takes(mode, () if name in ("MPOL_DEFAULT", "MPOL_LOCAL") else nodes[:1])
        )
        bind = kernel.MEMORY_MODES["MPOL_BIND"]
        flags = tuple(
            name for name, flag in kernel.MEMORY_FLAGS.items() if _takes(bind | flag, nodes[:1])
        )
    finally:
        kernel.set_mempolicy(mode_before, nodes_before)
    return modes, flags


def _takes(mode: int, nodes: tuple[int, ...]) -> bool:
    try:
        kernel.set_mempolicy(mode, nodes)
    except OSError:
        return False
    return True


def _set_scheduler(pid: int, scheduler: Scheduler) -> None:
    flags = 0
    for flag in scheduler.flags:
        flags |= kernel.SCHEDULER_FLAGS[flag]
    try:
        kernel.sched_setattr(
            pid,
            policy=kernel.POLICIES[scheduler.policy],
            flags=flags,
            nice=scheduler.nice,
            priority=scheduler.priority,
            runtime=scheduler.runtime,
            deadline=scheduler.deadline,
            period=scheduler.period,
        )
    except OSError as error:
        failure = describe_failure(error, while_=f"setting the scheduler {scheduler.policy}")
        if error.errno == EPERM and scheduler.policy in ("SCHED_FIFO", "SCHED_RR"):
            failure.hint = "it needs CAP_SYS_NICE, and `linux.resources.cpu.realtimeRuntime`"
        elif error.errno == EPERM and scheduler.policy == "SCHED_DEADLINE":
            failure.hint = "it needs CAP_SYS_NICE, and all CPUs in `linux.resources.cpu.cpus`"
        elif error.errno == EINVAL and scheduler.policy == "SCHED_ISO":
            failure.hint = "Linux has the name, but not the policy"
        raise failure from error


def _set_io_priority(pid: int, priority: IoPriority) -> None:
    try:
        kernel.ioprio_set(pid, kernel.IO_CLASSES[priority.class_], priority.priority)
    except OSError as error:
        raise describe_failure(error, while_="setting the I/O priority") from error
