"""The doors that watch a container, at the monitor: each with a bounded buffer of its own.

What a viewer hasn't read waits in its socket, then here, up to BUFFER_LIMIT; a viewer that lags
further is cut off with a notice. So no viewer can hold up the container, the log, another viewer,
or make the monitor grow.
"""

from __future__ import annotations

from collections import deque

from tuicontainer.errors import TuiContainerError
from tuicontainer.supervise import wire
from tuicontainer.supervise.channel import Received
from tuicontainer.supervise.wire import STREAM_LIMIT, StreamData
from tuicontainer.syscalls.packet_sockets import send_packet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tuicontainer.supervise.container_io import ContainerIo
    from tuicontainer.supervise.door import Door
    from tuicontainer.supervise.loop import Loop
    from tuicontainer.supervise.views import Stream

BUFFER_LIMIT = 256 * 1024
"""Bytes that wait for one viewer, beside what its socket holds."""
MOST_VIEWERS = 32
_FAREWELL_SECONDS = 5.0
"""How long a viewer may take to read the end."""


class Viewer:
    """One attached door."""

    def __init__(
        self,
        loop: Loop,
        door: Door,
        io: ContainerIo,
        *,
        may_type: bool,
        on_gone: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._door = door
        self._io = io
        self._may_type = may_type
        self._on_gone = on_gone
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._leaving = False
        door.on_data = self._take

    def show(self, stream: Stream, data: bytes) -> None:
        """Send what the container wrote, now or when the viewer reads on."""
        if self._leaving:
            return
        if self._queued + len(data) > BUFFER_LIMIT:
            self.drop("it doesn't read its output")
            return
        for start in range(0, len(data), STREAM_LIMIT):
            self._send(wire.encode_stream(stream, data[start : start + STREAM_LIMIT]))

    def drop(self, reason: str) -> None:
        """Cut the viewer off; what waits for it is lost, the notice isn't."""
        self._queue.clear()
        self._queued = 0
        self.leave({"dropped": reason})

    def leave(self, message: dict[str, Any]) -> None:
        """Send what waits and the last message, then close."""
        if self._leaving:
            return
        self._leaving = True
        self._door.ignore()
        self._send(wire.encode(message).packet)
        if self._queue:
            self._loop.call_later(_FAREWELL_SECONDS, self._door.close)
        else:
            self._door.close()

    def forget(self) -> None:
        """The connection is closed: nothing waits for it any more."""
        self._queue.clear()
        self._queued = 0
        self._on_gone()

    def hear_again(self) -> None:
        """Take what is typed again, after the container has taken what was typed before."""
        if not self._leaving and self._door.channel.fd >= 0:
            self._door.listen()

    def _send(self, packet: bytes) -> None:
        self._queue.append(packet)
        self._queued += len(packet)
        if len(self._queue) == 1:
            self._pour()

    def _pour(self) -> None:
        fd = self._door.channel.fd
        if fd < 0:
            return
        while self._queue:
            try:
                send_packet(fd, self._queue[0])
            except BlockingIOError:
                self._loop.on_writable(fd, self._pour)
                return
            except OSError:
                self._door.close()
                return
            self._queued -= len(self._queue.popleft())
        self._loop.on_writable(fd, None)
        if self._leaving:
            self._door.close()

    def _take(self, received: StreamData | Received) -> None:
        if isinstance(received, Received):
            received.close_descriptors()
            self._obey(received.message)
        elif received.stream != "stdin" or not self._may_type:
            self.drop("it types without having asked for the standard input")
        else:
            self._io.write_input(received.data)
            if self._io.input_full:
                self._door.ignore()

    def _obey(self, message: dict[str, Any]) -> None:
        notice = message.get("notice")
        try:
            if notice == "resize":
                self._io.resize(int(message["height"]), int(message["width"]))
            elif notice == "close-stdin" and self._may_type:
                self._io.close_input()
        except (TuiContainerError, OSError, KeyError, TypeError, ValueError) as error:
            self.drop(f"its notice can't be followed: {error}")


class Viewers:
    """All viewers of one container."""

    def __init__(self, loop: Loop, on_change: Callable[[], None]) -> None:
        self._loop = loop
        self._on_change = on_change
        self._viewers: dict[Door, Viewer] = {}

    def __len__(self) -> int:
        return len(self._viewers)

    def add(self, door: Door, io: ContainerIo, *, may_type: bool) -> None:
        """Attach a door."""

        def on_gone() -> None:
            del self._viewers[door]
            self._on_change()

        self._viewers[door] = Viewer(self._loop, door, io, may_type=may_type, on_gone=on_gone)

    def show(self, stream: Stream, data: bytes) -> None:
        """Send what the container wrote to all."""
        for viewer in list(self._viewers.values()):
            viewer.show(stream, data)

    def leave(self, message: dict[str, Any]) -> None:
        """Say the last thing to all, then close."""
        for viewer in list(self._viewers.values()):
            viewer.leave(message)

    def hear_again(self) -> None:
        """Take what is typed again."""
        for viewer in list(self._viewers.values()):
            viewer.hear_again()

    def forget(self, door: Door) -> None:
        """A connection has closed; it may be a viewer's."""
        viewer = self._viewers.get(door)
        if viewer is not None:
            viewer.forget()
