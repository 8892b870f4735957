"""Files that belong to the person at the keyboard, also when sudo made us root."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from tuicontainer.errors import AlreadyExists, PermissionDenied
from tuicontainer.locations import invoking_ids


def open_new_file(path: str) -> int:
    """Make a file that isn't there yet, the invoking user's alone; return its descriptor.

    Raises:
        AlreadyExists: there is something with this name, be it a link to nowhere.
        PermissionDenied: it can't be made; says why.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError as error:
        raise AlreadyExists(
            f"`{path}` is there already", hint="choose another name", errno=error.errno
        ) from error
    except OSError as error:
        raise _denied(path, error) from error
    os.fchown(descriptor, *invoking_ids(os.environ))
    return descriptor


def write_new_file(path: str, lines: Iterable[str]) -> None:
    """Write a text file that isn't there yet and give it to the invoking user.

    A link in its place isn't followed, and what can't be written whole is removed again.

    Raises:
        AlreadyExists: there is something with this name.
        PermissionDenied: it can't be written; says why.
    """
    descriptor = open_new_file(path)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise _denied(path, error) from error


def replace_file(path: str, text: str) -> None:
    """Put *text* in a file's place in one step, its folder made if need be, as the invoking user's.

    A link is followed: dot files are often links to where they are kept.

    Raises:
        PermissionDenied: it can't be written; says why.
    """
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    fresh = os.path.join(folder, f".{os.path.basename(path)}.{os.getpid()}")
    try:
        _make_folder(folder)
        write_new_file(fresh, text.split("\n")[:-1] if text.endswith("\n") else [text])
        os.rename(fresh, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise _denied(path, error) from error


def _make_folder(folder: str) -> None:
    if not os.path.isdir(folder):
        _make_folder(os.path.dirname(folder))
        os.mkdir(folder, 0o700)
        os.chown(folder, *invoking_ids(os.environ), follow_symlinks=False)


def _denied(path: str, error: OSError) -> PermissionDenied:
    reason = (error.strerror or "").lower()
    return PermissionDenied(f"can't write `{path}`: {reason}", errno=error.errno)
