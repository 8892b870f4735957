"""What every `Cgroup` promises about limits and counters, in memory and in the kernel."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.contracts.cgroups.worlds import BASE, FakeWorld, World, need
from tuicontainer.errors import FailedPrecondition, InvalidArgument, NotFound, Unsupported
from tuicontainer.runtime.cgroups.api import Cgroup
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.spec.config import BlockIo, Cpu, Memory, Pids, Resources

MIB = 1024 * 1024


@pytest.fixture
def group(world: World) -> Cgroup:
    return world.made(f"{BASE}/c/web-1")


def test_nothing_asked_for_limits_nothing(group: Cgroup) -> None:
    group.limit(Resources())
    group.limit_memory(Resources())
    sample = group.sample()
    assert sample.memory.limit is None
    assert sample.pids.limit is None
    assert sample.cpu.quota_us is None


@pytest.mark.parametrize(("limit", "expected"), [(0, 0), (1, 1), (100, 100), (-1, None)])
def test_pids(world: World, group: Cgroup, limit: int, expected: int | None) -> None:
    need(world, "pids")
    group.limit(Resources(pids=Pids(limit=7)))
    group.limit(Resources(pids=Pids(limit=limit)))
    assert group.sample().pids.limit == expected


@pytest.mark.parametrize(
    ("cpu", "expected"),
    [
        (Cpu(quota=50_000), (50_000, 100_000)),
        (Cpu(quota=50_000, period=200_000), (50_000, 200_000)),
        (Cpu(quota=20_000, period=10_000, burst=20_000), (20_000, 10_000)),
        (Cpu(quota=-1), (None, 100_000)),
        (Cpu(shares=512), (None, 100_000)),
        (Cpu(idle=1, shares=512), (None, 100_000)),
    ],
)
def test_cpu(world: World, group: Cgroup, cpu: Cpu, expected: tuple[int | None, int]) -> None:
    need(world, "cpu")
    group.limit(Resources(cpu=cpu))
    sample = group.sample().cpu
    assert (sample.quota_us, sample.period_us) == expected


def test_a_quota_and_its_burst_can_shrink_and_grow(world: World, group: Cgroup) -> None:
    need(world, "cpu")
    for quota, burst in ((80_000, 80_000), (10_000, 5_000), (90_000, 85_000)):
        group.limit(Resources(cpu=Cpu(quota=quota, period=100_000, burst=burst)))
        assert group.sample().cpu.quota_us == quota


def test_memory_and_swap_can_grow_and_shrink_together(world: World, group: Cgroup) -> None:
    need(world, "memory")
    for limit, swap in ((64, 96), (256, 512), (32, 48), (512, 512)):
        memory = Memory(limit=limit * MIB, swap=swap * MIB)
        group.limit_memory(Resources(memory=memory))
        sample = group.sample().memory
        assert sample.limit == limit * MIB
        assert sample.swap_limit in {(swap - limit) * MIB, None}
    group.limit_memory(Resources(memory=Memory(limit=-1)))
    assert group.sample().memory.limit is None


def test_memory_without_swap_limit(world: World, group: Cgroup) -> None:
    need(world, "memory")
    group.limit_memory(Resources(memory=Memory(limit=64 * MIB, swap=-1, reservation=32 * MIB)))
    sample = group.sample().memory
    assert sample.limit == 64 * MIB
    assert sample.swap_limit is None


@pytest.mark.parametrize(
    ("resources", "field"),
    [
        (Resources(memory=Memory(kernel=MIB)), "memory.kernel"),
        (Resources(memory=Memory(use_hierarchy=False)), "memory.useHierarchy"),
        (Resources(block_io=BlockIo(leaf_weight=100)), "blockIO.leafWeight"),
    ],
)
def test_what_no_kernel_of_today_has_is_refused_by_name(
    world: World, group: Cgroup, resources: Resources, field: str
) -> None:
    need(world, "memory", "cpu", *(() if world.has("io") else ("blkio",)))
    apply = group.limit if resources.memory is None else group.limit_memory
    with pytest.raises(Unsupported, match=field):
        apply(resources)


@pytest.mark.parametrize("field", ["realtime_runtime", "realtime_period"])
def test_realtime_is_refused_by_name_where_the_kernel_has_none(
    world: World, group: Cgroup, field: str
) -> None:
    need(world, "cpu")
    if realtime_file(world, "") is not None:
        pytest.skip("this kernel schedules realtime tasks by group")
    with pytest.raises(Unsupported, match=r"cpu\.realtime"):
        group.limit(Resources(cpu=Cpu(**{field: 1000})))


def test_realtime_is_given_out_of_what_the_groups_above_have(world: World, group: Cgroup) -> None:
    need(world, "cpu")
    cpu = Cpu(realtime_period=500_000, realtime_runtime=2_000)
    own = realtime_file(world, group.path)
    if own is None:
        pytest.skip("no v1 `cpu` with realtime scheduling by group (CONFIG_RT_GROUP_SCHED)")
    with pytest.raises(InvalidArgument, match="realtimeRuntime") as caught:
        group.limit(Resources(cpu=cpu))
    assert "each group above" in caught.value.hint
    for path in (BASE, f"{BASE}/c"):
        above = realtime_file(world, path)
        assert above is not None
        Path(above).write_text("5000")
    group.limit(Resources(cpu=cpu))
    assert Path(own).read_text() == "2000\n"


def realtime_file(world: World, path: str) -> str | None:
    """Return the path of a group's budget file in v1's `cpu`, if there is such a thing."""
    if world.name not in {"v1", "hybrid"}:
        return None
    for mount in read_hierarchies().v1_mounts:
        file = f"{mount.mountpoint}{path}/cpu.rt_runtime_us"
        if "cpu" in mount.controllers and os.path.exists(file):
            return file
    return None


def test_an_update_leaves_alone_what_it_does_not_name(world: World, group: Cgroup) -> None:
    need(world, "cpu", "pids", "memory")
    group.limit(Resources(cpu=Cpu(quota=20_000, period=50_000), pids=Pids(limit=50)))
    group.limit_memory(Resources(memory=Memory(limit=64 * MIB, swap=96 * MIB)))
    before = group.sample()
    group.update(Resources())
    after = group.sample()
    assert (after.cpu.quota_us, after.pids, after.memory.limit) == (
        before.cpu.quota_us,
        before.pids,
        before.memory.limit,
    )
    group.update(Resources(cpu=Cpu(quota=10_000)))
    group.update(Resources(pids=Pids(limit=60)))
    sample = group.sample()
    assert (sample.cpu.quota_us, sample.cpu.period_us) == (10_000, 50_000)
    assert sample.pids.limit == 60
    group.update(Resources(cpu=Cpu(period=100_000)))
    sample = group.sample()
    assert (sample.cpu.quota_us, sample.cpu.period_us) == (10_000, 100_000)
    assert sample.memory.limit == 64 * MIB
    group.update(Resources(memory=Memory(swap=128 * MIB)))
    sample = group.sample()
    assert sample.memory.limit == 64 * MIB
    assert sample.memory.swap_limit in {64 * MIB, None}


def test_an_update_with_one_bad_value_changes_nothing(world: World, group: Cgroup) -> None:
    need(world, "pids", "memory")
    group.limit(Resources(pids=Pids(limit=50)))
    with pytest.raises(Unsupported, match=r"memory\.useHierarchy"):
        group.update(Resources(pids=Pids(limit=60), memory=Memory(use_hierarchy=False)))
    assert group.sample().pids.limit == 50


def test_an_update_below_what_is_in_use_is_refused_if_that_is_asked_for(
    world: World, group: Cgroup
) -> None:
    need(world, "pids", "memory")
    if isinstance(world, FakeWorld):
        pytest.skip("a fake process uses no memory")
    world.spawn_in(group)
    memory = Memory(limit=4096, check_before_update=True)
    with pytest.raises(FailedPrecondition, match="bytes are in use"):
        group.update(Resources(pids=Pids(limit=60), memory=memory))
    assert group.sample().memory.limit is None
    assert group.sample().pids.limit is None


def test_updating_a_group_that_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        world.group(f"{BASE}/c/none").update(Resources(pids=Pids(limit=60)))


def test_a_sampler_reads_until_the_group_is_gone(world: World, group: Cgroup) -> None:
    sampler = group.open_sampler()
    first, second = sampler.sample(), sampler.sample()
    assert second.monotonic_ns > first.monotonic_ns
    group.kill(signal.SIGKILL)
    group.remove()
    with pytest.raises(NotFound):
        sampler.sample()
    sampler.close()
    sampler.close()


def test_tasks_are_counted(world: World, group: Cgroup) -> None:
    need(world, "pids")
    with group.open_sampler() as sampler:
        before = sampler.sample().pids.current
        assert before == len(group.processes())
        group.attach(world.spawn())
        group.attach(world.spawn())
        assert sampler.sample().pids.current == before + 2
