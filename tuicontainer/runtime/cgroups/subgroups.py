"""Control groups inside a container's own, as places for further processes of it (`exec --cgroup`).

Sources: runc exec.go (getSubCgroupPaths) and libcontainer/process_linux.go for grammar and texts.
"""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition, InvalidArgument
from tuicontainer.runtime.cgroups.files import failure, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tuicontainer.runtime.cgroups.api import Cgroup

_ALL = ""
"""Key of a path that is meant for every hierarchy."""


def parse_subgroups(arguments: Sequence[str]) -> dict[str, str]:
    """Return the path below the container's group by controller.

    Args:
        arguments: either one `PATH`, or any number of `CONTROLLER[,CONTROLLER…]:PATH`.

    Raises:
        InvalidArgument: an argument isn't of that form, or leads out of the container's group.
    """
    paths: dict[str, str] = {}
    for argument in arguments:
        controllers, colon, path = argument.rpartition(":")
        if ":" in controllers:
            raise InvalidArgument(f"invalid --cgroup argument: {argument}")
        if not colon and len(arguments) > 1:
            raise InvalidArgument(
                f"invalid --cgroup argument: {argument} (missing <controller>: prefix)"
            )
        if ".." in path.split("/"):
            raise InvalidArgument(f"bad sub cgroup path: {path} is not a sub cgroup path")
        for controller in controllers.split(",") if colon else (_ALL,):
            paths[controller] = os.path.normpath(f"/{path}").strip("/")
    return paths


def attach_to_subgroups(group: Cgroup, pid: int, paths: Mapping[str, str]) -> None:
    """Move a process to the given places; in hierarchies without one, into the group itself.

    Args:
        group: the container's.
        pid: which process.
        paths: what `parse_subgroups` returned.

    Raises:
        InvalidArgument: a controller isn't among the group's.
        NotFound: there is no such group inside.
        FailedPrecondition: it can't hold processes.
    """
    state = group.to_state()
    hierarchies = state["hierarchies"]
    known = {name for each in hierarchies for name in _names(each)}
    for controller in paths.keys() - known - {_ALL}:
        raise InvalidArgument(f"unknown controller {controller} in SubCgroupPaths")
    for hierarchy in hierarchies:
        inner = next((paths[name] for name in _names(hierarchy) if name in paths), None)
        if inner is None:
            inner = paths.get(_ALL, "")
        own = hierarchy["mountpoint"] + state["path"]
        folder = os.path.join(own, inner)
        if state["mode"] == "hybrid" and hierarchy["version"] == 2 and not os.path.isdir(folder):
            # Containers don't see the unified tree beside v1's, so nobody made a group in it.
            folder = own
        try:
            write_file(f"{folder}/cgroup.procs", str(pid))
        except OSError as error:
            what = f"error adding pid {pid} to cgroups: failed to write {pid}: open {folder}"
            raise failure(error, doing=f"{what}/cgroup.procs") from error


def refuse_subgroups(paths: Mapping[str, str]) -> None:
    """Check that none are wanted where there is no group.

    Raises:
        FailedPrecondition: some are.
    """
    if paths:
        raise FailedPrecondition("the container has no control group, so there is none inside it")


def _names(hierarchy: Mapping[str, Any]) -> list[str]:
    if hierarchy["version"] == 2:
        return []
    return [*hierarchy["controllers"], *([hierarchy["name"]] if hierarchy["name"] else [])]
