"""Runs a program in a container and collects what it writes: what `Container.exec` does."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from tuicontainer.engine.api import ExecResult

if TYPE_CHECKING:
    from tuicontainer.supervise.aclient import AsyncClient
    from tuicontainer.supervise.requests import ExecRequest


async def run_program(
    client: AsyncClient, container_id: str, request: ExecRequest, stdin: bytes
) -> ExecResult:
    """Run *request* with *stdin* to read, until it and all that hold its streams have ended.

    Raises:
        FailedPrecondition: the container isn't running.
        NotFound, PermissionDenied: no such program in it, or not executable.
    """
    theirs, ours = _pipes()
    try:
        session = await client.exec(container_id, request, theirs)
    except BaseException:
        _close(ours)
        raise
    finally:
        _close(theirs)
    try:
        _, stdout, stderr, status = await asyncio.gather(
            _feed(ours[0], stdin), _collect(ours[1]), _collect(ours[2]), session.wait()
        )
    finally:
        session.close()
    return ExecResult(status=status, stdout=stdout, stderr=stderr)


def _pipes() -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return the program's ends of its three streams, and ours."""
    stdin, to_stdin = os.pipe()
    from_stdout, stdout = os.pipe()
    from_stderr, stderr = os.pipe()
    return (stdin, stdout, stderr), (to_stdin, from_stdout, from_stderr)


def _close(fds: tuple[int, ...]) -> None:
    for fd in fds:
        os.close(fd)


async def _feed(fd: int, data: bytes) -> None:
    """Write *data*, then end the stream; a program that doesn't read it all is no failure."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(fd, "wb", buffering=0)
    )
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    writer.write(data)
    try:
        await writer.drain()
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        writer.close()


async def _collect(fd: int) -> bytes:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb", buffering=0)
    )
    try:
        return await reader.read()
    finally:
        transport.close()
