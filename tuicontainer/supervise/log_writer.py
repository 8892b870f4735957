"""Writing a container's log: bounded, rotated, never in the container's way.

When `log` would grow over the limit it becomes `log.1`, that becomes `log.2`, and so on; the
oldest is lost as a whole. A disk that refuses to take more doesn't stop the container: what can't
be written is counted and lost, and the log says so once it can be written again. The journal says
it too: `log-failing` when it begins, `log-lost` with the number of bytes when it is over.
"""

from __future__ import annotations

import os
import time

from tuicontainer.supervise.files import write_all
from tuicontainer.supervise.log_format import format_chunk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.supervise.views import Stream

SIZE_LIMIT = 16 * 1024 * 1024
"""Bytes of one file."""
FILES = 3
RETRY_SECONDS = 0.1
"""How long a disk that has refused isn't asked again: one that is full by turns would otherwise
fill the log and the journal with the news of it."""


class LogWriter:
    """Appends to the log in one folder."""

    def __init__(
        self,
        folder: str,
        instance: int,
        *,
        note: Callable[..., None],
        size_limit: int = SIZE_LIMIT,
        files: int = FILES,
    ) -> None:
        """Prepare to write; nothing is opened yet.

        Args:
            folder: of the container's record.
            instance: of the container; stands in each line.
            note: takes an event's type and its details by name.
            size_limit: bytes of one file.
            files: how many there may be, the present one included.
        """
        self._path = os.path.join(folder, "log")
        self._instance = instance
        self._note = note
        self._size_limit = size_limit
        self._files = files
        self._fd = -1
        self._size = 0
        self._lost = 0
        self._refused_at = 0.0
        self._unfinished: set[Stream] = set()

    def write(self, stream: Stream, data: bytes) -> None:
        """Append what the container wrote in one go; failures are counted, not raised."""
        if self._lost and time.monotonic() - self._refused_at < RETRY_SECONDS:
            self._lost += len(data)
            return
        text = format_chunk(stream, data, time.time_ns(), self._instance)
        try:
            self._append(self._amends() + text if self._lost else text)
        except OSError as error:
            self._lose(len(data), error)
            return
        if self._lost:
            self._end_loss()
        if data.endswith(b"\n"):
            self._unfinished.discard(stream)
        else:
            self._unfinished.add(stream)

    def finish(self) -> None:
        """End the lines that the container left without a newline, and say what was lost."""
        if not self._lost and not self._unfinished:
            return
        try:
            self._append(self._amends())
        except OSError as error:
            self._lose(0, error)
        if self._lost:
            self._end_loss()
        self._unfinished.clear()

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

    def _lose(self, size: int, error: OSError) -> None:
        if not self._lost and size:
            self._note("log-failing", reason=error.strerror or str(error))
        self._lost += size
        self._refused_at = time.monotonic()
        self.close()

    def _end_loss(self) -> None:
        self._note("log-lost", bytes=self._lost)
        self._lost = 0
        self._unfinished.clear()

    def _amends(self) -> bytes:
        """Return the ends of open lines, which what comes next doesn't continue, and the notice."""
        now = time.time_ns()
        ends = [
            format_chunk(stream, b"\n", now, self._instance) for stream in sorted(self._unfinished)
        ]
        if self._lost:
            text = b"tuicontainer: %d bytes of output were lost, the log could not be written\n"
            ends.append(format_chunk("stderr", text % self._lost, now, self._instance))
        return b"".join(ends)
