"""Small durable files: written whole beside their place, then renamed into it."""

from __future__ import annotations

import os

from tuicontainer.jsontext import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def write_json(path: str, document: Mapping[str, Any], *, durable: bool) -> None:
    """Replace the file at *path*; a reader sees the old or the new content, never a part.

    Args:
        path: the file, made with mode 0600.
        document: what to write.
        durable: also wait until content and name are on disk.

    Raises:
        OSError: it couldn't be written; the old content is still there.
    """
    fresh = f"{path}.{os.getpid()}"
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        try:
            write_all(fd, dumps(document).encode() + b"\n")
            if durable:
                os.fsync(fd)
        finally:
            os.close(fd)
        os.rename(fresh, path)
    except BaseException:
        remove_file(fresh)
        raise
    if durable:
        sync_folder(os.path.dirname(path))


def read_json(path: str) -> dict[str, Any] | None:
    """Return the JSON object in the file at *path*; None if there is no such file.

    Raises:
        ValueError: it holds something else.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(fd, "rb", buffering=0) as file:
        document = loads(file.read())
    if not isinstance(document, dict):
        raise ValueError(f"`{path}` holds no JSON object")  # noqa: TRY004 - bad content, no bug
    return document


def write_all(fd: int, data: bytes) -> None:
    """Write everything, however many calls it takes.

    Raises:
        OSError: a part may have been written.
    """
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync_folder(path: str) -> None:
    """Wait until the names in a folder are on disk."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_file(path: str) -> None:
    """Wait until a file's content is on disk; one that is gone needs no waiting."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fdatasync(fd)
    finally:
        os.close(fd)


def remove_file(path: str) -> None:
    """Remove a file, if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def remove_flat_folder(path: str) -> None:
    """Remove a folder and the files in it, if it is there.

    Raises:
        OSError: it holds folders, or can't be removed.
    """
    try:
        names = os.listdir(path)
    except FileNotFoundError:
        return
    for name in names:
        remove_file(os.path.join(path, name))
    os.rmdir(path)
