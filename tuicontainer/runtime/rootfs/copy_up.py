"""A tmpfs that begins with a copy of the folder it covers (mount option `tmpcopyup`).

The folder may be hostile and may change meanwhile, so nothing in it is reached by its own path: the
source is a private copy of its mount on which no device opens and no link is followed, the target
is a mount that nobody else has yet, and every name is resolved below one of the two. What is
mounted in the folder isn't copied. Folders are worked off one after the other, not recursively, so
that their depth costs neither stack nor descriptors.
Sources: runc libcontainer/rootfs_linux.go (tmpcopyup), crun.1; openat2(2), xattr(7), lseek(2).
"""

from __future__ import annotations

import os
import stat
from errno import EDQUOT, EINVAL, ENOENT, ENOSPC, ENOTDIR, ENOTSUP, ENXIO, EPERM, EXDEV

from tuicontainer.errors import FailedPrecondition, SyscallError
from tuicontainer.runtime.rootfs.inside import open_inside
from tuicontainer.runtime.rootfs.mounts import MountFilesystem
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.paths import (
    RESOLVE_BENEATH,
    RESOLVE_NO_SYMLINKS,
    RESOLVE_NO_XDEV,
    openat2,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.rootfs.tree import Tree

_RESOLVE = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV
_CLOSED = kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NODEV | kernel.MOUNT_ATTR_NOSYMFOLLOW
_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_CHUNK = 1 << 20
_OWNER_OPTIONS = ("mode=", "uid=", "gid=")


class MountCopiedUp(MountFilesystem):
    """Mount a tmpfs that holds what its destination holds."""

    def describe(self) -> str:
        return f"{super().describe()}, with a copy of what it covers"

    def fill(self, tree: Tree, mount: int) -> None:
        """Copy.

        Raises:
            FailedPrecondition: it doesn't fit.
            OSError: it can't be read, or not be made in a tmpfs.
        """
        source = _open_covered(tree, self.destination)
        if source is None:
            return
        owned = any(word.startswith(_OWNER_OPTIONS) for word in self.options.data)
        try:
            _Copy(source, mount).run(keep_owner=owned)
        except OSError as error:
            if error.errno in (ENOSPC, EDQUOT):
                raise FailedPrecondition(
                    f"what is in `{self.destination}` doesn't fit into the tmpfs",
                    hint="give it a larger `size=`, or `nr_inodes=`",
                    errno=error.errno,
                ) from error
            raise
        finally:
            os.close(source)


def _open_covered(tree: Tree, destination: str) -> int | None:
    """Return a mount of the folder that will be covered, or None if there is none yet."""
    try:
        place = open_inside(tree.root, destination, os.O_PATH | os.O_DIRECTORY)
    except SyscallError as error:
        if error.errno in (ENOENT, ENOTDIR):
            return None
        raise
    try:
        # With the mounts in it, as in a user namespace some may not be left behind.
        source = kernel.open_tree_clone(place, recursive=True)
    finally:
        os.close(place)
    try:
        kernel.mount_setattr(source, set_=_CLOSED, recursive=True)
    except BaseException:
        os.close(source)
        raise
    return source


class _Copy:
    """One copy on its way."""

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._target = target
        self._linked: dict[tuple[int, int], str] = {}
        """The first path of each file that has several."""
        self._times: list[tuple[str, tuple[int, int]]] = []

    def run(self, *, keep_owner: bool) -> None:
        """Copy everything below the source's root, and unless *keep_owner* its own attributes."""
        pending = ["."]
        while pending:
            path = pending.pop()
            source = openat2(self._source, path, _FOLDER, resolve=_RESOLVE)
            try:
                target = openat2(self._target, path, _FOLDER, resolve=_RESOLVE)
                try:
                    pending += self._copy_folder(source, target, path)
                    if not (path == "." and keep_owner):
                        self._times.append((path, _copy_attributes(source, target)))
                finally:
                    os.close(target)
            finally:
                os.close(source)
        # Only now, as every file made in a folder changes its times.
        for path, times in reversed(self._times):
            os.utime(path, ns=times, dir_fd=self._target)

    def _copy_folder(self, source: int, target: int, path: str) -> list[str]:
        """Copy what is directly in a folder; return the paths of the folders in it."""
        inner = []
        for name in os.listdir(source):
            try:
                found = openat2(source, name, os.O_PATH | os.O_NOFOLLOW, resolve=_RESOLVE)
            except SyscallError as error:
                # Gone meanwhile, or a mount, which isn't the folder's own content.
                if error.errno in (ENOENT, EXDEV):
                    continue
                raise
            try:
                status = os.fstat(found)
                child = f"{path}/{name}"
                if stat.S_ISDIR(status.st_mode):
                    os.mkdir(name, 0o700, dir_fd=target)
                    inner.append(child)
                elif stat.S_ISLNK(status.st_mode):
                    os.symlink(os.readlink("", dir_fd=found), name, dir_fd=target)
                    _set_owner_and_times(target, name, status)
                elif not self._link(status, child):
                    _copy_file(source, target, name, status)
            finally:
                os.close(found)
        return inner

    def _link(self, status: os.stat_result, path: str) -> bool:
        """Make another name of a file that is there already; return whether it is."""
        if status.st_nlink == 1:
            return False
        first = self._linked.setdefault((status.st_dev, status.st_ino), path)
        if first == path:
            return False
        os.link(first, path, src_dir_fd=self._target, dst_dir_fd=self._target)
        return True


def _copy_file(source: int, target: int, name: str, status: os.stat_result) -> None:
    """Copy what is neither a folder nor a symbolic link."""
    if not stat.S_ISREG(status.st_mode):
        os.mknod(name, stat.S_IFMT(status.st_mode) | 0o600, status.st_rdev, dir_fd=target)
        _set_owner_and_times(target, name, status)
        os.chmod(name, stat.S_IMODE(status.st_mode), dir_fd=target)
        return
    # It may be another file by now; what is opened here is what is copied. Without waiting, in case
    # that it is a FIFO.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    original = openat2(source, name, flags, resolve=_RESOLVE)
    try:
        status = os.fstat(original)
        if not stat.S_ISREG(status.st_mode):
            raise FailedPrecondition(f"`{name}` changes while it is copied")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        copy = os.open(name, flags, 0o600, dir_fd=target)
        try:
            _copy_content(original, copy, status.st_size)
            os.utime(copy, ns=_copy_attributes(original, copy))
        finally:
            os.close(copy)
    finally:
        os.close(original)


def _copy_attributes(source: int, target: int) -> tuple[int, int]:
    """Copy owner, permissions, which a change of owner cuts, and extended attributes.

    Returns:
        Times of the last access and change, in nanoseconds, for who is done with the file.
    """
    status = os.fstat(source)
    try:
        os.fchown(target, status.st_uid, status.st_gid)
    except OSError as error:
        # Nobody of the container's user namespace: it belongs to its root, who made it.
        if error.errno != EINVAL:
            raise
    os.fchmod(target, stat.S_IMODE(status.st_mode))
    for name in os.listxattr(source):
        try:
            os.setxattr(target, name, os.getxattr(source, name))
        except OSError as error:
            # A tmpfs doesn't have all kinds, and some aren't for a user namespace's root to set.
            if error.errno not in (ENOTSUP, EPERM):
                raise
    return status.st_atime_ns, status.st_mtime_ns


def _set_owner_and_times(folder: int, name: str, status: os.stat_result) -> None:
    try:
        os.chown(name, status.st_uid, status.st_gid, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno != EINVAL:
            raise
    times = status.st_atime_ns, status.st_mtime_ns
    os.utime(name, ns=times, dir_fd=folder, follow_symlinks=False)


def _copy_content(source: int, target: int, size: int) -> None:
    """Copy the data of a file and leave its holes."""
    os.ftruncate(target, size)
    position = 0
    while position < size:
        try:
            position = os.lseek(source, position, os.SEEK_DATA)
        except OSError as error:
            if error.errno == ENXIO:
                return
            raise
        end = min(size, os.lseek(source, position, os.SEEK_HOLE))
        os.lseek(target, position, os.SEEK_SET)
        while position < end:
            count = os.sendfile(target, source, position, min(end - position, _CHUNK))
            if count == 0:
                return
            position += count
