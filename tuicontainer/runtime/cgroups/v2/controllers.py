"""Handing controllers down the unified tree, and saying why one isn't there.

A group has the control files of a controller only if its parent lists it in cgroup.subtree_control,
which takes only what the parent's own parent hands down. A group that hands controllers down may
not hold processes itself (the root may), so an ancestor with processes in it blocks.
Source: Documentation/admin-guide/cgroup-v2.rst, "Controlling Controllers", "No Internal Process
Constraint", "Threads".
"""

from __future__ import annotations

import os
from errno import EBUSY, EOPNOTSUPP

from tuicontainer.errors import FailedPrecondition, NotFound, PermissionDenied, Unsupported
from tuicontainer.runtime.cgroups.files import is_gone, read_file, read_if_there, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.errors import TuiContainerError

# What limits and gauges need; others are handed down only when a limit names them.
USUAL = ("cpu", "cpuset", "io", "memory", "pids")


def hand_down(top: str, path: str, controllers: Iterable[str]) -> None:
    """Let every ancestor of *path*, from the mount point *top* on, hand these controllers down.

    What can't be handed down is left out: `explain_missing` finds out why, when somebody needs it.
    """
    for folder in _ancestors(top, path):
        hand_down_once(folder, controllers)


def hand_down_once(folder: str, controllers: Iterable[str]) -> None:
    """Let one group hand these controllers down, as far as it has them."""
    try:
        available = read_file(f"{folder}/cgroup.controllers").split()
        enabled = read_file(f"{folder}/cgroup.subtree_control").split()
    except OSError as error:
        if is_gone(error):
            return
        raise
    missing = [name for name in controllers if name in available and name not in enabled]
    if not missing or _processes(folder) or _enable(folder, missing) is None:
        return
    # One that is refused (realtime processes outside the root keep `cpu` back) makes the kernel
    # refuse the whole line.
    for name in missing:
        _enable(folder, [name])


def explain_missing(top: str, path: str, controller: str, field: str) -> TuiContainerError:
    """Return the error that tells why group *path* doesn't have *controller*."""
    wanted = f"`{field}` needs the controller `{controller}`"
    folder = top
    for folder in _ancestors(top, path):
        available = read_if_there(f"{folder}/cgroup.controllers")
        if available is None:
            break
        if controller not in available.split():
            return _not_available(folder, top, controller, wanted)
        if controller not in (read_if_there(f"{folder}/cgroup.subtree_control") or "").split():
            return _not_handed_down(folder, controller, wanted)
    if not os.path.isdir(top + path):
        return NotFound(f"control group `{top}{path}` doesn't exist")
    return Unsupported(f"`{field}`: this kernel's controller `{controller}` has no such file")


def _not_available(folder: str, top: str, controller: str, wanted: str) -> TuiContainerError:
    if folder != top:
        return Unsupported(f"{wanted}, which `{folder}` hasn't got from the group above it")
    for line in (read_if_there("/proc/cgroups") or "").splitlines():
        name, hierarchy, *_ = line.split()
        if name == controller and hierarchy != "0":
            return Unsupported(
                f"{wanted}, which is mounted as cgroup v1 and so isn't in the unified hierarchy",
                hint="boot with `systemd.unified_cgroup_hierarchy=1` or `cgroup_no_v1=all`",
            )
    return Unsupported(
        f"{wanted}, which `{top}/cgroup.controllers` doesn't list",
        hint="the kernel lacks it, it is turned off by `cgroup_disable=`, or this container's "
        "engine doesn't delegate it",
    )


def _not_handed_down(folder: str, controller: str, wanted: str) -> TuiContainerError:
    if pids := _processes(folder):
        return FailedPrecondition(
            f"{wanted}, but `{folder}` holds processes ({', '.join(pids[:5])}) and can't hand "
            "controllers down",
            hint="move them into a group inside it",
            errno=EBUSY,
        )
    error = _enable(folder, [controller])
    if error is None:
        # It could be enabled now: somebody took it away after the group was made.
        return FailedPrecondition(f"{wanted}, which `{folder}` had stopped handing down: try again")
    kind = (read_if_there(f"{folder}/cgroup.type") or "").strip()
    if error.errno in (EBUSY, EOPNOTSUPP) and "threaded" in kind:
        return FailedPrecondition(f"{wanted}, but `{folder}` is a `{kind}` group", errno=EBUSY)
    kinds = PermissionDenied if isinstance(error, PermissionError) else FailedPrecondition
    reason = (error.strerror or str(error)).lower()
    return kinds(f"{wanted}, but `{folder}` can't hand it down: {reason}", errno=error.errno)


def _processes(folder: str) -> list[str]:
    """Return the processes that keep a group from handing controllers down; the root's don't.

    The kernel would refuse `memory` and `io`, but grant `cpu` and `pids`, and thereby turn the
    group into a threaded domain, inside which no container can be.
    """
    if not os.path.exists(f"{folder}/cgroup.type"):
        return []
    return (read_if_there(f"{folder}/cgroup.procs") or "").split()


def _enable(folder: str, names: Iterable[str]) -> OSError | None:
    try:
        write_file(f"{folder}/cgroup.subtree_control", " ".join(f"+{name}" for name in names))
    except OSError as error:
        return error
    return None


def _ancestors(top: str, path: str) -> list[str]:
    """Return the mount point and the folders down to the group's parent."""
    folders = [top]
    for name in path.strip("/").split("/")[:-1]:
        folders.append(f"{folders[-1]}/{name}")
    return folders
