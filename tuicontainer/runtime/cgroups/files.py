"""Reading and writing the small files of a control group.

The kernel makes these texts while they are read: one read(2) of a page is nearly always enough,
`cgroup.procs` of a large group takes several. A value is written by one write(2), as each write is
a command of its own. Opened with O_NOFOLLOW never: the path comes from the mount table and from a
checked group path, and no control group file system has symbolic links.
"""

from __future__ import annotations

import errno
import os

from tuicontainer.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unsupported,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.errors import TuiContainerError

PAGE = 4096


def read_file(path: str) -> str:
    """Return the file's whole text.

    Raises:
        OSError: it can't be opened or read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = []
        while part := os.read(descriptor, 16 * PAGE):
            parts.append(part)
        return b"".join(parts).decode("utf-8", "surrogateescape")
    finally:
        os.close(descriptor)


def write_file(path: str, value: str) -> None:
    """Give *value* to the kernel in one write.

    Raises:
        OSError: the file can't be opened, or the kernel refuses the value.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)


def read_if_there(path: str) -> str | None:
    """Return the file's text, or None if the file or its group doesn't exist."""
    try:
        return read_file(path)
    except OSError as error:
        if is_gone(error):
            return None
        raise


def is_gone(error: OSError) -> bool:
    """Tell whether a failure means that the file or its group doesn't exist (any more).

    A file that was open when its group was removed answers ENODEV. ENOTDIR: what should be the
    group's folder is a control file of the group above.
    """
    return error.errno in (errno.ENOENT, errno.ENODEV, errno.ENOTDIR)


def failure(error: OSError, *, doing: str, hint: str = "") -> TuiContainerError:
    """Turn the kernel's refusal into one of the kinds.

    Args:
        error: what open(2) or write(2) said.
        doing: what was attempted, such as "writing `100` to `/sys/fs/cgroup/…/cpu.max`".
        hint: what a person can do about it.
    """
    kinds: dict[int, type[TuiContainerError]] = {
        errno.EINVAL: InvalidArgument,
        errno.ERANGE: InvalidArgument,
        errno.ENODEV: InvalidArgument,
        errno.EPERM: PermissionDenied,
        errno.EACCES: PermissionDenied,
        errno.EROFS: PermissionDenied,
        errno.ENOENT: NotFound,
        errno.ESRCH: NotFound,
        errno.EOPNOTSUPP: Unsupported,
        errno.ENOSYS: Unsupported,
    }
    number = error.errno or 0
    kind = kinds.get(number, FailedPrecondition)
    return kind(f"{doing}: {(error.strerror or str(error)).lower()}", hint=hint, errno=number)
