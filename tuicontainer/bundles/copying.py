"""Copies a folder as it is: modes, owners, times, attributes, links, devices.

Nothing is followed out of it, and other file systems that are mounted in it stay out.
Sources: cp(1) `-a --one-file-system`; copy_file_range(2), xattr(7), mknod(2).
"""

from __future__ import annotations

import errno
import os
import stat

_CHUNK = 1 << 30
"""Bytes a call; the kernel cuts it to what it likes."""
_PIECE = 1 << 20
_NO_RANGE = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
"""Why copy_file_range(2) can't do it and reading and writing can."""


def copy_tree(source: str, target: str) -> None:
    """Copy the folder *source* to *target*, which must not exist; what fails leaves a part behind.

    Raises:
        OSError: something can't be read or written.
    """
    status = os.lstat(source)
    _Copier(status.st_dev).folder(source, target, status)


class _Copier:
    """Remembers files with several names."""

    def __init__(self, device: int) -> None:
        self._device = device
        self._copied: dict[int, str] = {}

    def folder(self, source: str, target: str, status: os.stat_result) -> None:
        os.mkdir(target, 0o700)
        if status.st_dev == self._device:
            with os.scandir(source) as entries:
                names = [entry.name for entry in entries]
            for name in names:
                self._entry(os.path.join(source, name), os.path.join(target, name))
        _copy_facts(source, target, status)

    def _entry(self, source: str, target: str) -> None:
        status = os.lstat(source)
        kind = stat.S_IFMT(status.st_mode)
        if kind == stat.S_IFDIR:
            self.folder(source, target, status)
            return
        first = self._copied.get(status.st_ino) if status.st_nlink > 1 else None
        if first is not None:
            os.link(first, target, follow_symlinks=False)
            return
        if kind == stat.S_IFLNK:
            os.symlink(os.readlink(source), target)
        elif kind == stat.S_IFREG:
            _copy_content(source, target)
        else:
            os.mknod(target, stat.S_IFMT(status.st_mode) | 0o600, status.st_rdev)
        _copy_facts(source, target, status)
        if status.st_nlink > 1:
            self._copied[status.st_ino] = target


def _copy_content(source: str, target: str) -> None:
    # What was a file a moment ago may be a FIFO or a symlink now.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    reading = os.open(source, flags)
    try:
        writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _pass_on(reading, writing)
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def _pass_on(reading: int, writing: int) -> None:
    try:
        while os.copy_file_range(reading, writing, _CHUNK):
            pass
    except OSError as error:
        if error.errno not in _NO_RANGE:
            raise
        while piece := os.read(reading, _PIECE):
            view = memoryview(piece)
            while view:
                view = view[os.write(writing, view) :]


def _copy_facts(source: str, target: str, status: os.stat_result) -> None:
    """Give *target* owner, mode, attributes and times; the order matters.

    chown(2) takes set-user-ID bits and file capabilities away, so they come after it.
    """
    if os.geteuid() == 0:
        os.lchown(target, status.st_uid, status.st_gid)
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(target, stat.S_IMODE(status.st_mode))
    try:
        names = os.listxattr(source, follow_symlinks=False)
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:
            raise
        names = []
    for name in names:
        # Labels are the policy's to give; others than `user.` need root.
        if name.startswith("user.") or (os.geteuid() == 0 and name != "security.selinux"):
            value = os.getxattr(source, name, follow_symlinks=False)
            os.setxattr(target, name, value, follow_symlinks=False)
    times = (status.st_atime_ns, status.st_mtime_ns)
    os.utime(target, ns=times, follow_symlinks=False)
