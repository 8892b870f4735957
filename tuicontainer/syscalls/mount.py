"""Mounts by file descriptors: the mount API of Linux 5.2 to 5.12, pivot_root(2) and umount2(2).

A new or cloned mount is a descriptor first and gets its place by `move_mount`, so that flags are
set before anybody sees it and no path is looked up twice.
Sources: fsopen(2), fsconfig(2), fsmount(2), fspick(2), open_tree(2), move_mount(2),
mount_setattr(2), pivot_root(2), umount(2); include/uapi/linux/mount.h.
"""

from __future__ import annotations

import os
from errno import ENODATA

from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import bind_syscall, check, libc, repeat
from tuicontainer.syscalls.native import c_char_p, c_int, c_size_t, c_uint, c_void_p

AT_FDCWD = -100
AT_SYMLINK_NOFOLLOW = 0x100
AT_EMPTY_PATH = 0x1000
AT_RECURSIVE = 0x8000

MNT_DETACH = 2
UMOUNT_NOFOLLOW = 8

MOUNT_ATTR_RDONLY = 0x00000001
MOUNT_ATTR_NOSUID = 0x00000002
MOUNT_ATTR_NODEV = 0x00000004
MOUNT_ATTR_NOEXEC = 0x00000008
MOUNT_ATTR__ATIME = 0x00000070
MOUNT_ATTR_RELATIME = 0x00000000
MOUNT_ATTR_NOATIME = 0x00000010
MOUNT_ATTR_STRICTATIME = 0x00000020
MOUNT_ATTR_NODIRATIME = 0x00000080
MOUNT_ATTR_IDMAP = 0x00100000
MOUNT_ATTR_NOSYMFOLLOW = 0x00200000

MS_UNBINDABLE = 1 << 17
MS_PRIVATE = 1 << 18
MS_SLAVE = 1 << 19
MS_SHARED = 1 << 20

_FSOPEN_CLOEXEC = 1
_FSMOUNT_CLOEXEC = 1
_FSPICK_CLOEXEC = 1
_FSPICK_EMPTY_PATH = 8
_FSCONFIG_SET_FLAG = 0
_FSCONFIG_SET_STRING = 1
_FSCONFIG_CMD_CREATE = 6
_FSCONFIG_CMD_RECONFIGURE = 7
_MOVE_MOUNT_F_EMPTY_PATH = 0x04
_MOVE_MOUNT_T_EMPTY_PATH = 0x40
_OPEN_TREE_CLONE = 1
_OPEN_TREE_CLOEXEC = os.O_CLOEXEC


class _MountAttr(native.Structure):
    _fields_ = (
        ("attr_set", native.c_uint64),
        ("attr_clr", native.c_uint64),
        ("propagation", native.c_uint64),
        ("userns_fd", native.c_uint64),
    )


_open_tree = bind_syscall(428, c_int, c_char_p, c_uint)
_move_mount = bind_syscall(429, c_int, c_char_p, c_int, c_char_p, c_uint)
_fsopen = bind_syscall(430, c_char_p, c_uint)
_fsconfig = bind_syscall(431, c_int, c_uint, c_char_p, c_char_p, c_int)
_fsmount = bind_syscall(432, c_int, c_uint, c_uint)
_fspick = bind_syscall(433, c_int, c_char_p, c_uint)
_mount_setattr = bind_syscall(442, c_int, c_char_p, c_uint, c_void_p, c_size_t)
_pivot_root = libc.pivot_root
_pivot_root.argtypes = (c_char_p, c_char_p)
_umount2 = libc.umount2
_umount2.argtypes = (c_char_p, c_int)


def fsopen(type_: str) -> int:
    """Return the descriptor of a configuration for a new file system of this type.

    Raises:
        SyscallError: ENODEV, the kernel has no such type.
    """
    return repeat("fsopen", _fsopen, os.fsencode(type_), _FSOPEN_CLOEXEC, path=type_)


def fspick(mount: int) -> int:
    """Return the descriptor of the configuration of the file system mounted at *mount*.

    Raises:
        SyscallError: EINVAL, nothing is mounted there.
    """
    return repeat("fspick", _fspick, mount, b"", _FSPICK_CLOEXEC | _FSPICK_EMPTY_PATH)


def fsconfig_flag(context: int, name: str) -> None:
    """Set an option that has no value.

    Raises:
        SyscallError: the file system refuses it; `read_log` may say why.
    """
    repeat(
        "fsconfig", _fsconfig, context, _FSCONFIG_SET_FLAG, os.fsencode(name), None, 0, path=name
    )


