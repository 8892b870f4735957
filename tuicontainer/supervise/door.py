"""A door's connection as spawner and monitor see it: greeting, requests, answers, notices."""

from __future__ import annotations

from tuicontainer.errors import FailedPrecondition, InvalidArgument, TuiContainerError
from tuicontainer.supervise.channel import Channel, Received
from tuicontainer.supervise.handshake import check_greeting, welcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from tuicontainer.supervise.loop import Loop
    from tuicontainer.supervise.wire import StreamData

    RequestHandler = Callable[["Door", Received], None]
    CloseHandler = Callable[["Door"], None]


class Door:
    """One connection. A door asks one thing at a time and reads the answer before the next.

    Attributes:
        channel: to the door.
        request: the last one.
        on_data: takes stream data and notices while the door is attached.
    """

    def __init__(
        self,
        loop: Loop,
        channel: Channel,
        namespaces: Mapping[str, str],
        *,
        on_request: RequestHandler,
        on_close: CloseHandler,
        request: dict[str, Any] | None = None,
    ) -> None:
        """Begin to listen; with a *request* the door has greeted and asked elsewhere."""
        self.channel = channel
        self.request = request or {}
        self._asking = self._greeted = request is not None
        self.on_data: Callable[[StreamData | Received], None] | None = None
        self._loop = loop
        self._namespaces = namespaces
        self._on_request = on_request
        self._on_close = on_close
        self.listen()

    def listen(self) -> None:
        """Take what the door says."""
        self._loop.on_readable(self.channel.fd, self._take)

    def ignore(self) -> None:
        """Leave what the door says in the socket, until `listen`."""
        self._loop.on_readable(self.channel.fd, None)

    def answer(self, result: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Answer the request."""
        self._asking = False
        self.say({"ok": dict(result)}, descriptors)

    def refuse(self, error: TuiContainerError) -> None:
        """Answer the request with a failure."""
        self._asking = False
        self.say({"error": error.to_wire()})

    def say(self, message: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send a message; a door that has gone or doesn't read its answers is dropped."""
        if self.channel.fd < 0:
            return
        try:
            self.channel.send(message, descriptors)
        except OSError:
            self.close()

    def close(self) -> None:
        """End the connection; twice does no harm."""
        if self.channel.fd >= 0:
            self._loop.forget(self.channel.fd)
            self.channel.close()
            self._on_close(self)

    def hand_over(self) -> Channel:
        """Give the connection up and return its channel."""
        self._loop.forget(self.channel.fd)
        channel = Channel(self.channel.detach())
        self._on_close(self)
        return channel

    def _take(self) -> None:
        try:
            received = self.channel.receive()
        except BlockingIOError:
            return
        except (OSError, TuiContainerError):
            self.close()
            return
        if received is None:
            self.close()
            return
        try:
            self._handle(received)
        except TuiContainerError as error:
            # It doesn't keep to the protocol, or comes from another world: say why and leave it.
            self.say({"error": error.to_wire()})
            self.close()

    def _handle(self, received: Received | StreamData) -> None:
        if isinstance(received, Received) and not self._greeted:
            received.close_descriptors()
            check_greeting(received.message, self._namespaces)
            self._greeted = True
            self.say(welcome())
        elif isinstance(received, Received) and "verb" in received.message:
            if self._asking or self.on_data is not None:
                received.close_descriptors()
                raise FailedPrecondition("the door asks before it has its answer")
            self._asking = True
            self.request = received.message
            self._on_request(self, received)
        elif self.on_data is not None:
            self.on_data(received)
        else:
            raise InvalidArgument("the door sent what nobody asked for")
