"""Files of a group, kept open between readings.

Opening costs several times as much as reading, and a gauge reads 20 files a container each second.
No more than half of the process's descriptors are kept; further files are opened for each reading.
"""

from __future__ import annotations

import os
import resource
from errno import ENODEV, EOPNOTSUPP

from tuicontainer.errors import NotFound
from tuicontainer.runtime.cgroups.files import is_gone, read_if_there

# memory.stat of a large machine is the longest, at 3 to 4 KiB; io.stat grows with the disks.
READ_SIZE = 64 * 1024


class OpenFiles:
    """Reads files by their path; call `close` at the end."""

    kept = 0
    """Descriptors held by all objects of this class in this process."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._descriptors: dict[str, int | None] = {}

    def read(self, path: str) -> str | None:
        """Return the file's present text, or None if this kernel or group has no such file.

        Raises:
            NotFound: the group was removed.
        """
        if path not in self._descriptors:
            if OpenFiles.kept >= resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2:
                return read_if_there(path)
            self._descriptors[path] = _open(path)
            OpenFiles.kept += self._descriptors[path] is not None
        descriptor = self._descriptors[path]
        if descriptor is None:
            return None
        try:
            return os.pread(descriptor, READ_SIZE, 0).decode()
        except OSError as error:
            if error.errno == ENODEV:
                raise NotFound(f"control group `{self._group}` has been removed") from error
            # A file that only says so when it is read: pressure on a kernel started with psi=0.
            if error.errno == EOPNOTSUPP:
                return None
            raise

    def close(self) -> None:
        """Close all files; twice does no harm."""
        for descriptor in self._descriptors.values():
            if descriptor is not None:
                os.close(descriptor)
                OpenFiles.kept -= 1
        self._descriptors.clear()


def _open(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        if is_gone(error) or error.errno == EOPNOTSUPP:
            return None
        raise
