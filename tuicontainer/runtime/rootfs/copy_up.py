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
    """One copy on its way. Paths are relative to both roots."""

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._target = target
        self._linked: dict[tuple[int, int], str] = {}
        """The first name of each file that has several."""
        self._folders: list[tuple[str, os.stat_result]] = []

    def run(self, *, keep_owner: bool) -> None:
        """Copy everything below the source's root, and unless *keep_owner* its own attributes."""
        pending = ["."]
        while pending:
            path = pending.pop()
            folder = openat2(self._source, path, os.O_RDONLY | os.O_DIRECTORY, resolve=_RESOLVE)
            try:
                pending += self._copy_folder(folder, path)
                if path == "." and keep_owner:
                    self._folders.clear()
                else:
                    self._set_attributes(path, os.fstat(folder), folder)
            finally:
                os.close(folder)
        # Only now, as every file made in a folder changes its times.
        for path, status in reversed(self._folders):
            self._set_times(path, status)

    def _copy_folder(self, folder: int, path: str) -> list[str]:
        """Copy what is directly in a folder; return the paths of the folders in it."""
        inner = []
        for name in os.listdir(folder):
            child = name if path == "." else f"{path}/{name}"
            try:
                found = openat2(folder, name, os.O_PATH | os.O_NOFOLLOW, resolve=_RESOLVE)
            except SyscallError as error:
                # Gone meanwhile, or a mount, which isn't the folder's own content.
                if error.errno in (ENOENT, EXDEV):
                    continue
                raise
            try:
                if self._copy_entry(found, folder, name, child):
                    inner.append(child)
            finally:
                os.close(found)
        self._folders.append((path, os.fstat(folder)))
        return inner

    def _copy_entry(self, found: int, folder: int, name: str, path: str) -> bool:
        """Copy one entry; return whether it is a folder, whose content is still to come."""
        status = os.fstat(found)
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            os.mkdir(path, 0o700, dir_fd=self._target)
            return True
        if stat.S_ISLNK(mode):
            os.symlink(os.readlink("", dir_fd=found), path, dir_fd=self._target)
            self._set_owner(path, status)
            self._set_times(path, status)
            return False
        key = (status.st_dev, status.st_ino)
        first = self._linked.setdefault(key, path) if status.st_nlink > 1 else path
        if first != path:
            os.link(first, path, src_dir_fd=self._target, dst_dir_fd=self._target)
        elif stat.S_ISREG(mode):
            self._copy_file(folder, name, path)
        else:
            os.mknod(path, stat.S_IFMT(mode) | 0o600, status.st_rdev, dir_fd=self._target)
            self._set_attributes(path, status, None)
            self._set_times(path, status)
        return False

    def _copy_file(self, folder: int, name: str, path: str) -> None:
        # It may be another file by now; what is opened here is what is copied. Without waiting, in
        # case that it is a FIFO.
        source = openat2(
            folder, name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, resolve=_RESOLVE
        )
        try:
            status = os.fstat(source)
            if not stat.S_ISREG(status.st_mode):
                raise FailedPrecondition(f"`{path}` changes while it is copied")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            target = os.open(path, flags, 0o600, dir_fd=self._target)
            try:
                _copy_content(source, target, status.st_size)
            finally:
                os.close(target)
            self._set_attributes(path, status, source)
            self._set_times(path, status)
        finally:
            os.close(source)

    def _set_attributes(self, path: str, status: os.stat_result, source: int | None) -> None:
        """Set owner, then permissions, which a change of owner cuts, then extended attributes."""
        self._set_owner(path, status)
        os.chmod(path, stat.S_IMODE(status.st_mode), dir_fd=self._target)
        if source is None or not (names := os.listxattr(source)):
            return
        target = openat2(self._target, path, os.O_RDONLY, resolve=_RESOLVE)
        try:
            for name in names:
                _copy_attribute(source, target, name)
        finally:
            os.close(target)

    def _set_owner(self, path: str, status: os.stat_result) -> None:
        try:
            os.chown(path, status.st_uid, status.st_gid, dir_fd=self._target, follow_symlinks=False)
        except OSError as error:
            # Nobody of the container's user namespace: it belongs to its root, who made it.
            if error.errno != EINVAL:
                raise

    def _set_times(self, path: str, status: os.stat_result) -> None:
        times = status.st_atime_ns, status.st_mtime_ns
        os.utime(path, ns=times, dir_fd=self._target, follow_symlinks=False)


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


def _copy_attribute(source: int, target: int, name: str) -> None:
    try:
        os.setxattr(target, name, os.getxattr(source, name))
    except OSError as error:
        # A tmpfs doesn't have all kinds, and some aren't for a user namespace's root to set.
        if error.errno not in (ENOTSUP, EPERM):
            raise
