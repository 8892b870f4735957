"""Limits as writes: what each field becomes on v1 and on v2, in order."""

from __future__ import annotations

from operator import attrgetter

import pytest

from tuicontainer.errors import InvalidArgument, TuiContainerError, Unsupported
from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.v1 import plan as v1
from tuicontainer.runtime.cgroups.v2 import plan as v2
from tuicontainer.runtime.cgroups.writes import Write
from tuicontainer.spec.config import (
    BlockIo,
    Cpu,
    HugepageLimit,
    InterfacePriority,
    Memory,
    Network,
    Pids,
    RdmaLimit,
    Resources,
    ThrottleDevice,
    WeightDevice,
)


class Case(Record):
    """Limits, and the writes they become; None where they are refused."""

    name: str
    resources: Resources
    v1: tuple[str, ...] | None
    v2: tuple[str, ...] | None


CASES = [
    Case(name="nothing", resources=Resources(), v1=(), v2=()),
    Case(
        name="pids 0 is a limit",
        resources=Resources(pids=Pids(limit=0)),
        v1=("pids.max = 0",),
        v2=("pids.max = 0",),
    ),
    Case(
        name="pids without limit",
        resources=Resources(pids=Pids(limit=-1)),
        v1=("pids.max = max",),
        v2=("pids.max = max",),
    ),
    Case(
        name="cpu shares, bandwidth and burst",
        resources=Resources(cpu=Cpu(shares=512, quota=20_000, period=50_000, burst=10_000)),
        v1=(
            "cpu.shares = 512",
            "cpu.cfs_burst_us = 10000",
            "cpu.cfs_period_us = 50000",
            "cpu.cfs_quota_us = 20000",
        ),
        v2=("cpu.weight = 59", "cpu.max.burst = 10000", "cpu.max = 20000 50000"),
    ),
    Case(
        name="shares out of the kernel's range",
        resources=Resources(cpu=Cpu(shares=1)),
        v1=("cpu.shares = 2",),
        v2=("cpu.weight = 1",),
    ),
    Case(
        name="an idle group has no weight",
        resources=Resources(cpu=Cpu(shares=512, idle=1)),
        v1=("cpu.idle = 1",),
        v2=("cpu.idle = 1",),
    ),
    Case(
        name="a group that is no longer idle gets its weight after that",
        resources=Resources(cpu=Cpu(shares=1024, idle=0)),
        v1=("cpu.idle = 0", "cpu.shares = 1024"),
        v2=("cpu.idle = 0", "cpu.weight = 100"),
    ),
    Case(
        name="cpusets",
        resources=Resources(cpu=Cpu(cpus="0-3", mems="0")),
        v1=("cpuset.cpus = 0-3", "cpuset.mems = 0"),
        v2=("cpuset.cpus = 0-3", "cpuset.mems = 0"),
    ),
    Case(
        name="realtime",
        resources=Resources(cpu=Cpu(realtime_runtime=5000, realtime_period=100_000)),
        v1=("cpu.rt_period_us = 100000", "cpu.rt_runtime_us = 5000"),
        v2=None,
    ),
    Case(
        name="network class",
        resources=Resources(network=Network(class_id=1_048_577)),
        v1=("net_cls.classid = 1048577",),
        v2=None,
    ),
    Case(
        name="network priorities",
        resources=Resources(
            network=Network(
                priorities=(
                    InterfacePriority(name="eth0", priority=500),
                    InterfacePriority(name="lo", priority=0),
                )
            )
        ),
        v1=("net_prio.ifpriomap = eth0 500", "net_prio.ifpriomap = lo 0"),
        v2=None,
    ),
    Case(name="no network marks", resources=Resources(network=Network()), v1=(), v2=()),
    Case(
        name="rdma",
        resources=Resources(
            rdma=(
                RdmaLimit(device="mlx5_1", handles=3, objects=10_000),
                RdmaLimit(device="mlx4_0", objects=0),
            )
        ),
        v1=(
            "rdma.max = mlx5_1 hca_handle=3 hca_object=10000",
            "rdma.max = mlx4_0 hca_object=0",
        ),
        v2=(
            "rdma.max = mlx5_1 hca_handle=3 hca_object=10000",
            "rdma.max = mlx4_0 hca_object=0",
        ),
    ),
    Case(
        name="memory, swap and reservation",
        resources=Resources(memory=Memory(limit=100, swap=300, reservation=50)),
        v1=(
            "memory.limit_in_bytes = 100",
            "memory.memsw.limit_in_bytes = 300",
            "memory.soft_limit_in_bytes = 50",
        ),
        v2=("memory.swap.max = 200", "memory.max = 100", "memory.low = 50"),
    ),
    Case(
        name="memory without limit takes that of swap away",
        resources=Resources(memory=Memory(limit=-1)),
        v1=("memory.limit_in_bytes = -1", "memory.memsw.limit_in_bytes = -1"),
        v2=("memory.swap.max = max", "memory.max = max"),
    ),
    Case(
        name="swap below memory",
        resources=Resources(memory=Memory(limit=100, swap=50)),
        v1=None,
        v2=None,
    ),
    Case(
        name="swappiness",
        resources=Resources(memory=Memory(swappiness=0)),
        v1=("memory.swappiness = 0",),
        v2=None,
    ),
    Case(
        name="no OOM killer",
        resources=Resources(memory=Memory(disable_oom_killer=True)),
        v1=("memory.oom_control = 1",),
        v2=None,
    ),
    Case(
        name="the OOM killer as usual",
        resources=Resources(memory=Memory(disable_oom_killer=False)),
        v1=("memory.oom_control = 0",),
        v2=(),
    ),
    Case(
        name="memory of TCP buffers",
        resources=Resources(memory=Memory(kernel_tcp=7)),
        v1=("memory.kmem.tcp.limit_in_bytes = 7",),
        v2=None,
    ),
    Case(name="kernel memory", resources=Resources(memory=Memory(kernel=7)), v1=None, v2=None),
    Case(
        name="flat accounting",
        resources=Resources(memory=Memory(use_hierarchy=False)),
        v1=None,
        v2=None,
    ),
    Case(
        name="block I/O weights",
        resources=Resources(
            block_io=BlockIo(weight=100, weight_device=(WeightDevice(major=8, minor=0, weight=50),))
        ),
        v1=("blkio.bfq.weight = 100", "blkio.bfq.weight_device = 8:0 50"),
        v2=("io.bfq.weight = 100", "io.bfq.weight = 8:0 50"),
    ),
    Case(
        name="block I/O leaf weight",
        resources=Resources(block_io=BlockIo(leaf_weight=100)),
        v1=("blkio.leaf_weight = 100",),
        v2=None,
    ),
    Case(
        name="block I/O leaf weight of a device",
        resources=Resources(
            block_io=BlockIo(weight_device=(WeightDevice(major=8, minor=0, leaf_weight=9),))
        ),
        v1=("blkio.leaf_weight_device = 8:0 9",),
        v2=None,
    ),
    Case(
        name="block I/O throttles",
        resources=Resources(
            block_io=BlockIo(
                throttle_read_bps_device=(ThrottleDevice(major=8, minor=0, rate=1),),
                throttle_write_bps_device=(ThrottleDevice(major=8, minor=0, rate=2),),
                throttle_read_iops_device=(ThrottleDevice(major=8, minor=16, rate=3),),
                throttle_write_iops_device=(ThrottleDevice(major=8, minor=16, rate=0),),
            )
        ),
        v1=(
            "blkio.throttle.read_bps_device = 8:0 1",
            "blkio.throttle.write_bps_device = 8:0 2",
            "blkio.throttle.read_iops_device = 8:16 3",
            "blkio.throttle.write_iops_device = 8:16 0",
        ),
        v2=(
            "io.max = 8:0 rbps=1",
            "io.max = 8:0 wbps=2",
            "io.max = 8:16 riops=3",
            "io.max = 8:16 wiops=max",
        ),
    ),
    Case(
        name="huge pages",
        resources=Resources(hugepage_limits=(HugepageLimit(page_size="2MB", limit=4),)),
        v1=("hugetlb.2MB.limit_in_bytes = 4", "hugetlb.2MB.rsvd.limit_in_bytes = 4"),
        v2=("hugetlb.2MB.max = 4", "hugetlb.2MB.rsvd.max = 4"),
    ),
    Case(
        name="unified entries come last",
        resources=Resources(unified={"cpu.weight": "7"}, cpu=Cpu(shares=1024)),
        v1=None,
        v2=("cpu.weight = 100", "cpu.weight = 7"),
    ),
    Case(
        name="unified entries of memory come with memory",
        resources=Resources(unified={"memory.high": "9"}, memory=Memory(limit=10)),
        v1=None,
        v2=("memory.max = 10", "memory.high = 9"),
    ),
    Case(
        name="order of controllers",
        resources=Resources(
            cpu=Cpu(shares=1024, cpus="0"), pids=Pids(limit=1), block_io=BlockIo(weight=10)
        ),
        v1=("pids.max = 1", "blkio.bfq.weight = 10", "cpu.shares = 1024", "cpuset.cpus = 0"),
        v2=("pids.max = 1", "io.bfq.weight = 10", "cpu.weight = 100", "cpuset.cpus = 0"),
    ),
]


