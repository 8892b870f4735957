"""What every engine does when another program is run in a container."""

from __future__ import annotations

from errno import ENOENT

import pytest

from tests.contracts.engine.subjects import Subject
from tuicontainer.engine.api import Container
from tuicontainer.errors import FailedPrecondition, NotFound


async def running(subject: Subject) -> Container:
    container = await subject.engine.create("steady")
    await container.start()
    return container


@pytest.mark.parametrize(("program", "status"), [("true", 0), ("false", 1)])
async def test_the_status_is_the_programs(subject: Subject, program: str, status: int) -> None:
    assert (await (await running(subject)).exec([program])).status == status


async def test_what_it_writes_is_collected(subject: Subject) -> None:
    result = await (await running(subject)).exec(["echo", "a", "b"])
    assert (result.stdout, result.stderr) == (b"a b\n", b"")


@pytest.mark.parametrize("size", [0, 10, 300_000])
async def test_it_reads_what_it_is_given(subject: Subject, size: int) -> None:
    result = await (await running(subject)).exec(["cat"], stdin=b"x" * size)
    assert result.stdout == b"x" * size


async def test_a_program_that_is_not_there_is_not_found(subject: Subject) -> None:
    container = await running(subject)
    with pytest.raises(NotFound) as caught:
        await container.exec(["no-such-program"])
    assert caught.value.errno == ENOENT
    assert (await container.view()).status == "running"


async def test_a_container_that_does_not_run_takes_no_program(subject: Subject) -> None:
    container = await running(subject)
    await container.kill("KILL")
    await container.wait()
    with pytest.raises(FailedPrecondition):
        await container.exec(["true"])


async def test_a_paused_container_takes_no_program(subject: Subject) -> None:
    container = await running(subject)
    await container.pause()
    with pytest.raises(FailedPrecondition):
        await container.exec(["true"])
    await container.resume()
