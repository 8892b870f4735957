"""The environment of a container's program.

Sources: config.md#process, environ(7), passwd(5); runc fills in HOME likewise.
"""

from __future__ import annotations

import os
import stat

from tuicontainer.runtime.rootfs.inside import open_inside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_PASSWD_LIMIT = 4 * 1024 * 1024


def complete_environment(env: Iterable[str], uid: int) -> list[str]:
    """Return the variables with later ones replacing earlier ones, and HOME filled in.

    Looks into the present root's /etc/passwd, so it is called after the change of root.

    Args:
        env: `NAME=value` each.
        uid: whose home folder.
    """
    variables: dict[str, str] = {}
    for entry in env:
        name, _, value = entry.partition("=")
        variables[name] = value
    if not variables.get("HOME"):
        variables["HOME"] = find_home(read_passwd("/etc/passwd"), uid)
    return [f"{name}={value}" for name, value in variables.items()]


def find_home(passwd: bytes, uid: int) -> str:
    """Return the user's home folder as passwd(5) tells, or `/`."""
    wanted = str(uid).encode()
    for line in passwd.split(b"\n"):
        fields = line.split(b":")
        if len(fields) >= 6 and fields[2] == wanted and fields[5]:
            return os.fsdecode(fields[5])
    return "/"


def read_passwd(path: str) -> bytes:
    """Return the start of a file that the container controls; empty if it isn't a regular one.

    It may be a FIFO that never answers, a device that never ends, or a gigabyte (CVE-2026-47262);
    or a magic link such as /proc/self/fd/7 to a file of the host's, which isn't followed.
    """
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fd = open_inside(root, path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return b""
    finally:
        os.close(root)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return b""
        return os.read(fd, _PASSWD_LIMIT)
    finally:
        os.close(fd)
