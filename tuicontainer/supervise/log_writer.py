"""Writing a container's log: bounded, rotated, never in the container's way.

When `log` would grow over the limit it becomes `log.1`, that becomes `log.2`, and so on; the
oldest is lost as a whole. A disk that refuses to take more doesn't stop the container: what can't
be written is counted and lost, and the log says so once it can be written again.
"""

from __future__ import annotations

import os
import time

from tuicontainer.supervise.files import write_all
from tuicontainer.supervise.log_format import format_chunk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.supervise.views import Stream

SIZE_LIMIT = 16 * 1024 * 1024
"""Bytes of one file."""
FILES = 3


class LogWriter:
    """Appends to the log in one folder."""

    def __init__(
        self, folder: str, instance: int, *, size_limit: int = SIZE_LIMIT, files: int = FILES
    ) -> None:
        self._path = os.path.join(folder, "log")
        self._instance = instance
        self._size_limit = size_limit
        self._files = files
        self._fd = -1
        self._size = 0
        self._lost = 0
        self._unfinished: set[Stream] = set()

    def write(self, stream: Stream, data: bytes) -> None:
        """Append what the container wrote in one go; failures are counted, not raised."""
        if data.endswith(b"\n"):
            self._unfinished.discard(stream)
        else:
            self._unfinished.add(stream)
        text = format_chunk(stream, data, time.time_ns(), self._instance)
        try:
            if self._lost:
                self._append(self._notice())
                self._lost = 0
            self._append(text)
        except OSError:
            self._lost += len(data)
            self.close()

    def finish(self) -> None:
        """End the lines that the container left without a newline."""
        for stream in sorted(self._unfinished):
            self.write(stream, b"\n")

    def position(self) -> tuple[int, int]:
        """Return the inode of the present file and its size: where the next line will be."""
        try:
            self._open()
        except OSError:
            return 0, 0
        return os.fstat(self._fd).st_ino, self._size

    def close(self) -> None:
        """Close the file; the next writing opens it again (whoever moved it away)."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _append(self, text: bytes) -> None:
        self._open()
        if self._size and self._size + len(text) > self._size_limit:
            self._rotate()
            self._open()
        try:
            write_all(self._fd, text)
        except OSError:
            # Half a line would spoil the next one.
            os.ftruncate(self._fd, self._size)
            raise
        self._size += len(text)

    def _open(self) -> None:
        if self._fd < 0:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._fd = os.open(self._path, flags, 0o600)
            self._size = os.fstat(self._fd).st_size
            if self._size and os.pread(self._fd, 1, self._size - 1) != b"\n":
                # A loss of power has torn the last line.
                self._size += os.write(self._fd, b"\n")

    def _rotate(self) -> None:
        self.close()
        if self._files == 1:
            os.unlink(self._path)
        for number in range(self._files - 1, 0, -1):
            older = self._path if number == 1 else f"{self._path}.{number - 1}"
            if os.path.lexists(older):
                os.rename(older, f"{self._path}.{number}")

    def _notice(self) -> bytes:
        text = b"tuicontainer: %d bytes of output were lost, the log could not be written\n"
        return format_chunk("stderr", text % self._lost, time.time_ns(), self._instance)
