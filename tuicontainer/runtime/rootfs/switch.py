"""From the host's root to the container's.

Sources: pivot_root(2) "pivot_root(".", ".")", mount_namespaces(7), the kernel's
Documentation/filesystems/ramfs-rootfs-initramfs.rst.
"""

from __future__ import annotations

import os
from errno import EINVAL

from tuicontainer.errors import FailedPrecondition, SyscallError
from tuicontainer.runtime.rootfs.mountinfo import find_mount, read_mounts
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import mount_id


def make_parent_private(folder: int) -> None:
    """Make the mount private that *folder* is on, in this mount namespace only.

    Neither may the new root's parent be shared at a pivot, nor shall a mount on *folder* reach the
    host where the configuration wants other mounts to.

    Raises:
        FailedPrecondition: the mount is hidden under another one.
        SyscallError: the kernel refused.
    """
    number = mount_id(folder)
    mount = find_mount(read_mounts(), number)
    if mount is None or not mount.shared:
        return
    place = os.open(mount.point, os.O_PATH | os.O_CLOEXEC)
    try:
        if mount_id(place) != number:
            raise FailedPrecondition(f"something is mounted over `{mount.point}`")
        kernel.mount_setattr(place, propagation=kernel.MS_PRIVATE)
    finally:
        os.close(place)


def switch_root(root: int, no_pivot: bool) -> None:
    """Make *root*, a mount, the root and working folder, and drop all mounts outside of it.

    Args:
        root: descriptor of the mount.
        no_pivot: move it over the old root instead of exchanging them.

    Raises:
        SyscallError: the kernel refused.
    """
    os.fchdir(root)
    if no_pivot:
        _move(root)
        return
    try:
        _pivot()
    except SyscallError as error:
        # An initramfs has no parent mount and can't be exchanged, only covered.
        if error.errno != EINVAL or not _is_on_initramfs():
            raise
        _move(root)


def _pivot() -> None:
    # Must be closed again before anything of the container runs: it leads to the host.
    old = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # With both names the same, the old root ends up on top of the new one, and no folder has
        # to be made for it.
        kernel.pivot_root(".", ".")
        # Else the host's own mounts would go too. Not private: a mount that the host takes away
        # meanwhile should go here as well, and not be kept busy.
        kernel.mount_setattr(old, propagation=kernel.MS_SLAVE, recursive=True)
        kernel.umount2(".", kernel.MNT_DETACH)
    finally:
        os.close(old)
    os.chdir("/")


def _move(root: int) -> None:
    """Cover the old root, and take its other mounts away: a chroot alone would keep them all."""
    host = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        own, below = mount_id(root), mount_id(host)
        others = [
            mount.point
            for mount in read_mounts()
            if mount.parent_id == below and mount.mount_id not in (own, below)
        ]
        kernel.mount_setattr(host, propagation=kernel.MS_SLAVE, recursive=True)
        kernel.move_mount(root, host)
    finally:
        os.close(host)
    for point in reversed(others):
        try:
            kernel.umount2(point, kernel.MNT_DETACH)
        except SyscallError as error:
            # In a user namespace the host's mounts are locked to each other. They stay covered,
            # as locked mounts can't be uncovered there either (mount_namespaces(7)).
            if error.errno != EINVAL:
                raise
    os.fchdir(root)
    os.chroot(".")
    os.chdir("/")


def _is_on_initramfs() -> bool:
    host = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        mount = find_mount(read_mounts(), mount_id(host))
    finally:
        os.close(host)
    return mount is not None and mount.parent_id == mount.mount_id
