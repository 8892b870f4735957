"""The processes of a container as the kernel sees them, from /proc/PID/{stat,status,cmdline}.

Source: proc_pid_status(5), proc_pid_stat(5), proc_pid_cmdline(5).
"""

from __future__ import annotations

import os

from tuicontainer.record import Record
from tuicontainer.runtime.process.capabilities import NAMES
from tuicontainer.runtime.process.identity import ProcessIdentity, boot_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Literal

    SeccompMode = Literal["disabled", "strict", "filter"]

_SECCOMP: tuple[SeccompMode, ...] = ("disabled", "strict", "filter")
_CAPABILITY_SETS = {
    "effective": "CapEff",
    "permitted": "CapPrm",
    "inheritable": "CapInh",
    "bounding": "CapBnd",
    "ambient": "CapAmb",
}
_LARGEST = 65536


class ProcessView(Record):
    """One process."""

    pid: int
    """In the reader's PID namespace."""
    inner_pid: int
    """In its own PID namespace, the innermost."""
    parent: int
    """In the reader's PID namespace; 0 for none that it can see."""
    name: str
    args: tuple[str, ...]
    """Empty for a zombie."""
    state: str
    """The kernel's letter: R S D T t Z X I."""
    uid: int
    """Effective, in the reader's user namespace; so are the groups."""
    gid: int
    groups: tuple[int, ...]
    threads: int
    resident: int
    """Bytes of memory that are there."""
    cpu_ns: int
    """CPU time of all its threads, in the clock's ticks turned into nanoseconds."""
    started_ns: int
    """Nanoseconds from boot to its start."""
    capabilities: Mapping[str, tuple[str, ...]]
    """`effective permitted inheritable bounding ambient`, each in the order of the numbers."""
    no_new_privileges: bool
    seccomp: SeccompMode
    seccomp_filters: int | None
    """How many filters it has; None where the kernel (before 5.9) doesn't tell."""


def observe_process(pid: int) -> ProcessView | None:
    """Return a process; None if there is none of this pid.

    Raises:
        OSError: /proc can't be read.
    """
    try:
        stat, status, cmdline = (_read(pid, name) for name in ("stat", "status", "cmdline"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    return parse_process(stat, status, cmdline)


def observe_processes(pids: Iterable[int]) -> tuple[ProcessView, ...]:
    """Return those of the processes that are still there, parents before their children."""
    found = [view for view in map(observe_process, sorted(set(pids))) if view is not None]
    return tuple(view for view, _ in process_tree(found))


def process_tree(processes: Sequence[ProcessView]) -> list[tuple[ProcessView, int]]:
    """Return each process with its depth, parents before their children, siblings by age.

    Those whose parent isn't among them are roots: the container's own, and what was executed in
    it from outside.
    """
    children: dict[int, list[ProcessView]] = {}
    known = {view.pid for view in processes}
    for view in sorted(processes, key=lambda view: (view.started_ns, view.pid)):
        children.setdefault(view.parent if view.parent in known else 0, []).append(view)
    ordered: list[tuple[ProcessView, int]] = []
    waiting = [(view, 0) for view in reversed(children.get(0, []))]
    while waiting:
        view, depth = waiting.pop()
        ordered.append((view, depth))
        waiting += [(child, depth + 1) for child in reversed(children.get(view.pid, []))]
    return ordered


def parse_process(stat: bytes, status: bytes, cmdline: bytes) -> ProcessView:
    """Return the process that the three files describe."""
    # The name in parentheses may itself hold blanks and parentheses.
    fields = stat[stat.rindex(b")") + 2 :].split()
    values = _values(status)
    ticks = os.sysconf("SC_CLK_TCK")
    filters = values.get("Seccomp_filters")
    return ProcessView(
        pid=int(values["Pid"]),
        inner_pid=int(values["NSpid"].split()[-1] if "NSpid" in values else values["Pid"]),
        parent=int(values["PPid"]),
        name=stat[stat.index(b"(") + 1 : stat.rindex(b")")].decode(errors="replace"),
        args=tuple(word.decode(errors="replace") for word in cmdline.split(b"\0")[:-1]),
        state=fields[0].decode(),
        uid=int(values["Uid"].split()[1]),
        gid=int(values["Gid"].split()[1]),
        groups=tuple(int(word) for word in values.get("Groups", "").split()),
        threads=int(fields[17]),
        resident=int(values.get("VmRSS", "0 kB").split()[0]) * 1024,
        cpu_ns=(int(fields[11]) + int(fields[12])) * 1_000_000_000 // ticks,
        started_ns=int(fields[19]) * 1_000_000_000 // ticks,
        capabilities={
            name: capability_names(int(values[field], 16))
            for name, field in _CAPABILITY_SETS.items()
            if field in values
        },
        no_new_privileges=values.get("NoNewPrivs") == "1",
        seccomp=_SECCOMP[int(values.get("Seccomp", "0"))],
        seccomp_filters=None if filters is None else int(filters),
    )


def process_identity(pid: int, started_ns: int) -> ProcessIdentity:
    """Return who it was that a `ProcessView` of this boot showed with this pid and start."""
    ticks = -(-started_ns * os.sysconf("SC_CLK_TCK") // 1_000_000_000)
    return ProcessIdentity(pid=pid, start_time=ticks, boot_id=boot_id())


def capability_names(mask: int) -> tuple[str, ...]:
    """Return the names of a set's bits; `CAP_n` for one that this version doesn't know."""
    return tuple(
        NAMES[number] if number < len(NAMES) else f"CAP_{number}"
        for number in range(mask.bit_length())
        if mask >> number & 1
    )


def _values(status: bytes) -> dict[str, str]:
    r"""Return the lines `Name:\tvalue`; a name's control characters are escaped by the kernel."""
    lines = (line.partition(":") for line in status.decode(errors="replace").splitlines())
    return {name: value.strip() for name, _, value in lines}


def _read(pid: int, name: str) -> bytes:
    fd = os.open(f"/proc/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        text = b""
        while part := os.read(fd, _LARGEST):
            text += part
        return text
    finally:
        os.close(fd)
