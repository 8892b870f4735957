"""The fields of `scheduling`, checked.

Sources: config.md#linux-process, config-linux.md#memory-policy, #personality; sched(7),
ioprio_set(2), cpuset(7) "List format", set_mempolicy(2).
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.fields import INT32, UINT64, refuse
from tuicontainer.spec.scheduling import (
    IO_CLASSES,
    MEMORY_FLAGS,
    MEMORY_MODES,
    PERSONALITIES,
    POLICIES,
    SCHEDULER_FLAGS,
    ExecCpuAffinity,
    IoPriority,
    MemoryPolicy,
    Scheduler,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.fields import Fields

_NICE = (-20, 19)
_REALTIME_PRIORITY = (1, 99)
_IO_PRIORITY = (0, 7)
_REALTIME = ("SCHED_FIFO", "SCHED_RR")
_MOST_CPUS = 8192
"""CONFIG_NR_CPUS goes no further on any architecture."""
_MOST_NODES = 1024
"""MAX_NUMNODES goes no further on any architecture."""
_WITHOUT_NODES = ("MPOL_DEFAULT", "MPOL_LOCAL")


def decode_scheduler(fields: Fields) -> Scheduler:
    """Return the scheduling policy.

    Raises:
        InvalidArgument: a field breaks its rule, or belongs to another policy.
    """
    policy = fields.need_one_of("policy", POLICIES)
    if policy in _REALTIME:
        priority = fields.need_integer("priority", _REALTIME_PRIORITY)
    else:
        priority = fields.integer("priority", INT32) or 0
        if priority:
            raise refuse(fields.at("priority"), priority, f"must be 0 with {policy}")
    times = {name: fields.integer(name, UINT64) or 0 for name in ("runtime", "deadline", "period")}
    if policy != "SCHED_DEADLINE":
        for name, time in times.items():
            if time:
                raise refuse(fields.at(name), time, "must be given with SCHED_DEADLINE only")
    return Scheduler(
        policy=policy,
        nice=fields.integer("nice", _NICE) or 0,
        priority=priority,
        flags=_choices(fields, "flags", SCHEDULER_FLAGS),
        **times,
    )


def decode_io_priority(fields: Fields) -> IoPriority:
    """Return the priority of disk accesses.

    Raises:
        InvalidArgument: a field breaks its rule.
    """
    return IoPriority(
        class_=fields.need_one_of("class", IO_CLASSES),
        priority=fields.need_integer("priority", _IO_PRIORITY),
    )


def decode_exec_cpu_affinity(fields: Fields) -> ExecCpuAffinity:
    """Return the processors of an exec's process.

    Raises:
        InvalidArgument: a list isn't one.
    """
    return ExecCpuAffinity(
        initial=_numbers(fields, "initial", _MOST_CPUS),
        final=_numbers(fields, "final", _MOST_CPUS),
    )


def decode_memory_policy(fields: Fields) -> MemoryPolicy:
    """Return the memory policy.

    Raises:
        InvalidArgument: a field breaks its rule, or doesn't go with the mode.
    """
    mode = fields.need_one_of("mode", MEMORY_MODES)
    nodes = _numbers(fields, "nodes", _MOST_NODES)
    path = fields.at("nodes")
    if nodes and mode in _WITHOUT_NODES:
        raise refuse(path, fields.get("nodes"), f"must be empty with {mode}")
    if not nodes and mode not in (*_WITHOUT_NODES, "MPOL_PREFERRED"):
        raise InvalidArgument(f"`{path}` is empty: {mode} needs at least one node")
    flags = _choices(fields, "flags", MEMORY_FLAGS)
    if "MPOL_F_STATIC_NODES" in flags and "MPOL_F_RELATIVE_NODES" in flags:
        raise InvalidArgument(
            f"`{fields.at('flags')}` must not have both MPOL_F_STATIC_NODES and "
            "MPOL_F_RELATIVE_NODES"
        )
    return MemoryPolicy(mode=mode, nodes=nodes, flags=flags)


def decode_personality(fields: Fields) -> str:
    """Return the name of the execution domain.

    Raises:
        InvalidArgument: there is no such domain, or a flag, of which the specification has none.
    """
    domain = fields.need_one_of("domain", PERSONALITIES)
    for path, flag in fields.items("flags"):
        raise refuse(path, flag, "must be absent: no flag is defined")
    return domain


def _choices(fields: Fields, name: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    values = fields.texts(name)
    for value in values:
        if value not in choices:
            raise refuse(fields.at(name), value, f"must be one of {', '.join(choices)}")
    return values


def _numbers(fields: Fields, name: str, most: int) -> tuple[int, ...]:
    """Return the members of a list such as `0-3,7`, in order; extra commas and spaces are fine."""
    text = fields.text(name)
    if text is None:
        return ()
    numbers: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first and not dash:
            continue
        last = last if dash else first
        if not (_is_number(first) and _is_number(last)):
            raise refuse(fields.at(name), text, "must be numbers and ranges, such as `0-3,7`")
        if int(first) > int(last):
            raise refuse(fields.at(name), text, f"must not have the backward range `{part}`")
        if int(last) >= most:
            raise refuse(fields.at(name), text, f"must be below {most}")
        numbers.update(range(int(first), int(last) + 1))
    if not numbers:
        raise refuse(fields.at(name), text, "must hold a number")
    return tuple(sorted(numbers))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
