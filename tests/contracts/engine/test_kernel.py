"""What every engine tells of a container's processes."""

from __future__ import annotations

import asyncio

import pytest

from tests.contracts.engine.subjects import Subject
from tuicontainer.engine.api import CreateOptions
from tuicontainer.errors import FailedPrecondition, InvalidArgument


async def test_the_kernel_view_of_a_running_container(subject: Subject) -> None:
    container = await subject.engine.create("steady", CreateOptions(container_id="x"))
    await container.start()
    seen = await container.kernel()
    assert seen.pid == (await container.view()).pid
    assert seen.process is not None
    assert seen.process.inner_pid == 1
    assert set(seen.process.capabilities) == {
        "effective", "permitted", "inheritable", "bounding", "ambient"
    }  # fmt: skip
    host = {namespace.type: namespace.host for namespace in seen.namespaces}
    assert (host["user"], host["mount"], host["pid"]) == (True, False, False)
    assert [mount.target for mount in seen.mounts if mount.depth == 0] == ["/"]
    assert seen.uid_map
    assert "RLIMIT_NOFILE" in seen.rlimits


async def test_what_has_ended_has_none(subject: Subject) -> None:
    container = await subject.engine.create("quick", CreateOptions(container_id="x"))
    await container.start()
    await asyncio.wait_for(container.wait(), 20)
    with pytest.raises(FailedPrecondition):
        await container.kernel()


async def test_a_signal_for_one_process(subject: Subject) -> None:
    container = await subject.engine.create("steady", CreateOptions(container_id="x"))
    await container.start()
    shown = (await container.kernel()).processes[0]
    for pid, started_ns in ((shown.pid, shown.started_ns + 10_000_000), (1, 0)):
        with pytest.raises(FailedPrecondition):
            await container.kill_process(pid, started_ns, "KILL")
    with pytest.raises(InvalidArgument):
        await container.kill_process(shown.pid, shown.started_ns, "WEIRD")
    assert (await container.view()).status == "running"
    await container.kill_process(shown.pid, shown.started_ns, "KILL")
    assert await asyncio.wait_for(container.wait(), 20) == 128 + 9
    with pytest.raises(FailedPrecondition):
        await container.kill_process(shown.pid, shown.started_ns, "KILL")
