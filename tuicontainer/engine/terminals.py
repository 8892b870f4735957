"""Programs of real containers with a terminal: what `Container.exec_terminal` and `attach` give."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from typing import TYPE_CHECKING

from tuicontainer.supervise.attaching import Ended, Output

if TYPE_CHECKING:
    from tuicontainer.supervise.aclient import AsyncAttachment, AsyncClient, AsyncExecSession
    from tuicontainer.supervise.requests import ExecRequest

_CHUNK = 64 * 1024
_REPLAY = 256 * 1024
"""Bytes of earlier output that a viewer gets: some thousand lines, or any full screen."""


class ExecTerminal:
    """Another program in a container, on a terminal of its own; closing hangs it up."""

    terminal = True

    def __init__(self, session: AsyncExecSession, console: int) -> None:
        self._session = session
        self._console = console
        self._ending = asyncio.ensure_future(session.wait())
        os.set_blocking(console, False)

    @classmethod
    async def open(
        cls, client: AsyncClient, container_id: str, request: ExecRequest
    ) -> ExecTerminal:
        """Start the program.

        Raises:
            FailedPrecondition: the container isn't running.
            NotFound, PermissionDenied: no such program in it, or not executable.
        """
        session = await client.exec(container_id, request)
        assert session.console is not None
        return cls(session, session.console)

    async def read(self) -> bytes:
        """Return what it has written since; empty once it has ended and all is read."""
        while True:
            ended = self._ending.done()
            try:
                return os.read(self._console, _CHUNK)
            except BlockingIOError:
                # What the program left is read, and nobody waits for a daemon that kept it open.
                if ended:
                    return b""
            except OSError:
                # EIO: the last process that had the terminal open has closed it (pty(7)).
                return b""
            await self._ready(reading=True)

    async def write(self, data: bytes) -> None:
        """Type; waits while the program doesn't read."""
        while data and not self._ending.done():
            try:
                data = data[os.write(self._console, data) :]
            except BlockingIOError:
                await self._ready(reading=False)
            except OSError:
                return

    async def _ready(self, *, reading: bool) -> None:
        """Wait until the terminal can be read or written, or the program has ended."""
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[int] = loop.create_future()

        def settle() -> None:
            if not ready.done():
                ready.set_result(self._console)

        console = self._console
        (loop.add_reader if reading else loop.add_writer)(console, settle)
        try:
            await asyncio.wait({ready, self._ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            (loop.remove_reader if reading else loop.remove_writer)(console)

    async def resize(self, rows: int, columns: int) -> None:
        """Tell the terminal its size in characters."""
        if not self._ending.done():
            self._session.resize(rows, columns)

    async def wait(self) -> int | None:
        """Return its exit status once it has ended."""
        return await asyncio.shield(self._ending)

    async def close(self) -> None:
        """Give the terminal back; a program that still runs gets SIGHUP."""
        self._ending.cancel()
        await asyncio.wait({self._ending})
        self._session.close()


class AttachedTerminal:
    """A container's own terminal, or its output if it has none; closing leaves it running.

    The monitor cuts off who reads too slowly (supervise/attach.py). The attachment is then made
    anew: what was written in between isn't seen here, but it is in the log.
    """

    def __init__(
        self, client: AsyncClient, container_id: str, attachment: AsyncAttachment, earlier: bytes
    ) -> None:
        self._client = client
        self._id = container_id
        self._attachment = attachment
        self._earlier = earlier
        self._size: tuple[int, int] | None = None
        self._ended: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.terminal = attachment.terminal

    @classmethod
    async def open(cls, client: AsyncClient, container_id: str, *, stdin: bool) -> AttachedTerminal:
        """Attach, with the end of what the present instance has written so far.

        Args:
            client: asks the monitor.
            container_id: whose.
            stdin: whether to type; a container whose input is closed refuses that.

        Raises:
            FailedPrecondition: it isn't running, or nobody supervises it.
        """
        attachment = await client.attach(container_id, stdin=stdin, from_start=True)
        chunks: deque[bytes] = deque()
        kept = 0
        while attachment.replaying:
            said = await attachment.receive()
            assert isinstance(said, Output)
            chunks.append(said.data)
            kept += len(said.data)
            while kept - len(chunks[0]) > _REPLAY:
                kept -= len(chunks.popleft())
            # A log is read from a file, which never lets others run by itself.
            await asyncio.sleep(0)
        return cls(client, container_id, attachment, b"".join(chunks))

    async def read(self) -> bytes:
        """Return what it has written since; empty once the instance has ended."""
        if self._earlier:
            earlier, self._earlier = self._earlier, b""
            return earlier
        while not self._ended.done():
            said = await self._attachment.receive()
            if isinstance(said, Output):
                return said.data
            if isinstance(said, Ended):
                self._ended.set_result(said.exit.status)
            else:
                await self._attach_again()
        return b""

    async def _attach_again(self) -> None:
        self._attachment.close()
        self._attachment = await self._client.attach(self._id, stdin=self.terminal)
        if self._size is not None:
            await self.resize(*self._size)

    async def write(self, data: bytes) -> None:
        """Type; waits while the container doesn't read. Nothing without a terminal."""
        if not self.terminal:
            return
        try:
            await self._attachment.send_input(data)
        except BrokenPipeError:
            # It has just ended; `read` says so.
            return

    async def resize(self, rows: int, columns: int) -> None:
        """Tell the terminal its size in characters; nothing without one."""
        self._size = (rows, columns)
        if self.terminal:
            try:
                await self._attachment.resize(rows, columns)
            except BrokenPipeError:
                return

    async def wait(self) -> int | None:
        """Return the instance's exit status once `read` has come to its end; None if unknown."""
        return await asyncio.shield(self._ended)

    async def close(self) -> None:
        """Detach; the container goes on."""
        self._ended.cancel()
        self._attachment.close()
