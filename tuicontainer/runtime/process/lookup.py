"""Which file a program's name means, inside the container.

As execvp: a name without a slash is looked up in the folders of PATH. The texts are runc's, which
Podman and others match on. Sources: execvp(3), config.md#process; Go's os/exec.LookPath.
"""

from __future__ import annotations

import os
import stat
from errno import EACCES, EISDIR, ENOENT

from tuicontainer.errors import NotFound, PermissionDenied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def find_program(name: str, env: Iterable[str]) -> str:
    """Return the path to execute for `args[0]`, as this process may see and execute it.

    Args:
        name: the first argument.
        env: the program's environment, for PATH; nothing is found without one.

    Raises:
        NotFound: no such file, or none on PATH.
        PermissionDenied: it is a folder, or not executable for this user.
    """
    if "/" in name:
        return _check_path(name)
    for folder in _search_path(env):
        candidate = os.path.join(folder, name)
        if _is_executable(candidate):
            # A relative one would mean another file after the program's first chdir.
            return candidate if candidate.startswith("/") else "./" + candidate
    raise NotFound(f'exec: "{name}": executable file not found in $PATH', errno=ENOENT)


def _search_path(env: Iterable[str]) -> list[str]:
    value = ""
    for entry in env:
        if entry.startswith("PATH="):
            value = entry[5:]
    return [folder or "." for folder in value.split(":")] if value else []


def _check_path(path: str) -> str:
    try:
        found = os.stat(path)
    except OSError as error:
        text = (error.strerror or "").lower()
        kind = PermissionDenied if isinstance(error, PermissionError) else NotFound
        raise kind(f'exec: "{path}": stat {path}: {text}', errno=error.errno) from error
    if stat.S_ISDIR(found.st_mode):
        # Engines tell 126 from other failures by the text: those of today look for the first
        # part, older ones and Podman for the second, which runc said before Go 1.20.
        raise PermissionDenied(f'exec: "{path}": is a directory: permission denied', errno=EISDIR)
    if not _is_executable(path):
        raise PermissionDenied(
            f'exec: "{path}": permission denied',
            hint="the file needs an executable bit",
            errno=EACCES,
        )
    return path


def _is_executable(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    # Root may execute a file as soon as anybody may; access(2) knows.
    return stat.S_ISREG(mode) and os.access(path, os.X_OK)
