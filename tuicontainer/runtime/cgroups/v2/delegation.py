"""Handing a group over to a user, so that the container can manage groups inside its own.

The kernel tells which files that takes; all others stay the owner's, or the user could lift the
limits that are set in them. A kernel before 4.15 doesn't tell, and the three of old are meant.
Sources: config-linux.md#cgroup-ownership; cgroups(7), "Cgroups v2 delegation".
"""

from __future__ import annotations

import os
from errno import ENOENT

from tuicontainer.runtime.cgroups.files import failure, read_if_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Config

LIST = "/sys/kernel/cgroup/delegate"
FILES_OF_OLD = ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads")
MOUNTPOINT = "/sys/fs/cgroup"


def group_owner(config: Config) -> int | None:
    """Return the user, by the host's id, that the container's group is to be handed to. Pure.

    None unless the container has a control group namespace of its own and can write to the groups
    it sees. The user is that of the container's program.
    """
    linux, process = config.linux, config.process
    namespace = linux.namespace("cgroup")
    if process is None or namespace is None or namespace.path is not None:
        return None
    mounts = [mount for mount in config.mounts if _clean(mount.destination) == MOUNTPOINT]
    if not mounts or mounts[-1].type not in {"cgroup", "cgroup2"}:
        return None
    access = [option for option in mounts[-1].options if option in {"ro", "rw", "rro"}]
    if access and access[-1] != "rw":
        return None
    user = linux.namespace("user")
    if user is None:
        return process.user.uid
    for mapping in linux.uid_mappings:
        offset = process.user.uid - mapping.container_id
        if 0 <= offset < mapping.size:
            return mapping.host_id + offset
    return None


def files_to_give(text: str | None) -> tuple[str, ...]:
    """Return the names that the kernel's list has; the ones of old where there is no list."""
    if text is None:
        return FILES_OF_OLD
    return tuple(name for name in text.split() if "/" not in name)


def give_to(folder: str, uid: int) -> None:
    """Make *uid* the owner of the group's folder and of the files that it takes.

    Raises:
        NotFound: no such group.
        PermissionDenied: we may not give files away.
    """
    for path in (folder, *(f"{folder}/{name}" for name in files_to_give(read_if_there(LIST)))):
        try:
            os.chown(path, uid, -1)
        except OSError as error:
            # Each controller has its files on the list, whether or not the group has that one.
            if error.errno == ENOENT and path != folder:
                continue
            raise failure(error, doing=f"giving `{path}` to user `{uid}`") from error


def _clean(path: str) -> str:
    return "/" + "/".join(name for name in path.split("/") if name not in {"", "."})
