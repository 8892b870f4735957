"""The asyncio client: what the engine uses. No threads; the twin of `client`.

A cancelled call closes its connection; what had been asked for is still done.
"""

from __future__ import annotations

import asyncio

from tuicontainer.supervise import verbs
from tuicontainer.supervise.attaching import Attaching, Dropped, Ended, Output
from tuicontainer.supervise.sessions import ExecTalks
from tuicontainer.supervise.talk import Pause, Readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any, TypeVar

    from tuicontainer.locations import Locations
    from tuicontainer.runtime.process.identity import ProcessIdentity
    from tuicontainer.spec.limits import Limits
    from tuicontainer.supervise.requests import CreateRequest, ExecRequest
    from tuicontainer.supervise.talk import Step, Talk
    from tuicontainer.supervise.views import ContainerView, ExitRecord

    T = TypeVar("T")


class AsyncClient:
    """All that can be done to the containers of one state root; see `client.Client`."""

    def __init__(self, locations: Locations) -> None:
        self.locations = locations

    async def create(self, request: CreateRequest) -> ContainerView:
        """Make a container that waits for `start`."""
        return await converse(verbs.create(self.locations, request))

    async def start(self, container_id: str) -> None:
        """Start a created container; for a stopped one, make and start its next instance."""
        await converse(verbs.operate(self.locations, container_id, "start"))

    async def stop(self, container_id: str, timeout: float | None = None) -> ExitRecord:
        """Send the stop signal, wait the grace period in seconds, then KILL."""
        return await converse(verbs.stop(self.locations, container_id, timeout))

    async def restart(self, container_id: str, timeout: float | None = None) -> None:
        """Stop the container if it runs, then make its next instance and start it."""
        await converse(verbs.operate(self.locations, container_id, "restart", timeout=timeout))

    async def kill(self, container_id: str, signal: str | int = "KILL") -> None:
        """Send a signal to the container's first process."""
        await converse(verbs.kill(self.locations, container_id, signal))

    async def kill_process(
        self, container_id: str, process: ProcessIdentity, signal: str | int = "KILL"
    ) -> None:
        """Send a signal to one of the container's processes."""
        await converse(verbs.kill_process(self.locations, container_id, process, signal))

    async def pause(self, container_id: str) -> None:
        """Freeze all processes of the container."""
        await converse(verbs.operate(self.locations, container_id, "pause"))

    async def resume(self, container_id: str) -> None:
        """Thaw a paused container."""
        await converse(verbs.operate(self.locations, container_id, "resume"))

    async def update(self, container_id: str, limits: Limits) -> dict[str, Any] | None:
        """Change limits; return those in force, None for a container without a process."""
        return await converse(verbs.update(self.locations, container_id, limits))

    async def rename(self, container_id: str, to: str) -> ContainerView:
        """Give a container without a process another id."""
        return await converse(verbs.rename(self.locations, container_id, to))

    async def delete(self, container_id: str, *, force: bool = False, keep: bool = False) -> None:
        """Remove the container, its record and its log; with *keep* those can be restored."""
        await converse(
            verbs.operate(self.locations, container_id, "delete", force=force, keep=keep)
        )

    async def wait(self, container_id: str) -> ExitRecord:
        """Return how the present instance ended, once it has."""
        return await converse(verbs.wait(self.locations, container_id))

    async def attach(
        self, container_id: str, *, stdin: bool = False, from_start: bool = False
    ) -> AsyncAttachment:
        """Connect to the container's terminal, or to its standard streams."""
        talk = verbs.attach(self.locations, container_id, stdin=stdin, from_start=from_start)
        return AsyncAttachment(await converse(talk))

    async def exec(
        self,
        container_id: str,
        request: ExecRequest,
        stdio: tuple[int, int, int] | None = None,
    ) -> AsyncExecSession:
        """Run another program in the container."""
        talk = verbs.execute(self.locations, container_id, request, stdio)
        return AsyncExecSession(*await converse(talk))


class AsyncAttachment:
    """A door's end of an attachment; see `attachment.Attachment`."""

    def __init__(self, attaching: Attaching) -> None:
        self._attaching = attaching
        self.terminal = attaching.terminal

    @property
    def replaying(self) -> bool:
        """Whether what `receive` returns next was written before the attachment was made."""
        return self._attaching.replaying

    async def receive(self) -> Output | Ended | Dropped:
        """Wait for the next thing."""
        return await converse(self._attaching.receive())

    async def __aiter__(self) -> AsyncIterator[Output | Ended | Dropped]:
        while True:
            said = await self.receive()
            yield said
            if not isinstance(said, Output):
                return

    async def send_input(self, data: bytes) -> None:
        """Type; waits while the container doesn't read."""
        await converse(self._attaching.send_input(data))

    async def close_input(self) -> None:
        """End the container's standard input."""
        await converse(self._attaching.close_input())

    async def resize(self, height: int, width: int) -> None:
        """Tell the terminal its size in characters."""
        await converse(self._attaching.resize(height, width))

    def close(self) -> None:
        """Detach; the container goes on."""
        self._attaching.channel.close()


class AsyncExecSession(ExecTalks):
    """One program that runs in a container; see `sessions.ExecSession`."""

    async def wait(self) -> int:
        """Wait for the program's end and return its exit status, 128+n for signal n."""
        return await converse(self.waiting())

    async def kill(self, signal: str | int) -> None:
        """Send the program a signal; none if it has ended."""
        await converse(self.killing(signal))


async def converse(talk: Talk[T]) -> T:
    """Return the talk's result; the event loop goes on meanwhile."""
    try:
        step = next(talk)
        while True:
            step = talk.send(await _wait(step))
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        talk.close()


async def _wait(step: Step) -> bool:
    if isinstance(step, Pause):
        await asyncio.sleep(step.seconds)
        return True
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[bool] = loop.create_future()
    reading = isinstance(step, Readable)
    (loop.add_reader if reading else loop.add_writer)(step.fd, _settle, ready)
    try:
        async with asyncio.timeout(step.seconds):
            return await ready
    except TimeoutError:
        return False
    finally:
        (loop.remove_reader if reading else loop.remove_writer)(step.fd)


def _settle(ready: asyncio.Future[bool]) -> None:
    if not ready.done():
        ready.set_result(True)
