"""What every engine's terminals do: another program's in a container, and the container's own."""

from __future__ import annotations

import asyncio
from errno import ENOENT

import pytest

from tests.contracts.engine.subjects import Subject
from tuicontainer.engine.api import Container, TerminalSession
from tuicontainer.errors import FailedPrecondition, NotFound


async def running(subject: Subject) -> Container:
    container = await subject.engine.create("steady")
    await container.start()
    return container


async def shell(subject: Subject) -> TerminalSession:
    container = await running(subject)
    return await container.exec_terminal(["/bin/sh"], rows=20, columns=70, env=["PS1=# "])


async def until(session: TerminalSession, text: bytes) -> bytes:
    """Read until *text* was written; return all that was."""
    seen = b""
    async with asyncio.timeout(20):
        while text not in seen:
            data = await session.read()
            assert data, seen
            seen += data
    return seen


async def rest(session: TerminalSession) -> bytes:
    seen = b""
    async with asyncio.timeout(20):
        while data := await session.read():
            seen += data
    return seen


async def test_what_is_typed_is_run_and_its_status_is_the_programs(subject: Subject) -> None:
    session = await shell(subject)
    await session.write(b"echo x y\r")
    await until(session, b"\nx y")
    await session.write(b"exit 7\r")
    await rest(session)
    assert await session.wait() == 7
    await session.write(b"too late")
    await session.close()


async def test_it_has_the_size_it_was_given_and_then_another(subject: Subject) -> None:
    session = await shell(subject)
    await session.write(b"stty size\r")
    await until(session, b"\n20 70")
    await session.resize(11, 33)
    await session.write(b"stty size\r")
    await until(session, b"\n11 33")
    await session.close()


async def test_closing_leaves_the_container_running(subject: Subject) -> None:
    container = await running(subject)
    session = await container.exec_terminal(["/bin/sh"], rows=5, columns=40)
    await session.close()
    assert (await container.view()).status == "running"


async def test_no_such_program_and_no_running_container(subject: Subject) -> None:
    container = await running(subject)
    with pytest.raises(NotFound) as caught:
        await container.exec_terminal(["no-such-program"], rows=5, columns=40)
    assert caught.value.errno == ENOENT
    await container.kill("KILL")
    await container.wait()
    with pytest.raises(FailedPrecondition):
        await container.exec_terminal(["/bin/sh"], rows=5, columns=40)


async def test_attached_until_the_container_ends(subject: Subject) -> None:
    container = await running(subject)
    session = await container.attach(rows=5, columns=40)
    await container.kill("KILL")
    await rest(session)
    assert await session.wait() == 137
    await session.close()


async def test_attached_it_tells_what_was_written_before(subject: Subject) -> None:
    container = await subject.engine.create("quick")
    session = await container.attach(rows=5, columns=40)
    await container.start()
    seen = await rest(session)
    assert b"out" in seen
    assert b"err" in seen
    assert await session.wait() == 3
