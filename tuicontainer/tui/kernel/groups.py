"""The container's control groups as a tree with their limits. Pure.

Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/ for what the files hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from tuicontainer.observe.groups import GroupView
from tuicontainer.tui.kernel.layout import heading, paragraph, tree_marks
from tuicontainer.tui.quantities import cores, plural, size
from tuicontainer.tui.spans import Line, clipped, printable

_BYTES = ("memory.min", "memory.low", "memory.high", "memory.max", "memory.swap.max",
          "memory.limit_in_bytes", "memory.soft_limit_in_bytes",
          "memory.memsw.limit_in_bytes")  # fmt: skip
_NO_LIMIT = 1 << 62
"""From here on version 1 means no limit: LONG_MAX rounded to pages."""


def group_lines(groups: Sequence[GroupView], width: int) -> list[Line]:
    """Return one block a group: hierarchy, path, processes, and each limit with its meaning."""
    if not groups:
        return paragraph(
            "it has no control group: limits can't be set and nothing is counted", width
        )
    lines: list[Line] = []
    for hierarchy in dict.fromkeys(group.hierarchy for group in groups):
        members = [group for group in groups if group.hierarchy == hierarchy]
        if lines:
            lines.append(())
        title = "version 2" if hierarchy == "v2" else hierarchy or "no controller"
        acting = " ".join(members[0].controllers) if hierarchy == "v2" else ""
        lines.append(heading(title, acting))
        marks = tree_marks([group.depth for group in members])
        for group, mark in zip(members, marks, strict=True):
            lines += [_group_line(group, mark, width), *_limits(group, len(mark) + 2)]
    return lines


def _group_line(group: GroupView, mark: str, width: int) -> Line:
    name = group.path if group.depth == 0 else group.path.rpartition("/")[2]
    count = plural(group.processes, "process").replace("processs", "processes")
    room = width - len(mark) - len(count) - 2
    return (mark, "faint"), (clipped(printable(name), room), "text"), (f"  {count}", "dim")


def _limits(group: GroupView, indent: int) -> list[Line]:
    lines: list[Line] = []
    for file, text in group.limits.items():
        meaning = limit_meaning(file, text, group.limits.get("cpu.cfs_period_us"))
        if not meaning:
            continue
        free = meaning.startswith("no limit")
        lines.append(
            (
                (" " * indent, "text"),
                (f"{file:<28} ", "dim"),
                (meaning, "faint" if free else "text"),
                (f"   {text}" if meaning != text else "", "faint"),
            )
        )
    return lines


def limit_meaning(file: str, text: str, period: str | None = None) -> str:
    """Return what a limit's file says in words; empty if another file says it.

    Args:
        file: the file's name.
        text: what it holds.
        period: of version 1, what `cpu.cfs_period_us` holds.
    """
    if file == "cpu.cfs_period_us":
        return ""
    if file == "cpu.cfs_quota_us":
        return _cpu(text, period or "100000")
    if file == "cpu.max":
        quota, _, own = text.partition(" ")
        return _cpu(quota, own or "100000")
    if text == "max" or (file == "pids.max" and text == "-1"):
        return "no limit"
    if file in _BYTES and text.isdigit():
        return "no limit" if int(text) >= _NO_LIMIT else size(int(text))
    return printable(text)


def _cpu(quota: str, period: str) -> str:
    if quota in ("max", "-1"):
        return "no limit"
    share = int(quota) / max(1, int(period))
    return f"{cores(share)} core{'' if share <= 1 else 's'}"
