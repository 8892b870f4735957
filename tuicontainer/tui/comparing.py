"""What differs between two containers or two bundles: configuration and kernel, line by line. Pure.

Compared is what was meant to be chosen: numbers that differ between any two containers (pids,
inodes, ids of mounts) are left out, and a namespace is the host's, its own, or joint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from tuicontainer.observe.container import KernelView
from tuicontainer.observe.groups import GroupView
from tuicontainer.record import Record
from tuicontainer.tui.documents import json_line
from tuicontainer.tui.quantities import plural
from tuicontainer.tui.spans import Line, printable

_AROUND = 3
"""Lines that are the same, shown before and after those that differ."""


class Side(Record):
    """One of the two."""

    name: str
    parts: Mapping[str, Any]
    """JSON documents by what they are: `config.json`, `kernel`."""


def kernel_facts(
    seen: KernelView, groups: Sequence[GroupView], other: KernelView | None = None
) -> dict[str, Any]:
    """Return what the kernel says that somebody has chosen.

    Args:
        seen: the container's.
        groups: its control groups.
        other: of the other side, to tell namespaces that both are in.
    """
    theirs = {view.type: view.inode for view in other.namespaces} if other else {}
    facts: dict[str, Any] = {
        "namespaces": {
            view.type: "host" if view.host else "joint" if theirs.get(view.type) == view.inode
            else "own"
            for view in seen.namespaces
        },
        "uidMap": [list(entry.values()) for entry in map(_plain, seen.uid_map)],
        "gidMap": [list(entry.values()) for entry in map(_plain, seen.gid_map)],
        "rlimits": {name: list(pair) for name, pair in sorted(seen.rlimits.items())},
        "oomScoreAdj": seen.oom_score_adj,
        "mounts": {
            mount.target: " ".join((mount.type, *mount.options, mount.propagation))
            for mount in seen.mounts
        },
        "limits": {
            name: text
            for group in groups
            if group.depth == 0
            for name, text in sorted(group.limits.items())
        },
    }  # fmt: skip
    process = seen.process
    if process is not None:
        facts |= {
            "user": f"{process.uid}:{process.gid}",
            "groups": list(process.groups),
            "capabilities": {name: list(held) for name, held in process.capabilities.items()},
            "noNewPrivileges": process.no_new_privileges,
            "seccomp": process.seccomp,
        }
    return facts


def comparison_lines(one: Side, other: Side) -> list[Line]:
    """Return the difference of each part that both have, and which parts only one has."""
    lines: list[Line] = [
        (("- ", "bad"), (printable(one.name), "strong")),
        (("+ ", "good"), (printable(other.name), "strong")),
    ]
    for part in dict.fromkeys((*one.parts, *other.parts)):
        lines.append(())
        if part not in one.parts or part not in other.parts:
            lacking = one if part not in one.parts else other
            lines.append(((part, "head"), (f"  {printable(lacking.name)} has none now", "dim")))
            continue
        texts = [_texts(side.parts[part]) for side in (one, other)]
        lines += _part_lines(part, *texts)
    return lines


def _part_lines(part: str, before: list[str], after: list[str]) -> list[Line]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    body: list[Line] = []
    changed = 0
    for hunk in matcher.get_grouped_opcodes(_AROUND):
        body.append(((f"  line {hunk[0][1] + 1}", "faint"),))
        for kind, a, b, c, d in hunk:
            if kind == "equal":
                body += [(("  ", "text"), (printable(text), "dim")) for text in before[a:b]]
                continue
            changed += max(b - a, d - c)
            body += [_marked("- ", "bad", text) for text in before[a:b]]
            body += [_marked("+ ", "good", text) for text in after[c:d]]
    count = "no difference" if not changed else f"{plural(changed, 'line')} differ"
    if changed == 1:
        count = "1 line differs"
    return [((part, "head"), (f"  {count}", "dim")), *body]


def _marked(mark: str, tone: str, text: str) -> Line:
    """Return a line that only one side has: the mark in its colour, the text as JSON."""
    return ((mark, tone), *json_line(text))


def _texts(document: Any) -> list[str]:
    text = json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True, default=_plain)
    return text.split("\n")


def _plain(value: Any) -> dict[str, Any]:
    return dict(value.items())
