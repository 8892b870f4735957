"""The one way in which files of procfs are written: through a procfs that nobody else can reach.

What is at /proc, of a container as of the host, may be covered by something else at that moment,
and the write would go to another file (CVE-2019-16884, CVE-2025-52881). So a procfs is mounted
nowhere but on a descriptor, and its files are looked up below that, over no other mount.
Sources: fsopen(2), openat2(2); proc(5).
"""

from __future__ import annotations

import os
from errno import EPERM

from tuicontainer.errors import FailedPrecondition, SyscallError
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import PROC_SUPER_MAGIC, file_system_type
from tuicontainer.syscalls.paths import (
    RESOLVE_BENEATH,
    RESOLVE_NO_MAGICLINKS,
    RESOLVE_NO_XDEV,
    openat2,
)

RESOLVE = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV
"""How files below a procfs are looked up: over nothing that is mounted in it."""

_ROOT_INODE = 1  # PROC_ROOT_INO, include/linux/proc_ns.h
_ATTRIBUTES = kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV | kernel.MOUNT_ATTR_NOEXEC


def open_procfs() -> int:
    """Return a procfs of this process's PID namespace; the caller closes it.

    Raises:
        SyscallError: none can be mounted.
        FailedPrecondition: without the right to mount one, what is at /proc has to do, but it is
            something else.
    """
    try:
        return mount_procfs()
    except SyscallError as error:
        # Whoever isn't root of the PID namespace's user namespace can't make a procfs of it.
        if error.errno != EPERM:
            raise
    return _open_own_procfs()


def mount_procfs(*, processes_only: bool = False) -> int:
    """Return a new procfs of this process's PID namespace, mounted nowhere.

    Args:
        processes_only: leave out what isn't about processes, such as `sys`.

    Raises:
        SyscallError: EPERM, this process isn't root of the PID namespace's user namespace.
    """
    context = kernel.fsopen("proc")
    try:
        if processes_only:
            kernel.fsconfig_string(context, "subset", "pid")
        kernel.fsconfig_create(context)
        return kernel.fsmount(context, _ATTRIBUTES)
    finally:
        os.close(context)


def write_below(procfs: int, path: str, content: bytes) -> None:
    """Write a file below a procfs in one write, as most of its files demand.

    Raises:
        SyscallError: the file isn't there, or something is mounted on the way to it.
        OSError: the kernel doesn't take the content.
    """
    fd = openat2(procfs, path, os.O_WRONLY | os.O_NOFOLLOW, resolve=RESOLVE)
    try:
        os.write(fd, content)
    finally:
        os.close(fd)


def write_process_file(pid: int | str, name: str, content: bytes) -> None:
    """Write a file of a process, such as `uid_map`; *pid* may be `self`.

    Raises:
        OSError: as `write_below`.
        FailedPrecondition: as `open_procfs`.
    """
    procfs = open_procfs()
    try:
        write_below(procfs, f"{pid}/{name}", content)
    finally:
        os.close(procfs)


def _open_own_procfs() -> int:
    """Open /proc as the host has it, and make sure that it is the root of a procfs."""
    fd = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if file_system_type(fd) == PROC_SUPER_MAGIC and os.fstat(fd).st_ino == _ROOT_INODE:
        return fd
    os.close(fd)
    raise FailedPrecondition("the host's `/proc` isn't a procfs")