def fsconfig_string(context: int, name: str, value: str) -> None:
    """Set an option to a text.

    Raises:
        SyscallError: the file system refuses it; `read_log` may say why.
    """
    words = os.fsencode(name), os.fsencode(value)
    repeat("fsconfig", _fsconfig, context, _FSCONFIG_SET_STRING, *words, 0, path=f"{name}={value}")


def fsconfig_create(context: int) -> None:
    """Make the file system.

    Raises:
        SyscallError: it refuses; `read_log` may say why.
    """
    repeat("fsconfig", _fsconfig, context, _FSCONFIG_CMD_CREATE, None, None, 0)


def fsconfig_reconfigure(context: int) -> None:
    """Apply the options to the existing file system.

    Raises:
        SyscallError: it refuses; `read_log` may say why.
    """
    repeat("fsconfig", _fsconfig, context, _FSCONFIG_CMD_RECONFIGURE, None, None, 0)


def read_log(context: int) -> str:
    """Return what the file system said about its configuration, such as `Unknown parameter`."""
    messages: list[str] = []
    while True:
        try:
            message = os.read(context, 8192)
        except OSError as error:
            if error.errno != ENODATA:
                raise
            return "; ".join(messages)
        # Each begins with its severity: `e `, `w ` or `i `.
        messages.append(os.fsdecode(message[2:]).strip())


def fsmount(context: int, attributes: int) -> int:
    """Return a mount, without a place yet, of the file system that was made.

    Args:
        context: a descriptor that `fsconfig_create` succeeded on.
        attributes: MOUNT_ATTR_… bits.

    Raises:
        SyscallError: EPERM too where a user namespace may not see this file system whole.
    """
    return repeat("fsmount", _fsmount, context, _FSMOUNT_CLOEXEC, attributes)


def open_tree_clone(
    fd: int, path: str = "", *, recursive: bool = False, follow: bool = True
) -> int:
    """Return a copy, without a place yet, of the mount at *path* from *fd*, or at *fd* itself.

    Args:
        fd: where a relative path starts.
        path: what to show; empty for what *fd* has open.
        recursive: with the mounts below it.
        follow: show what a symbolic link points to, not the link.

    Raises:
        SyscallError: EINVAL, the mount is unbindable, of another namespace, or has mounts on it
            that a user namespace may not uncover by a copy that isn't recursive.
    """
    flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | (AT_RECURSIVE if recursive else 0)
    encoded = os.fsencode(path)
    if not encoded:
        flags |= AT_EMPTY_PATH
    if not follow:
        flags |= AT_SYMLINK_NOFOLLOW
    return repeat("open_tree", _open_tree, fd, encoded, flags, path=path or None)


def move_mount(mount: int, place: int) -> None:
    """Put *mount* on the file or folder that *place* has open.

    Raises:
        SyscallError: ENOTDIR or EINVAL, one is a folder and the other isn't.
    """
    flags = _MOVE_MOUNT_F_EMPTY_PATH | _MOVE_MOUNT_T_EMPTY_PATH
    repeat("move_mount", _move_mount, mount, b"", place, b"", flags)


def mount_setattr(
    mount: int,
    *,
    set_: int = 0,
    clear: int = 0,
    propagation: int = 0,
    recursive: bool = False,
    user_namespace: int = 0,
) -> None:
    """Change the flags of a mount and, if *recursive*, of those below it.

    Args:
        mount: a descriptor of the mount's root.
        set_: MOUNT_ATTR_… bits to set; all others that aren't in *clear* stay.
        clear: bits to clear first; the whole MOUNT_ATTR__ATIME where access times change.
        propagation: one of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, or 0 to leave it.
        recursive: change the whole tree, or on failure none of it.
        user_namespace: descriptor of the one whose map MOUNT_ATTR_IDMAP in *set_* attaches.

    Raises:
        SyscallError: EINVAL, no mount's root; EPERM, a flag is locked by a user namespace;
            with MOUNT_ATTR_IDMAP also EINVAL, the file system doesn't allow it.
    """
    attr = _MountAttr(set_, clear, propagation, user_namespace)
    flags = AT_EMPTY_PATH | (AT_RECURSIVE if recursive else 0)
    pointer, size = native.addressof(attr), native.sizeof(attr)
    repeat("mount_setattr", _mount_setattr, mount, b"", flags, pointer, size)


def pivot_root(new_root: str, put_old: str) -> None:
    """Make *new_root* the root of the mount namespace, and mount the old one at *put_old*.

    Raises:
        SyscallError: EINVAL, a mount involved is shared, or the root is the initramfs.
    """
    check("pivot_root", _pivot_root(os.fsencode(new_root), os.fsencode(put_old)), new_root)


def umount2(target: str, flags: int = 0) -> None:
    """Take away the topmost mount at *target*.

    Raises:
        SyscallError: the kernel refused.
    """
    check("umount2", _umount2(os.fsencode(target), flags), target)