def plan_v1(resources: Resources) -> list[Write]:
    memory = [] if resources.memory is None else v1.plan_memory(resources.memory)
    return v1.plan_limits(resources) + memory


def plan_v2(resources: Resources) -> list[Write]:
    return v2.plan_limits(resources) + v2.plan_memory(resources)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_limits_become_writes(version: str, case: Case) -> None:
    plan, expected = (plan_v1, case.v1) if version == "v1" else (plan_v2, case.v2)
    if expected is None:
        with pytest.raises((Unsupported, InvalidArgument), match=r"`linux\.resources\."):
            plan(case.resources)
    else:
        assert tuple(write.describe() for write in plan(case.resources)) == expected


@pytest.mark.parametrize(
    "name",
    [
        "cgroup.procs",
        "cgroup.kill",
        "cgroup.freeze",
        "cgroup.subtree_control",
        "../x.max",
        "x",
        ".x",
    ],
)
def test_unified_names_that_are_no_limits_are_refused(name: str) -> None:
    with pytest.raises(TuiContainerError, match="unified"):
        plan_v2(Resources(unified={name: "1"}))


def test_weight_falls_back_to_the_cost_model_in_its_own_range() -> None:
    (write,) = plan_v2(Resources(block_io=BlockIo(weight=1000)))
    assert write.otherwise is not None
    assert write.otherwise.describe() == "io.weight = 10000"
    (old,) = plan_v1(Resources(block_io=BlockIo(weight=1000)))
    assert old.otherwise is not None
    assert old.otherwise.describe() == "blkio.weight = 1000"


def test_every_write_names_its_field_and_controller() -> None:
    for case in CASES:
        for plan, expected in ((plan_v1, case.v1), (plan_v2, case.v2)):
            for write in plan(case.resources) if expected is not None else ():
                assert write.field.startswith("linux.resources.")
                assert write.file.startswith(f"{write.controller}.")
