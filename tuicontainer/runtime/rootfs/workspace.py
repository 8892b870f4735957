"""The steps by which a container's first process gets its root, in the order of the calls.

The process that calls them is single-threaded, in its own new mount namespace (the others of its
namespaces too, the cgroup one before `build`), with the host's root still in view.

Needs Linux 5.12, the first with mount_setattr(2): below it, flags of a mount could only be changed
by looking up its path again. Every system this program supports is newer.
"""

from __future__ import annotations

import os
from errno import ENOSYS, EPERM

from tuicontainer.errors import TuiContainerError, describe_failure
from tuicontainer.runtime.rootfs.masks import Masks
from tuicontainer.runtime.rootfs.operations import HostOperation
from tuicontainer.runtime.rootfs.switch import make_parent_private, switch_root
from tuicontainer.runtime.rootfs.tree import Tree
from tuicontainer.syscalls import mount as kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self, TypeVar

    from tuicontainer.runtime.rootfs.console import Console, OpenConsole
    from tuicontainer.runtime.rootfs.operations import Operation
    from tuicontainer.runtime.rootfs.plan import RootfsPlan

    Result = TypeVar("Result")


class Rootfs:
    """A container's root on its way from a folder of the host to `/`."""

    def __init__(self, plan: RootfsPlan) -> None:
        self._plan = plan
        self._held: dict[int, int] = {}
        self._tree = Tree(-1)
        self._folder = -1

    @classmethod
    def open(cls, plan: RootfsPlan) -> Self:
        """Take hold of everything on the host that the plan needs.

        Call it in the new mount namespace and before giving up the host's root user (before the
        setresuid into a user namespace), so that folders closed to the container's users work.
        The container's control group must exist. It first makes all mounts of the namespace
        slaves (or what `rootfsPropagation` says), so that nothing below reaches the host; no other
        process is affected.

        Raises:
            TuiContainerError: NotFound for a missing root or bind source, and so on; names it.
        """
        rootfs = cls(plan)
        try:
            _attempt("leave the host's mounts", rootfs._leave_host)
            rootfs._folder = _attempt(f"open the root filesystem `{plan.root}`", rootfs._open)
            for index, step in enumerate(plan.build):
                if isinstance(step, HostOperation) and index not in plan.mapped:
                    rootfs._held[index] = _attempt(step, step.hold)
        except BaseException:
            rootfs.close()
            raise
        return rootfs

    def take_mapped(self, receive: Callable[[], int]) -> None:
        """Take over the id-mapped mounts, which the runtime has opened.

        Args:
            receive: returns the next one's descriptor, in the order of the plan.
        """
        for index in self._plan.mapped:
            self._held[index] = receive()

    def build(self, mark: Callable[[str], None]) -> Console | None:
        """Do all mounts, devices and links; return the terminal if the plan has one.

        *mark* is called whenever a group of steps has been done, with its name.

        Needs CAP_SYS_ADMIN in the user namespace that owns the mount namespace, and to be a
        member of the container's PID, network, IPC and cgroup namespaces already: proc, sysfs,
        mqueue and cgroup mounts show those of the process that makes them. createContainer hooks
        may run afterwards, they see the container's mounts at the root's path on the host.
        The terminal's owner is this process's user.

        Raises:
            TuiContainerError: names the mount or device and the reason.
        """
        plan = self._plan
        _attempt(f"take `{plan.root}` as root", self._attach)
        done = "take root"
        mask = os.umask(0)
        try:
            for index, step in enumerate(plan.build):
                if step.group != done:
                    mark(done)
                    done = step.group
                if isinstance(step, HostOperation):
                    _attempt(step, step.put, self._tree, self._held.pop(index))
                else:
                    _attempt(step, step.apply, self._tree)
            mark(done)
            if plan.console is None:
                return None
            console = _attempt(plan.console, plan.console.apply, self._tree)
            mark("console")
            return console
        finally:
            os.umask(mask)

    def pivot(self) -> None:
        """Make the container's root `/` and the working folder, and drop the host's mounts.

        Raises:
            TuiContainerError: the kernel refused.
        """
        if self._plan.masks:
            self._tree.masks = _attempt("find a null device", Masks, self._tree.root)
        _attempt("change the root", switch_root, self._tree.root, self._plan.no_pivot)

    def finish(self) -> None:
        """Close what the container may not change or see, and give up all descriptors.

        Read-only mounts, read-only root, read-only paths, masked paths, in this order.

        Raises:
            TuiContainerError: names the path and the reason.
        """
        for step in self._plan.finish:
            _attempt(step, step.apply, self._tree)
        self.close()

    def close(self) -> None:
        """Close every descriptor; harmless if it is done already."""
        while self._held:
            os.close(self._held.popitem()[1])
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1
        self._tree.close()

    def _leave_host(self) -> None:
        mode, recursive = self._plan.host_propagation
        host = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            kernel.mount_setattr(host, propagation=mode, recursive=recursive)
        finally:
            os.close(host)

    def _open(self) -> int:
        # The last part may not be a link, which could change between now and the next start.
        flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(self._plan.root, flags)

    def _attach(self) -> None:
        """Mount the root filesystem on itself: only a mount can become a root (pivot_root(2))."""
        propagation = self._plan.host_propagation
        if propagation[0] != kernel.MS_SLAVE:
            make_parent_private(self._folder)
        self._tree.root = kernel.open_tree_clone(self._folder, recursive=True)
        if propagation == (kernel.MS_SLAVE, False):
            # A slave of what it was copied from, before that is cut off from the host.
            kernel.mount_setattr(self._tree.root, propagation=kernel.MS_SLAVE)
            make_parent_private(self._folder)
        kernel.move_mount(self._tree.root, self._folder)
        os.close(self._folder)
        self._folder = -1


def _attempt(
    words: str | Operation | OpenConsole, function: Callable[..., Result], *arguments: Any
) -> Result:
    try:
        return function(*arguments)
    except (OSError, TuiContainerError) as error:
        failure = describe_failure(
            error, while_=words if isinstance(words, str) else words.describe()
        )
        if failure.errno == ENOSYS:
            failure.hint = failure.hint or "Linux 5.12 or newer is needed"
        elif failure.errno == EPERM:
            failure.hint = failure.hint or "CAP_SYS_ADMIN is needed"
        raise failure from error
