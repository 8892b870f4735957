"""The journal: what happened to which container, one JSON object a line, never rewritten.

Whoever causes an event appends it with one write; monitors put several on disk together, at most
100 ms later (`Journal.commit`). Readers see an event only then, so that nothing is announced that
a loss of power could undo: how far the journal is safe stands in `~engine/journal.committed` of
the state root, which is volatile, because after a boot all that is left was safe.

A cursor is the number of bytes written to the journal up to an event's end since the first one
ever. When the file grows over its limit it becomes `journal.1` (the one before is lost) and the new
one begins with a line that says where it continues.
"""

from __future__ import annotations

import fcntl
import os
import time

from tuicontainer.jsontext import dumps, loads
from tuicontainer.supervise.files import sync_folder, write_all
from tuicontainer.supervise.views import Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from tuicontainer.locations import Locations

SIZE_LIMIT = 8 * 1024 * 1024
"""Bytes of one file."""
_COMMITTED_WIDTH = 20


class Journal:
    """Appends events. Several processes may; nothing is kept open between calls."""

    def __init__(self, locations: Locations, *, size_limit: int = SIZE_LIMIT) -> None:
        self._path = locations.journal
        self._committed_path = committed_path(locations)
        self._size_limit = size_limit
        self._written = 0
        self._safe = 0

    def append(
        self,
        type: str,
        container_id: str,
        *,
        instance: int = 1,
        details: Mapping[str, Any] | None = None,
    ) -> int:
        """Write one event, which readers see after the next `commit`; return its cursor.

        Raises:
            OSError: it couldn't be written.
        """
        event = {
            "time_ns": time.time_ns(),
            "type": type,
            "id": container_id,
            "instance": instance,
            "details": dict(details or {}),
        }
        text = dumps(event).encode() + b"\n"
        fd = self._open_locked()
        try:
            size = os.fstat(fd).st_size
            base = read_base(fd)
            self._mark_beginning(base + size)
            if size and os.pread(fd, 1, size - 1) != b"\n":
                # A loss of power has torn the last line.
                text = b"\n" + text
            write_all(fd, text)
            self._written = base + size + len(text)
        finally:
            os.close(fd)
        return self._written

    def commit(self) -> None:
        """Put what was appended on disk and let readers see it.

        Raises:
            OSError: the disk failed; readers don't see it yet.
        """
        if self._written <= self._safe:
            return
        if (read_committed(self._committed_path) or 0) < self._written:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fdatasync(fd)
            finally:
                os.close(fd)
            self._publish(self._written)
        self._safe = self._written

    @property
    def uncommitted(self) -> bool:
        """Whether something was appended since the last commit."""
        return self._written > self._safe

    def _open_locked(self) -> int:
        """Return the present file, locked, with room for another event."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        while True:
            try:
                fd = os.open(self._path, flags, 0o600)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
                continue
            fcntl.flock(fd, fcntl.LOCK_EX)
            opened = os.fstat(fd)
            if opened.st_ino == _inode(self._path):
                if opened.st_size <= self._size_limit:
                    return fd
                self._rotate(fd)
            os.close(fd)

    def _rotate(self, fd: int) -> None:
        base = read_base(fd) + os.fstat(fd).st_size
        os.fdatasync(fd)
        header = dumps({"base": base}).encode() + b"\n"
        fresh = f"{self._path}.{os.getpid()}"
        new = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            write_all(new, header)
            os.fdatasync(new)
        finally:
            os.close(new)
        # At no moment may the name be free: another process would make an empty file there.
        kept = f"{fresh}.1"
        os.link(self._path, kept)
        os.rename(kept, f"{self._path}.1")
        os.rename(fresh, self._path)
        sync_folder(os.path.dirname(self._path))

    def _mark_beginning(self, end: int) -> None:
        """Say that all up to *end* is safe if nobody has said anything in this boot."""
        if read_committed(self._committed_path) is None:
            os.makedirs(os.path.dirname(self._committed_path), mode=0o700, exist_ok=True)
            self._publish(end)

    def _publish(self, end: int) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        fd = os.open(self._committed_path, flags, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            if int(os.pread(fd, _COMMITTED_WIDTH, 0) or b"-1") < end:
                os.pwrite(fd, b"%0*d" % (_COMMITTED_WIDTH, end), 0)
        finally:
            os.close(fd)


def append_event(
    locations: Locations,
    type: str,
    container_id: str,
    *,
    instance: int = 1,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write one event and wait until it is on disk and visible.

    Raises:
        OSError: it couldn't be written.
    """
    journal = Journal(locations)
    journal.append(type, container_id, instance=instance, details=details)
    journal.commit()


def read_events(locations: Locations, since: int | None = None) -> Iterator[Event]:
    """Yield the committed events after the cursor *since*, or all that are kept."""
    end = read_committed(committed_path(locations))
    for fd in _open_files(locations.journal):
        with open(fd, "rb") as file:
            base = read_base(fd)
            if since is not None and since > base:
                file.seek(since - base)
                if since - base > os.fstat(fd).st_size:
                    continue
            cursor = base + file.tell()
            for line in file:
                cursor += len(line)
                if (end is not None and cursor > end) or not line.endswith(b"\n"):
                    break
                event = _parse(line, cursor)
                if event is not None:
                    yield event


class JournalFollower:
    """Reads on where it stopped: call `read_new` whenever you like (4 to 10 times a second)."""

    def __init__(self, locations: Locations, since: int | None = None) -> None:
        """Begin after the cursor *since*; None: with the next event."""
        self._locations = locations
        self._committed = committed_path(locations)
        self.cursor = self._end() if since is None else since
        """Of the last event that was read."""

    def read_new(self) -> list[Event]:
        """Return the events committed since the last call; maybe none."""
        if self._end() <= self.cursor:
            return []
        events = list(read_events(self._locations, self.cursor))
        if events:
            self.cursor = events[-1].cursor
        return events

    def _end(self) -> int:
        committed = read_committed(self._committed)
        if committed is not None:
            return committed
        try:
            fd = os.open(self._locations.journal, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return 0
        try:
            return read_base(fd) + os.fstat(fd).st_size
        finally:
            os.close(fd)


def committed_path(locations: Locations) -> str:
    """Return the file that says how far the journal is safe."""
    return os.path.join(locations.engine_dir, "journal.committed")


def read_committed(path: str) -> int | None:
    """Return the cursor up to which the journal is safe; None if nobody wrote in this boot."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return int(os.pread(fd, _COMMITTED_WIDTH, 0) or b"0")
    finally:
        os.close(fd)


def read_base(fd: int) -> int:
    """Return the cursor at which a journal file begins."""
    head = os.pread(fd, 64, 0)
    if not head.startswith(b'{"base":'):
        return 0
    line, _, _ = head.partition(b"\n")
    return int(loads(line)["base"])


def _parse(line: bytes, cursor: int) -> Event | None:
    try:
        document = loads(line)
        return Event(cursor=cursor, **document)
    except (ValueError, TypeError):
        # The header of a file, or a line that a loss of power has torn.
        return None


def _open_files(path: str) -> list[int]:
    """Return descriptors of the journal's files, oldest first."""
    descriptors: list[int] = []
    inodes: list[int] = []
    # The newer first, so that a rotation in between shows a file twice rather than never.
    for name in (path, f"{path}.1"):
        try:
            fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if os.fstat(fd).st_ino in inodes:
            os.close(fd)
            continue
        inodes.append(os.fstat(fd).st_ino)
        descriptors.insert(0, fd)
    return descriptors


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return 0
