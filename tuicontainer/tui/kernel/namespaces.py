"""The namespace map: which container is in which namespace, and with whom. Pure.

Source: namespaces(7), user_namespaces(7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tuicontainer.observe.container import KernelView
from tuicontainer.observe.namespaces import IdMap, NamespaceView
from tuicontainer.tui.kernel.layout import heading, paragraph, rows
from tuicontainer.tui.spans import Line, clipped, printable

KINDS = ("user", "mount", "pid", "network", "ipc", "uts", "cgroup", "time")
_ALL_IDS = 0xFFFFFFFF


def namespace_lines(current: str, seen: Mapping[str, KernelView], width: int) -> list[Line]:
    """Return the matrix of containers and kinds, then what the *current* one shares.

    Args:
        current: id of the container that is looked at.
        seen: by id, what the kernel says of each container with a process.
        width: columns.
    """
    inside: dict[tuple[str, int], list[str]] = {}
    for name, view in seen.items():
        for namespace in view.namespaces:
            inside.setdefault((namespace.type, namespace.inode), []).append(name)
    order = [current, *(name for name in seen if name != current)] if current in seen else [*seen]
    cells = [_row(name, seen[name], current, inside) for name in order]
    lines = rows(("CONTAINER", *KINDS), cells, width)
    lines += [
        (),
        *paragraph("host: the same as the host's · +n: shared with n other containers", width),
    ]
    if current in seen:
        lines += _details(current, seen[current], inside, width)
    return lines


def _row(
    name: str, view: KernelView, current: str, inside: Mapping[tuple[str, int], Sequence[str]]
) -> list[Line]:
    by_kind = {namespace.type: namespace for namespace in view.namespaces}
    tone = "strong" if name == current else "text"
    return [
        ((clipped(printable(name), 20), tone),),
        *(_cell(by_kind.get(kind), inside) for kind in KINDS),
    ]


def _cell(namespace: NamespaceView | None, inside: Mapping[tuple[str, int], Sequence[str]]) -> Line:
    if namespace is None:
        return (("-", "faint"),)
    if namespace.host:
        return (("host", "warning"),)
    others = len(inside[namespace.type, namespace.inode]) - 1
    # The last digits tell them apart: the kernel counts up from 0xF0000000.
    number = str(namespace.inode)[-5:]
    return ((number, "good"), (f"+{others}" if others else "", "accent"))


def _details(
    current: str,
    view: KernelView,
    inside: Mapping[tuple[str, int], Sequence[str]],
    width: int,
) -> list[Line]:
    lines: list[Line] = [(), heading(printable(current), f"process {view.pid} of the host")]
    for namespace in view.namespaces:
        others = [name for name in inside[namespace.type, namespace.inode] if name != current]
        if namespace.host:
            whose, tone = "the host's", "warning"
        elif others:
            whose, tone = f"shared with {', '.join(others)}", "accent"
        else:
            whose, tone = "its own", "good"
        text = f"{namespace.type:<8} {namespace.inode:<11} "
        lines.append(((text, "text"), (clipped(printable(whose), width - len(text)), tone)))
    lines += _maps("users", view.uid_map, width) + _maps("groups", view.gid_map, width)
    return lines


def _maps(what: str, maps: Sequence[IdMap], width: int) -> list[Line]:
    lines: list[Line] = []
    for one in maps:
        if one.size >= _ALL_IDS and one.container_id == one.host_id:
            text, tone = "are the host's: root inside is root outside", "warning"
        else:
            last_inside = one.container_id + one.size - 1
            last_outside = one.host_id + one.size - 1
            text = f"{one.container_id}-{last_inside} are {one.host_id}-{last_outside} of the host"
            tone = "text"
        lines.append(((f"{what:<8} ", "dim"), (clipped(text, width - 9), tone)))
    return lines
