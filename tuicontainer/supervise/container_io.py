"""A container's streams at the monitor: output to the log and the viewers, input from them.

Whatever comes is read at once and written to the log, so that neither a viewer nor the log's disk
holds the container up; input that the container doesn't read holds up those who type.
"""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition
from tuicontainer.supervise.window import set_window_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuicontainer.supervise.log_writer import LogWriter
    from tuicontainer.supervise.loop import Loop
    from tuicontainer.supervise.views import Stream

_CHUNK = 64 * 1024
_DRAIN_LIMIT = 8 * 1024 * 1024
"""Bytes read after the container's end: what a pipe or a terminal can hold, and no more if a
process that was left behind goes on writing."""
_REOPEN_SECONDS = 0.5


class ContainerIo:
    """Our side of the streams, by name: `console`, or `stdout`, `stderr` and maybe `stdin`."""

    def __init__(
        self,
        loop: Loop,
        descriptors: Mapping[str, int],
        log: LogWriter,
        *,
        on_output: Callable[[Stream, bytes], None],
        on_input_room: Callable[[], None],
        on_input_closed: Callable[[], None],
    ) -> None:
        """Begin to read.

        Args:
            loop: the monitor's.
            descriptors: non-blocking; they belong to this object from now on.
            log: gets all output.
            on_output: gets it too.
            on_input_room: called when what was typed has all been taken.
            on_input_closed: called when the container's standard input has been closed.
        """
        self.log = log
        self._loop = loop
        self._descriptors = dict(descriptors)
        self._on_output = on_output
        self._on_input_room = on_input_room
        self._on_input_closed = on_input_closed
        self._pending = b""
        self._closing_input = False
        for name in [name for name in self._descriptors if name != "stdin"]:
            self._watch(name)

    @property
    def descriptors(self) -> dict[str, int]:
        """What is open, by name."""
        return dict(self._descriptors)

    @property
    def takes_input(self) -> bool:
        """Whether there is anything to type into."""
        open_input = "stdin" in self._descriptors and not self._closing_input
        return "console" in self._descriptors or open_input

    @property
    def input_full(self) -> bool:
        """Whether typing must wait."""
        return bool(self._pending)

    def write_input(self, data: bytes) -> None:
        """Type; what the container doesn't take at once is kept and makes `input_full`."""
        if not self.takes_input:
            return
        self._pending += data
        self._pour()

    def close_input(self) -> None:
        """End the container's standard input after what was typed; nothing with a terminal."""
        if "stdin" in self._descriptors:
            self._closing_input = True
            self._pour()

    def resize(self, height: int, width: int) -> None:
        """Set the terminal's size in characters.

        Raises:
            FailedPrecondition: there is no terminal.
        """
        if "console" not in self._descriptors:
            raise FailedPrecondition("the container has no terminal")
        set_window_size(self._descriptors["console"], height, width)

    def drain(self) -> None:
        """Read what the container left behind, and end the log's open lines."""
        for name in [name for name in self._descriptors if name != "stdin"]:
            left = _DRAIN_LIMIT
            while left > 0 and (taken := self._read(name)):
                left -= taken
        self.log.finish()

    def close(self) -> None:
        """Close everything."""
        for name in list(self._descriptors):
            self._drop(name)
        self.log.close()

    def _watch(self, name: str) -> None:
        fd = self._descriptors.get(name)
        if fd is not None:
            self._loop.on_readable(fd, lambda: self._take(name))

    def _take(self, name: str) -> None:
        if self._read(name) is not None:
            return
        if name == "console":
            # No process has the terminal open now; one may open /dev/console again.
            self._loop.on_readable(self._descriptors[name], None)
            self._loop.call_later(_REOPEN_SECONDS, lambda: self._watch(name))
        else:
            self._drop(name)

    def _read(self, name: str) -> int | None:
        """Take one chunk; return its size, 0 if there is nothing now, None at the end."""
        try:
            data = os.read(self._descriptors[name], _CHUNK)
        except BlockingIOError:
            return 0
        except OSError:
            # EIO: the last process that had the terminal open has closed it (pty(7)).
            return None
        if not data:
            return None
        stream: Stream = "stderr" if name == "stderr" else "stdout"
        self.log.write(stream, data)
        self._on_output(stream, data)
        return len(data)

    def _input(self) -> int | None:
        return self._descriptors.get("console", self._descriptors.get("stdin"))

    def _pour(self) -> None:
        fd = self._input()
        if fd is None:
            self._pending = b""
            return
        was_full = bool(self._pending)
        try:
            while self._pending:
                self._pending = self._pending[os.write(fd, self._pending) :]
        except BlockingIOError:
            self._loop.on_writable(fd, self._pour)
            return
        except OSError:
            # EPIPE, EIO: nobody will read it.
            self._pending = b""
        self._loop.on_writable(fd, None)
        if self._closing_input and "stdin" in self._descriptors:
            self._drop("stdin")
            self._on_input_closed()
        if was_full:
            self._on_input_room()

    def _drop(self, name: str) -> None:
        fd = self._descriptors.pop(name)
        self._loop.forget(fd)
        os.close(fd)
