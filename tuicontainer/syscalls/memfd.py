"""Anonymous files that nobody can change any more: memfd_create(2) with seals.

Sources: memfd_create(2), fcntl(2) "File Sealing", sysctl vm.memfd_noexec (Linux 6.3).
"""

from __future__ import annotations

import fcntl
import os

_MFD_EXEC = 0x10
_F_ADD_SEALS = 1033
_ALL_SEALS = 0x1 | 0x2 | 0x4 | 0x8  # SEAL, SHRINK, GROW, WRITE


def sealed_memfd(name: str, content: bytes, *, executable: bool = False) -> int:
    """Return a close-on-exec descriptor of a sealed file with this content.

    Args:
        name: what /proc shows it as.
        content: all of it.
        executable: whether it will be executed. Linux before 6.3 doesn't know the flag and always
            allows it.

    Raises:
        OSError: EACCES, this host forbids executable ones (vm.memfd_noexec=2).
    """
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    try:
        fd = os.memfd_create(name, flags | (_MFD_EXEC if executable else 0))
    except OSError as error:
        if not executable or error.errno != 22:  # EINVAL
            raise
        fd = os.memfd_create(name, flags)
    try:
        os.write(fd, content)
        fcntl.fcntl(fd, _F_ADD_SEALS, _ALL_SEALS)
    except BaseException:
        os.close(fd)
        raise
    return fd
