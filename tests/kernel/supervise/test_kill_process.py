"""A signal for one process of a container: that one exactly, and none of another's."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.busybox import STEADY
from tests.kernel.supervise.ground import Ground, until
from tuicontainer.engine import open_engine
from tuicontainer.errors import FailedPrecondition, PermissionDenied
from tuicontainer.observe.processes import observe_process, process_identity
from tuicontainer.runtime.process.identity import ProcessIdentity, identify
from tuicontainer.runtime.processes import processes

pytestmark = pytest.mark.kernel

FAMILY = "sleep 1000 & sleep 2000 & wait; wait"


def children(ground: Ground, container_id: str) -> list[int]:
    """Return the pids of all its processes but the first."""
    first = ground.view(container_id).pid
    listed = processes(ground.locations.state_root, container_id)
    return sorted(pid for pid in listed if pid != first)


def family(ground: Ground) -> tuple[str, int, int]:
    """Make a container with two children; return its id and theirs."""
    view = ground.run(FAMILY)
    assert until(lambda: len(children(ground, view.id)) == 2)
    first, second = children(ground, view.id)
    return view.id, first, second


def test_only_the_one_that_is_meant_gets_it(ground: Ground) -> None:
    container_id, first, second = family(ground)
    ground.client.kill_process(container_id, identify(first), "KILL")
    assert until(lambda: children(ground, container_id) == [second])
    assert ground.view(container_id).status == "running"
    assert until(lambda: "signalled" in ground.events(container_id))


def test_as_the_kernels_tab_shows_it(ground: Ground) -> None:
    container_id, first, second = family(ground)
    shown = observe_process(first)
    assert shown is not None
    assert process_identity(shown.pid, shown.started_ns) == identify(first)
    ground.client.kill_process(container_id, process_identity(shown.pid, shown.started_ns), "TERM")
    assert until(lambda: children(ground, container_id) == [second])


def test_a_pid_that_is_anothers_by_now(ground: Ground) -> None:
    container_id, first, second = family(ground)
    before = identify(first)
    reused = ProcessIdentity(pid=first, start_time=before.start_time - 1, boot_id=before.boot_id)
    with pytest.raises(FailedPrecondition, match="has ended"):
        ground.client.kill_process(container_id, reused, "KILL")
    assert children(ground, container_id) == [first, second]


def test_a_process_of_somebody_else(ground: Ground) -> None:
    container_id, _, _ = family(ground)
    other = ground.run(STEADY, "other")
    with subprocess.Popen(["sleep", "1000"]) as ours:
        try:
            for pid in (ours.pid, other.pid, os.getpid()):
                with pytest.raises(FailedPrecondition, match="isn't one of"):
                    ground.client.kill_process(container_id, identify(pid), "KILL")
            assert ours.poll() is None
        finally:
            ours.kill()
    assert ground.view(other.id).status == "running"


async def test_the_engine_refuses_in_read_only_mode(ground: Ground) -> None:
    container_id, first, second = family(ground)
    shown = observe_process(first)
    assert shown is not None
    opened = open_engine(
        ground.locations.state_root, data_root=ground.locations.data_root, read_only=True
    )
    async with opened as engine:
        container = await engine.container(container_id)
        with pytest.raises(PermissionDenied):
            await container.kill_process(shown.pid, shown.started_ns, "KILL")
        with pytest.raises(PermissionDenied):
            await container.rename("other")
    assert children(ground, container_id) == [first, second]
