"""Compiled filters, kept below the state root so that each profile is compiled once.

A file is named by a hash of everything that the program depends on, and holds a hash of its name
and its content. It is loaded only if it is ours alone to write; anything else counts as absent and
is compiled and replaced. A cache that can't be written is no failure.
"""

from __future__ import annotations

import os
import stat
from _blake2 import blake2b  # `hashlib` brings in OpenSSL, 3 ms

from tuicontainer import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.seccomp import Seccomp

FOLDER = "~seccomp"
"""In the state root, where no container can have this id."""
MOST_FILES = 64
_MOST_BYTES = 64 * 1024
_DIGEST = 32
_MAGIC = b"tuicontainer-seccomp\n"


class FilterCache:
    """The folder of one state root; made when something is kept."""

    __slots__ = ("_path",)

    def __init__(self, root: str) -> None:
        self._path = os.path.join(root, FOLDER)

    def load(self, key: str) -> bytes | None:
        """Return the program kept under *key*, or None if there is none to be trusted."""
        try:
            folder = self._open_folder()
        except OSError:
            return None
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            fd = os.open(key, flags, dir_fd=folder)
            try:
                if not _is_ours(os.fstat(fd), stat.S_IFREG):
                    return None
                content = os.read(fd, _MOST_BYTES)
            finally:
                os.close(fd)
        except OSError:
            return None
        finally:
            os.close(folder)
        head = len(_MAGIC) + _DIGEST
        program = content[head:]
        if content[:head] != _MAGIC + _digest(key, program):
            return None
        return program

    def store(self, key: str, program: bytes) -> None:
        """Keep a program, as far as the file system lets us."""
        try:
            os.makedirs(self._path, 0o700, exist_ok=True)
            folder = self._open_folder()
        except OSError:
            return
        new = f".{key}.{os.getpid()}"
        try:
            _make_room(folder)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(new, flags, 0o600, dir_fd=folder)
            try:
                os.write(fd, _MAGIC + _digest(key, program) + program)
            finally:
                os.close(fd)
            os.rename(new, key, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            return
        finally:
            os.close(folder)

    def _open_folder(self) -> int:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        folder = os.open(self._path, flags)
        if _is_ours(os.fstat(folder), stat.S_IFDIR):
            return folder
        os.close(folder)
        raise PermissionError(13, "somebody else's folder", self._path)


def cache_key(seccomp: Seccomp, native: str, compiler_version: int) -> str:
    """Return the name of a profile's program: the same for profiles that mean the same here."""
    parts = (
        __version__,
        compiler_version,
        native,
        seccomp.default_action,
        seccomp.default_errno_ret,
        seccomp.architectures,
        seccomp.rules,
    )
    return blake2b(repr(parts).encode(), digest_size=_DIGEST).hexdigest()


def _digest(key: str, program: bytes) -> bytes:
    return blake2b(key.encode() + program, digest_size=_DIGEST).digest()


def _is_ours(found: os.stat_result, kind: int) -> bool:
    owned = found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return owned and stat.S_IFMT(found.st_mode) == kind


def _make_room(folder: int) -> None:
    """Empty a folder that has grown large, leftovers of interrupted writes included."""
    names = os.listdir(folder)
    if len(names) < MOST_FILES:
        return
    for name in names:
        try:
            os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            continue
