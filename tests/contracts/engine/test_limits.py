"""What every engine does with limits that change."""

from __future__ import annotations

import asyncio

from tests.contracts.engine.subjects import Subject
from tuicontainer.engine.api import CreateOptions
from tuicontainer.spec.limits import Limits


async def test_update_says_what_is_in_force(subject: Subject) -> None:
    options = CreateOptions(container_id="x", memory_limit=64 << 20, cpus=0.5)
    container = await subject.engine.create("steady", options)
    await container.start()
    in_force = await container.update(Limits(memory_limit=48 << 20, pids_limit=50))
    assert in_force is not None
    assert (in_force["memory"], in_force["pids"]) == (48 << 20, 50)
    assert in_force["cpu_quota_us"] / in_force["cpu_period_us"] == 0.5, "what wasn't named stays"


async def test_a_stopped_container_gets_its_limits_when_it_starts(subject: Subject) -> None:
    container = await subject.engine.create("quick", CreateOptions(container_id="x"))
    await container.start()
    await asyncio.wait_for(container.wait(), 20)
    assert await container.update(Limits(memory_limit=32 << 20)) is None
