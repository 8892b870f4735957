"""The steps by which a container's first process gets its root, in the order of the calls.

The process that calls them is single-threaded, in its own new mount namespace (the others of its
namespaces too, the cgroup one before `build`), with the host's root still in view.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from tuicontainer.runtime.rootfs.console import Console
    from tuicontainer.runtime.rootfs.plan import RootfsPlan


class Rootfs:
    """A container's root on its way from a folder of the host to `/`."""

    @classmethod
    def open(cls, plan: RootfsPlan) -> Self:
        """Take hold of everything on the host that the plan needs.

        Call it in the new mount namespace and before giving up the host's root user (before the
        setresuid into a user namespace), so that folders closed to the container's users work.
        It first makes all mounts of the namespace slaves (or what `rootfsPropagation` says), so
        that nothing below reaches the host; no other process is affected.

        Raises:
            TuiContainerError: NotFound for a missing root or bind source, and so on; names it.
        """
        raise NotImplementedError

    def build(self) -> Console | None:
        """Do all mounts, devices and links; return the terminal if the plan has one.

        Needs CAP_SYS_ADMIN in the user namespace that owns the mount namespace, and to be a
        member of the container's PID, network, IPC and cgroup namespaces already: proc, sysfs,
        mqueue and cgroup mounts show those of the process that makes them. Takes no path from the
        container's root; createContainer hooks may run afterwards, they see the container's
        mounts at the root's path on the host.

        Raises:
            TuiContainerError: names the mount or device and the reason.
        """
        raise NotImplementedError

    def pivot(self) -> None:
        """Make the container's root `/` and the working folder, and drop the host's mounts.

        Raises:
            TuiContainerError: the kernel refused.
        """
        raise NotImplementedError

    def finish(self) -> None:
        """Close what the container may not change or see, and give up all descriptors.

        Read-only mounts, read-only root, read-only paths, masked paths, in this order.

        Raises:
            TuiContainerError: names the path and the reason.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close every descriptor; harmless if it is done already."""
        raise NotImplementedError
