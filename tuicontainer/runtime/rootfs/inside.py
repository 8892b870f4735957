"""Paths inside the container, looked up and made without ever leaving its root.

The root filesystem may be hostile: any part of it may be a symbolic link, and another container
that shares a volume may exchange folders and links at any moment (CVE-2018-15664, CVE-2019-18837,
CVE-2021-30465, CVE-2024-45310). So the kernel resolves every path with the container's root as
`/`, and what it found is used through the descriptor, never by the path again.
"""

from __future__ import annotations

import os
from errno import ELOOP, ENOENT, ENOTDIR

from tuicontainer.errors import InvalidArgument, SyscallError
from tuicontainer.syscalls.paths import (
    RESOLVE_BENEATH,
    RESOLVE_IN_ROOT,
    RESOLVE_NO_MAGICLINKS,
    RESOLVE_NO_SYMLINKS,
    openat2,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_LINKS = 40  # as the kernel, path_resolution(7)
_FOLDER_MODE = 0o755
_FILE_MODE = 0o644


def open_inside(root: int, path: str, flags: int = os.O_PATH, *, links: bool = True) -> int:
    """Open *path* as a process whose root is *root* would.

    Args:
        root: descriptor of the container's root.
        path: absolute or not, `/` is *root*.
        flags: O_… bits.
        links: follow symbolic links, inside the root. Magic links of procfs never are.

    Raises:
        SyscallError: ENOENT and so on; ELOOP for a link that may not be followed.
    """
    resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
    if not links:
        resolve |= RESOLVE_NO_SYMLINKS
    return openat2(root, path, flags, resolve=resolve)


def make_folder(root: int, path: str, *, links: bool = True) -> int:
    """Open the folder at *path*, made with its parents where missing.

    Raises:
        SyscallError: it isn't a folder, or can't be made.
        InvalidArgument: a symbolic link is in the way.
    """
    try:
        return open_inside(root, path, os.O_PATH | os.O_DIRECTORY, links=links)
    except SyscallError as error:
        if error.errno != ENOENT:
            raise _explained(error, path) from None
    return _make(root, path, _make_child_folder, links=links)


def make_file(root: int, path: str, *, links: bool = True) -> int:
    """Open the file of any type at *path* with O_PATH, made empty and with its parents if missing.

    Raises:
        SyscallError: it can't be made.
        InvalidArgument: a symbolic link is in the way.
    """
    try:
        return open_inside(root, path, links=links)
    except SyscallError as error:
        if error.errno != ENOENT:
            raise _explained(error, path) from None
    return _make(root, path, _make_child_file, links=links)


def file_in(folder: int, name: str) -> int:
    """Open the file called *name* in *folder* with O_PATH, made empty if missing.

    Raises:
        SyscallError: it can't be made.
        InvalidArgument: it is a symbolic link.
    """
    try:
        return _open_child(folder, name)
    except SyscallError as error:
        if error.errno != ENOENT:
            raise _explained(error, name) from None
    return _make_child_file(folder, name)


def split(path: str) -> tuple[str, str]:
    """Return the folder and the name of a normalised absolute path."""
    folder, _, name = path.rpartition("/")
    return folder or "/", name


def _open_child(folder: int, name: str, flags: int = os.O_PATH) -> int:
    return openat2(folder, name, flags, resolve=RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)


def _make(root: int, path: str, make_last: Callable[[int, str], int], *, links: bool) -> int:
    names = _names(path)
    try:
        return _make_missing(root, names, make_last, links=links)
    except InvalidArgument:
        if not links:
            raise
    # A link that leads to something missing is in the way.
    names = _real_names(root, path)
    if not names:
        # By a folder that is missing and back: `a` is a link to `b/..`, and there is no `b`.
        raise InvalidArgument(f"`{path}` leads to the container's root by a missing folder")
    return _make_missing(root, names, make_last, links=False)


def _make_missing(
    root: int, names: list[str], make_last: Callable[[int, str], int], *, links: bool
) -> int:
    """Open the longest part of the path that exists, and make the rest in it."""
    folder, rest = _deepest(root, names[:-1], links=links)
    for name in rest:
        try:
            child = _make_child_folder(folder, name)
        finally:
            os.close(folder)
        folder = child
    try:
        return make_last(folder, names[-1])
    finally:
        os.close(folder)


def _make_child_folder(folder: int, name: str) -> int:
    try:
        os.mkdir(name, _FOLDER_MODE, dir_fd=folder)
    except FileExistsError:
        return _open_rival(folder, name, os.O_PATH | os.O_DIRECTORY)
    return _open_child(folder, name, os.O_PATH | os.O_DIRECTORY)


def _make_child_file(folder: int, name: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        os.close(os.open(name, flags, _FILE_MODE, dir_fd=folder))
    except FileExistsError:
        return _open_rival(folder, name, os.O_PATH)
    return _open_child(folder, name)


def _open_rival(folder: int, name: str, flags: int) -> int:
    """Open what has come into being meanwhile: another container's work, or a link, or a trap."""
    try:
        return _open_child(folder, name, flags)
    except SyscallError as error:
        raise _explained(error, name) from None


def _deepest(root: int, names: list[str], *, links: bool) -> tuple[int, list[str]]:
    """Open the longest part of the path that exists; return it and the names of the rest."""
    for count in range(len(names), -1, -1):
        path = "/".join(names[:count]) or "/"
        try:
            folder = open_inside(root, path, os.O_PATH | os.O_DIRECTORY, links=links)
        except SyscallError as error:
            if error.errno != ENOENT:
                raise _explained(error, path) from None
        else:
            return folder, names[count:]
    raise SyscallError("openat2", ENOENT, "/")


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name]


def _real_names(root: int, path: str) -> list[str]:
    """Return the names on the way to *path* after all symbolic links, the missing ones as given.

    Images have links to files that only exist in a running system, such as /etc/resolv.conf, and a
    mount on one makes the file it points to. A link that is put in after this look is met by
    lookups that follow none.
    """
    pending = _names(path)[::-1]
    names: list[str] = []
    links = 0
    while pending:
        name = pending.pop()
        if name == ".":
            continue
        if name == "..":
            del names[-1:]
            continue
        target = _read_link(root, "/".join([*names, name]))
        if target is None:
            names.append(name)
            continue
        links += 1
        if links > _MOST_LINKS:
            raise SyscallError("openat2", ELOOP, path)
        if target.startswith("/"):
            names.clear()
        pending += _names(target)[::-1]
    return names


def _read_link(root: int, path: str) -> str | None:
    """Return the target of the symbolic link at *path*, or None if it isn't one or is missing."""
    try:
        fd = open_inside(root, path, os.O_PATH | os.O_NOFOLLOW, links=False)
    except SyscallError as error:
        if error.errno in (ENOENT, ENOTDIR):
            return None
        raise
    try:
        return os.readlink("", dir_fd=fd)
    except OSError:  # EINVAL or ENOENT: not a link
        return None
    finally:
        os.close(fd)


def _explained(error: SyscallError, path: str) -> Exception:
    if error.errno == ELOOP:
        return InvalidArgument(
            f"`{path}` in the root filesystem is or goes through a symbolic link",
            hint="put a folder or a file there instead",
            errno=ELOOP,
        )
    return error
