"""Recordings on disk: text in one Zstandard frame, or plain where Python has no Zstandard.

What is written is flushed every two seconds, so that a recording whose writer was killed can be
read up to then. Writer and reader agree on how much text a recording may hold, so that none that
we write is too large to be read, and none that somebody else made takes all memory.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator

from tuicontainer.engine.compression import MAGIC, ZstdReader, zstd_writer
from tuicontainer.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)

MOST_TEXT = 256 << 20
"""Bytes of text in one recording: some six hours of twenty busy containers."""
MOST_LINE = 16 << 20
"""Bytes of one line."""
_FLUSH_SECONDS = 2.0
_CHUNK = 64 << 10


class RecordingWriter:
    """Writes a new recording's text.

    Attributes:
        path: of the file.
        compressed: whether it is; not where this Python has no Zstandard.
    """

    def __init__(self, path: str, *, owner: tuple[int, int] | None = None) -> None:
        """Make the file, readable by nobody but its owner; a link in its place isn't followed.

        Args:
            path: of a file that doesn't exist.
            owner: user and group that it shall belong to; None for ours.

        Raises:
            AlreadyExists: there is something with this name.
            PermissionDenied: it can't be made; says why.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._fd = os.open(path, flags, 0o600)
        except FileExistsError as error:
            raise AlreadyExists(
                f"`{path}` is there already", hint="a recording needs a new file"
            ) from error
        except OSError as error:
            raise _denied(path, "write", error) from error
        if owner is not None:
            os.fchown(self._fd, *owner)
        self.path = path
        self._zstd = zstd_writer()
        self.compressed = self._zstd is not None
        self._written = 0
        self._flushed_at = time.monotonic()

    def write(self, text: str) -> None:
        """Write a whole number of lines.

        Raises:
            FailedPrecondition: a recording can't hold more.
            OSError: the file can't be written, the disk being full for example.
        """
        # Names that aren't UTF-8 come as lone surrogates, which are no text.
        data = text.encode("utf-8", "replace")
        if self._written + len(data) > MOST_TEXT:
            raise FailedPrecondition(
                f"the recording `{self.path}` is full: it holds {MOST_TEXT >> 20} MiB of text",
                hint="begin another one",
            )
        self._written += len(data)
        self._put(data if self._zstd is None else self._zstd.compress(data))
        if time.monotonic() - self._flushed_at >= _FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Let everything be readable that was written so far."""
        self._flushed_at = time.monotonic()
        if self._zstd is not None:
            self._put(self._zstd.flush())

    def close(self) -> None:
        """End the recording. What can't be written any more is torn off."""
        if self._fd < 0:
            return
        try:
            if self._zstd is not None:
                self._put(self._zstd.end())
        finally:
            os.close(self._fd)
            self._fd = -1

    def _put(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._fd, data) :]


class RecordingText:
    """The lines of a recording on disk.

    Attributes:
        torn: after all were read, whether the end is missing.
    """

    def __init__(self, path: str) -> None:
        """Name a recording's *path*."""
        self.path = path
        self.torn = False

    def lines(self) -> Iterator[bytes]:
        """Yield whole lines without their ends.

        Raises:
            NotFound, PermissionDenied: the file can't be read.
            InvalidArgument: it is damaged, or holds more than a recording can.
            Unsupported: it is compressed, and this Python has no Zstandard.
        """
        rest = b""
        total = 0
        for piece in self._pieces():
            total += len(piece)
            if total > MOST_TEXT:
                raise InvalidArgument(
                    f"`{self.path}` holds more than {MOST_TEXT >> 20} MiB of text",
                    hint="no recording of ours is that large",
                )
            *whole, rest = (rest + piece).split(b"\n")
            if len(rest) > MOST_LINE:
                raise InvalidArgument(
                    f"`{self.path}` has a line of more than {MOST_LINE >> 20} MiB",
                    hint="it isn't a recording of ours",
                )
            yield from whole
        if rest:
            self.torn = True

    def _pieces(self) -> Iterator[bytes]:
        with _opened(self.path) as fd:
            chunk = os.read(fd, _CHUNK)
            if chunk[: len(MAGIC)] != MAGIC:
                while chunk:
                    yield chunk
                    chunk = os.read(fd, _CHUNK)
                return
            frame = ZstdReader()
            while chunk:
                yield from self._decompressed(frame, chunk)
                chunk = os.read(fd, _CHUNK)
            self.torn = not frame.ended

    def _decompressed(self, frame: ZstdReader, chunk: bytes) -> Iterator[bytes]:
        try:
            yield from frame.decompress(chunk)
        except InvalidArgument as error:
            raise InvalidArgument(f"`{self.path}`: {error.message}", hint=error.hint) from error


@contextlib.contextmanager
def _opened(path: str) -> Iterator[int]:
    try:
        # A FIFO would let us wait for ever for its other end.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file `{path}`") from error
    except OSError as error:
        raise _denied(path, "read", error) from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise InvalidArgument(f"`{path}` isn't a file")
        yield fd
    finally:
        os.close(fd)


def _denied(path: str, verb: str, error: OSError) -> PermissionDenied:
    reason = (error.strerror or "").lower()
    return PermissionDenied(f"can't {verb} `{path}`: {reason}", errno=error.errno)
