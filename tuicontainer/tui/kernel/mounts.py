"""The mounts as a tree, with what the configuration asked for. Pure.

Source: proc_pid_mountinfo(5); mount_namespaces(7) for propagation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuicontainer.observe.container import KernelView
from tuicontainer.observe.mounts import MountView
from tuicontainer.tui.kernel.layout import rows, tree_marks
from tuicontainer.tui.spans import Line, clipped, fitted, printable

_PROTECTIONS = ("ro", "nosuid", "nodev", "noexec")
_TITLES = ("TARGET", "TYPE", "OPTIONS", "ASKED", "PROPAGATION", "FROM")
_SIDE_BY_SIDE = 96
"""Columns from which there is room for a table."""
_ASKED = 40
"""Columns for what was asked."""


def mount_lines(seen: KernelView, config: Mapping[str, Any], width: int) -> list[Line]:
    """Return one mount a line; what was asked but isn't there is red at the end."""
    asked = {
        "/" + str(entry.get("destination", "")).strip("/"): entry
        for entry in config.get("mounts", ())
    }
    if width < _SIDE_BY_SIDE:
        return _stacked(seen, asked, width)
    visible = {mount.target for mount in seen.mounts if not mount.hidden}
    marks = tree_marks([mount.depth for mount in seen.mounts])
    cells = [_cells(mount, mark, asked) for mount, mark in zip(seen.mounts, marks, strict=True)]
    for target, entry in asked.items():
        if target not in visible:
            wanted = _asked_text(entry)
            missing: list[Line] = [((printable(target), "bad"),), (("missing", "bad"),)]
            cells.append([*missing, (), ((wanted, "bad"),), (), ()])
    return rows(_TITLES, cells, width)


def _stacked(seen: KernelView, asked: Mapping[str, Any], width: int) -> list[Line]:
    """Return two lines a mount for narrow panes: where and what, then how and as asked."""
    lines: list[Line] = []
    marks = tree_marks([mount.depth for mount in seen.mounts])
    for mount, mark in zip(seen.mounts, marks, strict=True):
        target, kind, options, wanted, propagation, _ = _cells(mount, mark, asked)
        lines.append((*target, ("  ", "text"), *kind, ("  ", "text"), *propagation))
        indent = (" " * (len(mark) + 2), "text")
        lines.append(fitted((indent, *options, ("  asked: ", "faint"), *wanted), width))
    return lines


def _cells(mount: MountView, mark: str, asked: Mapping[str, Any]) -> list[Line]:
    entry = asked.get(mount.target)
    source = mount.source if mount.root == "/" else f"{mount.source}{mount.root}"
    options: Line = ()
    for option in mount.options:
        tone = "good" if option in _PROTECTIONS else "text"
        tone = "warning" if option == "rw" and entry and _wants(entry, "ro") else tone
        options = (*options, ((" " if options else "") + printable(option), tone))
    target = "faint" if mount.hidden else "strong"
    private = mount.propagation == "private"
    return [
        ((mark, "faint"), (printable(mount.target), target)),
        ((printable(mount.type), "info"),),
        options,
        ((_asked_text(entry), "text"),) if entry else ((_unasked(mount), "faint"),),
        ((mount.propagation, "dim" if private else "warning"),),
        ((printable(source), "dim"),),
    ]


def _wants(entry: Mapping[str, Any], option: str) -> bool:
    return option in entry.get("options", ())


def _asked_text(entry: Mapping[str, Any]) -> str:
    words = [str(entry.get("type", "")), *map(str, entry.get("options", ()))]
    return clipped(printable(" ".join(word for word in words if word)), _ASKED)


def _unasked(mount: MountView) -> str:
    return "the root" if mount.target == "/" else "by the runtime"
