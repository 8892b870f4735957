"""What hides masked paths: a null device over files, an empty folder over folders.

Source: config-linux.md#masked-paths.
"""

from __future__ import annotations

import os
import stat

from tuicontainer.errors import FailedPrecondition, SyscallError
from tuicontainer.runtime.rootfs.inside import open_inside
from tuicontainer.syscalls import mount as kernel

_NULL_DEVICE = os.makedev(1, 3)


class Masks:
    """The two mounts that hide things. Made before the pivot, with the host still in reach.

    The container's own null device is used if it is one: where it is a link instead, the link's
    target would appear in the place of what is to be hidden (CVE-2025-31133); then the host's is
    used. As the mount is read-only, the container can't change the device's owner or mode.

    Raises:
        FailedPrecondition: not even the host has a null device.
    """

    def __init__(self, root: int) -> None:
        source = _open_null(root)
        try:
            self._null = _Mask(kernel.open_tree_clone(source))
        finally:
            os.close(source)
        self._folder: _Mask | None = None

    def put(self, place: int) -> None:
        """Hide the file or folder that *place* has open.

        Raises:
            SyscallError: the kernel refused.
        """
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            self._null.put(place)
            return
        if self._folder is None:
            self._folder = _Mask(_make_empty_folder())
        self._folder.put(place)

    def close(self) -> None:
        """Close both; those never put anywhere vanish."""
        self._null.close()
        if self._folder is not None:
            self._folder.close()


class _Mask:
    """A read-only mount. Its first place takes the mount itself, the others get copies of it.

    Copies of a mount that has no place yet are possible since Linux 6.15 only.
    """

    def __init__(self, mount: int) -> None:
        self._mount = mount
        self._placed = False
        kernel.mount_setattr(mount, set_=kernel.MOUNT_ATTR_RDONLY)

    def put(self, place: int) -> None:
        if not self._placed:
            kernel.move_mount(self._mount, place)
            self._placed = True
            return
        copy = kernel.open_tree_clone(self._mount)
        try:
            kernel.move_mount(copy, place)
        finally:
            os.close(copy)

    def close(self) -> None:
        os.close(self._mount)


def _open_null(root: int) -> int:
    try:
        own = open_inside(root, "/dev/null", links=False)
    except SyscallError:
        pass  # missing, or a link
    else:
        if _is_null(own):
            return own
        os.close(own)
    host = os.open("/dev/null", os.O_PATH | os.O_CLOEXEC)
    if _is_null(host):
        return host
    os.close(host)
    raise FailedPrecondition("the host's `/dev/null` isn't the null device")


def _is_null(fd: int) -> bool:
    status = os.fstat(fd)
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == _NULL_DEVICE


def _make_empty_folder() -> int:
    context = kernel.fsopen("tmpfs")
    try:
        kernel.fsconfig_string(context, "mode", "755")
        kernel.fsconfig_string(context, "nr_inodes", "2")
        kernel.fsconfig_string(context, "nr_blocks", "1")
        kernel.fsconfig_create(context)
        return kernel.fsmount(context, 0)
    finally:
        os.close(context)
