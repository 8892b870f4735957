"""Reading a container's log: its lines, oldest first, across rotated files.

The files are `log`, `log.1`, `log.2`, oldest last; `log_format` says what is in them. A reader
keeps the files it has begun open, so that it reads to their end even when they are rotated away or
the container is deleted meanwhile.
"""

from __future__ import annotations

import os

from tuicontainer.errors import NotFound
from tuicontainer.supervise.log_format import ends_line, format_time, parse_line
from tuicontainer.supervise.records import record_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.log_format import RawLine
    from tuicontainer.supervise.views import LogLine

_BLOCK = 64 * 1024
_MOST_FILES = 64


def read_log(
    locations: Locations,
    container_id: str,
    *,
    tail: int | None = None,
    since_ns: int | None = None,
) -> Iterator[LogLine]:
    """Yield what is in the log now.

    Args:
        locations: the state and data root.
        container_id: a full id.
        tail: only the last so many whole lines (a line written in parts counts once).
        since_ns: only lines written at or after this time, nanoseconds since the epoch.

    Raises:
        NotFound: no such container.
    """
    follower = LogFollower(locations, container_id, tail=tail, since_ns=since_ns)
    try:
        while lines := follower.read_new():
            yield from lines
    finally:
        follower.close()


class LogFollower:
    """Reads on where it stopped: call `read_new` whenever you like (4 to 10 times a second).

    It survives rotation, restarts and the container's deletion: what was written before is
    still read. Also a context manager.

    Raises:
        NotFound: no such container.
    """

    def __init__(
        self,
        locations: Locations,
        container_id: str,
        *,
        tail: int | None = None,
        since_ns: int | None = None,
    ) -> None:
        self._record = record_path(locations, container_id)
        if not os.path.lexists(self._record):
            raise NotFound(
                f"no container has the id `{container_id}`", hint="`tuicontainer ps -a` lists them"
            )
        self._folder = os.path.dirname(self._record)
        self._since = format_time(since_ns) if since_ns is not None else b""
        self._files = open_log_files(self._folder)
        self._rest = b""
        self._last_inode = os.fstat(self._files[-1]).st_ino if self._files else 0
        if tail is not None:
            self._skip_to_tail(tail)

    def read_new(self, limit: int = 1000) -> list[LogLine]:
        """Return at most *limit* lines that were written since the last call; maybe none."""
        lines: list[LogLine] = []
        while len(lines) < limit:
            raw = self._next_line()
            if raw is None:
                break
            if raw < self._since:
                continue
            parsed = parse_line(raw)
            if parsed is not None:
                lines.append(parsed.decoded())
        return lines

    @property
    def ended(self) -> bool:
        """Whether the container is gone and everything was read."""
        if os.path.lexists(self._record):
            return False
        return b"\n" not in self._rest and not any(
            os.lseek(fd, 0, os.SEEK_CUR) < os.fstat(fd).st_size for fd in self._files
        )

    def close(self) -> None:
        """Give the open files back."""
        while self._files:
            os.close(self._files.pop())

    def __enter__(self) -> LogFollower:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next_line(self) -> bytes | None:
        while True:
            line, newline, rest = self._rest.partition(b"\n")
            if newline:
                self._rest = rest
                return line
            if not self._read_block():
                return None

    def _read_block(self) -> bool:
        """Read more of the present file or go on to the next; False if there is no more now."""
        while True:
            if self._files:
                block = os.read(self._files[0], _BLOCK)
                if block:
                    self._rest += block
                    return True
            if len(self._files) < 2 and not self._open_successors():
                return False
            # The rotated file may have got its last lines between the reading and the look at
            # the folder; from now on nobody writes to it.
            if len(self._files) > 1:
                block = os.read(self._files[0], _BLOCK)
                if block:
                    self._rest += block
                    return True
                os.close(self._files.pop(0))
                self._rest = b""

    def _open_successors(self) -> bool:
        """Open the files that came after the last one we have; False if there are none."""
        fresh = open_log_files(self._folder)
        inodes = [os.fstat(fd).st_ino for fd in fresh]
        known = inodes.index(self._last_inode) + 1 if self._last_inode in inodes else 0
        for fd in fresh[:known]:
            os.close(fd)
        if known == len(fresh):
            return False
        self._files += fresh[known:]
        self._last_inode = inodes[-1]
        return True

    def _skip_to_tail(self, lines: int) -> None:
        wanted = lines
        for index in range(len(self._files) - 1, -1, -1):
            fd = self._files[index]
            start, found = tail_start(fd, wanted)
            os.lseek(fd, start, os.SEEK_SET)
            wanted -= found
            if wanted <= 0:
                for older in self._files[:index]:
                    os.close(older)
                del self._files[:index]
                return


def open_log_files(folder: str) -> list[int]:
    """Return descriptors of the log's files, oldest first."""
    descriptors: list[int] = []
    seen: set[int] = set()
    # From the newest on, so that a rotation in between shows a file twice rather than never.
    for number in range(_MOST_FILES):
        path = os.path.join(folder, f"log.{number}" if number else "log")
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            if number:
                break
            continue
        inode = os.fstat(fd).st_ino
        if inode in seen:
            os.close(fd)
            continue
        seen.add(inode)
        descriptors.insert(0, fd)
    return descriptors


def tail_start(fd: int, lines: int) -> tuple[int, int]:
    """Return where the last *lines* whole lines of a log file begin, and how many there are.

    Parts of a line that isn't ended yet belong to the tail and aren't counted.
    """
    end = os.fstat(fd).st_size
    found = 0
    position = end
    pending = b""
    while position > 0:
        size = min(_BLOCK, position)
        position -= size
        block = os.pread(fd, size, position) + pending
        # The first line of a block is whole only at the file's beginning.
        head = 0 if position == 0 else block.find(b"\n") + 1
        if position > 0 and head == 0:
            pending = block
            continue
        pending = block[:head]
        # Not splitlines(): a carriage return doesn't end a line.
        *whole, unfinished = block[head:].split(b"\n")
        line_end = position + len(block) - len(unfinished)
        for line in reversed(whole):
            if ends_line(line):
                if found == lines:
                    return line_end, found
                found += 1
            line_end -= len(line) + 1
    return 0, found


def read_written(folder: str, instance: int, inode: int, size: int) -> Iterator[RawLine]:
    """Yield what one instance has written up to a place in the log.

    Args:
        folder: the record's folder.
        instance: number of the instance.
        inode: of the file in which the place is.
        size: the place: bytes from the beginning of that file.
    """
    files = open_log_files(folder)
    try:
        for fd in files:
            last = os.fstat(fd).st_ino == inode
            with open(fd, "rb", closefd=False) as file:
                left = size if last else os.fstat(fd).st_size
                for line in file:
                    left -= len(line)
                    if left < 0:
                        break
                    parsed = parse_line(line)
                    if parsed is not None and parsed.instance == instance:
                        yield parsed
            if last:
                return
    finally:
        for fd in files:
            os.close(fd)
