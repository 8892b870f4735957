"""Opens the container's id-mapped mounts in the runtime and hands them to the init.

Only here are the privileges that it takes, see `rootfs.idmap`. The map comes from a user namespace:
the container's own, or one that is made for it with a process in it that does nothing and ends at
once; the descriptor keeps the namespace alive as long as it is needed.
Sources: mount_setattr(2) "ID-mapped mounts", user_namespaces(7).
"""

from __future__ import annotations

import os

from tuicontainer.errors import Internal, TuiContainerError, describe_failure
from tuicontainer.runtime.process.identity_maps import write_identity_maps
from tuicontainer.runtime.process.launch import end_child
from tuicontainer.runtime.rootfs.idmap import MountMapped
from tuicontainer.spec.config import Linux
from tuicontainer.syscalls.clone import clone3
from tuicontainer.syscalls.namespaces import CLONE_NEWUSER
from tuicontainer.syscalls.process import set_parent_death_signal
from tuicontainer.syscalls.signals import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from tuicontainer.runtime.process.channel import Channel
    from tuicontainer.runtime.rootfs.idmap import MountMapping
    from tuicontainer.runtime.rootfs.plan import RootfsPlan


def send_mapped_mounts(plan: RootfsPlan, pid: int, channel: Channel) -> None:
    """Open the mounts in the order of the plan and send each.

    Args:
        plan: the container's root filesystem.
        pid: the init, whose user namespace has its maps already.
        channel: to the init.

    Raises:
        TuiContainerError: names the mount and the reason.
        OSError: EPIPE, the init is gone.
    """
    namespaces = _UserNamespaces(pid)
    try:
        for index in plan.mapped:
            step = plan.build[index]
            if not isinstance(step, MountMapped):
                raise Internal(f"`{step.describe()}` is no id-mapped mount")
            mount = _open(step, namespaces, plan.host_propagation[0])
            try:
                channel.send("mapped", with_fd=mount)
            finally:
                os.close(mount)
    finally:
        namespaces.close()


def _open(step: MountMapped, namespaces: _UserNamespaces, host_propagation: int) -> int:
    try:
        return step.hold_mapped(namespaces.find(step.mapping), host_propagation)
    except (OSError, TuiContainerError) as error:
        raise describe_failure(error, while_=step.describe()) from error


class _UserNamespaces:
    """The user namespaces that the mounts of one container need, each made once."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._found: dict[MountMapping, int] = {}

    def find(self, mapping: MountMapping) -> int:
        """Return the descriptor of the namespace with this map; it stays ours.

        Raises:
            OSError, TuiContainerError: it can't be made.
        """
        key = mapping.replace(recursive=False)
        if key not in self._found:
            if mapping.is_the_containers:
                self._found[key] = _open_namespace(self._pid)
            else:
                self._found[key] = make_user_namespace(mapping)
        return self._found[key]

    def close(self) -> None:
        while self._found:
            os.close(self._found.popitem()[1])


def make_user_namespace(mapping: MountMapping) -> int:
    """Return the descriptor of a new user namespace with this map, in which no process is.

    Raises:
        OSError, TuiContainerError: it can't be made.
    """
    read_end, write_end = os.pipe()
    try:
        pid, pidfd = clone3(CLONE_NEWUSER)
        if pid == 0:
            _wait(read_end, write_end)
        try:
            write_identity_maps(pid, Linux(uid_mappings=mapping.uids, gid_mappings=mapping.gids))
            return _open_namespace(pid)
        finally:
            end_child(pid, pidfd)
    finally:
        os.close(read_end)
        os.close(write_end)


def _wait(read_end: int, write_end: int) -> NoReturn:
    """Be there until killed, or until the runtime has died."""
    try:
        set_parent_death_signal(SIGKILL)
        os.close(write_end)
        os.read(read_end, 1)
    finally:
        os._exit(0)


def _open_namespace(pid: int) -> int:
    return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
