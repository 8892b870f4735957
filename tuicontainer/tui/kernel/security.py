"""What its processes may do: the five capability sets, no_new_privs, the system call filter. Pure.

Sources: capabilities(7), prctl(2) PR_SET_NO_NEW_PRIVS, seccomp(2), config-linux.md#seccomp.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tuicontainer.observe.container import KernelView
from tuicontainer.observe.processes import ProcessView
from tuicontainer.tui.kernel.layout import heading, paragraph
from tuicontainer.tui.quantities import plural
from tuicontainer.tui.spans import Line, printable

_SETS = ("effective", "permitted", "inheritable", "bounding", "ambient")
_POWERFUL = frozenset(
    f"CAP_{name}"
    for name in (
        *("SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_BOOT", "SYS_TIME"),
        *("DAC_READ_SEARCH", "NET_ADMIN", "BPF", "PERFMON", "MAC_ADMIN", "MAC_OVERRIDE"),
        *("MKNOD", "SYSLOG"),
    )
)
"""With these a process may reach beyond its container (capabilities(7), notes of each)."""
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "files": ("open", "read", "write", "stat", "link", "chmod", "chown", "rename", "mkdir", "dir",
              "access", "seek", "truncate", "sync", "xattr", "dup", "fcntl", "close", "pipe",
              "splice", "sendfile", "copy_file", "inotify", "fanotify", "utime", "lock", "umask"),
    "network": ("socket", "bind", "listen", "accept", "connect", "send", "recv", "shutdown",
                "sockopt", "sockname", "peername"),
    "memory": ("mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "mlock", "msync", "shm",
               "memfd", "mbind", "numa", "pkey", "mincore", "migrate_pages", "move_pages"),
    "processes": ("clone", "fork", "exec", "exit", "wait", "kill", "signal", "sched", "prctl",
                  "rlimit", "priority", "setpgid", "getp", "getsid", "setsid", "pidfd", "futex",
                  "rseq", "tid", "unshare", "setns", "ptrace", "process_", "rusage"),
    "identity": ("uid", "gid", "groups", "cap", "keyctl", "key"),
    "time": ("time", "clock", "alarm", "nanosleep"),
    "system": ("mount", "pivot", "chroot", "reboot", "swap", "module", "bpf", "perf", "kexec",
               "quota", "sysinfo", "uname", "syslog", "hostname", "domainname", "iopl", "ioperm"),
    "waiting": ("poll", "select", "epoll", "eventfd", "io_", "aio"),
}  # fmt: skip
"""By subject: parts of system calls' names that belong to it; the first that fits counts."""


def security_lines(seen: KernelView, config: Mapping[str, Any], width: int) -> list[Line]:
    """Return one block for all processes that may do the same, then the filter's profile."""
    alike: dict[object, list[ProcessView]] = {}
    for process in seen.processes:
        rights = (
            tuple(tuple(process.capabilities.get(name, ())) for name in _SETS),
            process.no_new_privileges,
            process.seccomp,
            process.seccomp_filters,
            process.uid,
        )
        alike.setdefault(rights, []).append(process)
    lines: list[Line] = []
    for processes in alike.values():
        lines += [*_block(processes, width), ()]
    return [*lines, *_profile(config.get("linux", {}).get("seccomp"), width)]


def _block(processes: Sequence[ProcessView], width: int) -> list[Line]:
    first = processes[0]
    names = ", ".join(f"{one.inner_pid} {one.name}" for one in processes[:4])
    more = f" and {len(processes) - 4} more" if len(processes) > 4 else ""
    lines: list[Line] = [heading(printable(names) + more, f"user {first.uid}, group {first.gid}")]
    locked = first.no_new_privileges
    lines.append(
        (
            ("no_new_privs ", "dim"),
            ("on" if locked else "off: setuid programs raise privileges",
             "good" if locked else "warning"),
        )
    )  # fmt: skip
    filters = (
        "" if first.seccomp_filters is None else f", {plural(first.seccomp_filters, 'filter')}"
    )
    filtered = first.seccomp == "filter"
    lines.append(
        (
            ("system calls ", "dim"),
            (f"filtered{filters}" if filtered else f"{first.seccomp}: none is filtered",
             "good" if filtered else "warning"),
        )
    )  # fmt: skip
    return lines + _capabilities(first, width)


def _capabilities(process: ProcessView, width: int) -> list[Line]:
    sets = {name: frozenset(process.capabilities.get(name, ())) for name in _SETS}
    order = list(dict.fromkeys(cap for name in _SETS for cap in process.capabilities.get(name, ())))
    if not order:
        return [(("capabilities ", "dim"), ("none in any set", "good"))]
    titles = " ".join(f"{name[:4]:<4}" for name in _SETS)
    lines: list[Line] = [((f"{'capabilities':<22} {titles}", "head"),)]
    for cap in order:
        marks = "    ".join("●" if cap in sets[name] else "·" for name in _SETS)
        powerful = cap in _POWERFUL
        line: Line = (
            (f"{cap.removeprefix('CAP_').lower():<22} ", "bad" if powerful else "text"),
            (marks, "text"),
        )
        note = "   reaches beyond the container"
        lines.append((*line, (note, "bad")) if powerful and width > 76 else line)
    return lines


def _profile(profile: Mapping[str, Any] | None, width: int) -> list[Line]:
    if not profile:
        return [
            heading("System call profile", "the configuration has none"),
            *paragraph("every system call of the host's kernel can be made", width),
        ]
    default = str(profile.get("defaultAction", ""))
    lines = [heading("System call profile", f"what isn't named here: {_action(default)}")]
    if profile.get("architectures"):
        architectures = " ".join(str(each) for each in profile["architectures"])
        lines += paragraph(f"architectures {architectures}".replace("SCMP_ARCH_", ""), width)
    by_action: dict[str, dict[str, None]] = {}
    for rule in profile.get("syscalls", ()):
        action = _action(str(rule.get("action", "")), rule.get("errnoRet"))
        if rule.get("args"):
            action += ", for some arguments"
        by_action.setdefault(action, {}).update(dict.fromkeys(map(str, rule.get("names", ()))))
    for action, names in by_action.items():
        lines += [(), ((f"{action}: {plural(len(names), 'system call')}", "info"),)]
        for family, members in _families(names).items():
            text = f"{family} ({len(members)}): {' '.join(members)}"
            lines += [((f"  {line[0][0]}", "text"),) for line in paragraph(text, width - 2)]
    return lines


def _families(names: Mapping[str, None]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name in sorted(names):
        family = next(
            (key for key, parts in _FAMILIES.items() if any(part in name for part in parts)),
            "other",
        )
        grouped.setdefault(family, []).append(printable(name))
    return {key: grouped[key] for key in (*_FAMILIES, "other") if key in grouped}


def _action(action: str, errno: object = None) -> str:
    word = action.removeprefix("SCMP_ACT_").lower().replace("_", " ")
    words = {"allow": "allowed", "errno": "refused", "kill": "killed", "log": "allowed and logged",
             "kill process": "killed", "kill thread": "its thread killed", "trap": "trapped",
             "notify": "decided by an agent", "trace": "traced"}  # fmt: skip
    text = words.get(word, word)
    return f"{text} with errno {errno}" if errno is not None and word == "errno" else text
