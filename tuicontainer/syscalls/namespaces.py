"""Namespaces: their flags, setns(2), unshare(2), and what kind a descriptor names.

Sources: namespaces(7), setns(2), unshare(2), ioctl_ns(2), time_namespaces(7).
"""

from __future__ import annotations

import fcntl

from tuicontainer.syscalls.libc import check, libc

CLONE_NEWTIME = 0x00000080
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

_NS_GET_NSTYPE = 0xB703


def setns(fd: int, flags: int) -> None:
    """Enter the namespace that *fd* names; with a pidfd, those of that process that *flags* name.

    A PID or time namespace is entered by the children made afterwards.

    Raises:
        SyscallError: the kernel refused.
    """
    check("setns", libc.setns(fd, flags))


def unshare(flags: int) -> None:
    """Leave the shared namespaces that *flags* name for new ones.

    A PID or time namespace is entered by the children made afterwards.

    Raises:
        SyscallError: the kernel refused.
    """
    check("unshare", libc.unshare(flags))


def namespace_kind(fd: int) -> int:
    """Return the CLONE_NEW… flag of the namespace that *fd* names.

    Raises:
        OSError: ENOTTY, the descriptor is no namespace.
    """
    return fcntl.ioctl(fd, _NS_GET_NSTYPE)
