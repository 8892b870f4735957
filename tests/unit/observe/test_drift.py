"""Each kind of drift fires where it should and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tuicontainer.observe.container import KernelView
from tuicontainer.observe.drift import KINDS, find_drift
from tuicontainer.observe.mounts import MountView
from tuicontainer.observe.namespaces import IdMap, NamespaceView
from tuicontainer.observe.processes import ProcessView
from tuicontainer.runtime.cgroups.sample import CgroupSample, CpuSample, MemorySample, PidsSample
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document

OWN = ("pid", "network", "ipc", "uts", "mount", "user")


def asked() -> dict[str, Any]:
    """Return a configuration that uses every field that is compared."""
    document = default_document()
    document["linux"]["namespaces"] = [{"type": kind} for kind in OWN]
    document["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 1000, "size": 10}]
    document["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 1000, "size": 10}]
    document["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW"}
    document["linux"]["resources"] |= {
        "memory": {"limit": 10_000_000},
        "cpu": {"quota": 50_000, "period": 100_000},
        "pids": {"limit": 7},
    }
    document["process"]["oomScoreAdj"] = 5
    return document


def mount(target: str, *options: str, type: str = "tmpfs") -> MountView:
    return MountView(
        mount_id=1,
        parent_id=0,
        depth=1,
        target=target,
        type=type,
        source="none",
        root="/",
        options=options,
        super_options=("rw",),
        propagation="private",
        hidden=False,
    )


def as_asked(document: dict[str, Any]) -> KernelView:
    """Return what the kernel would say of a container that is exactly as configured."""
    process = document["process"]
    limits = process["rlimits"][0]
    return KernelView(
        pid=7,
        processes=(
            ProcessView(
                pid=7,
                inner_pid=1,
                parent=0,
                name="sh",
                args=("sh",),
                state="S",
                uid=1000,
                gid=1000,
                groups=(),
                threads=1,
                resident=0,
                cpu_ns=0,
                started_ns=0,
                capabilities={
                    name: tuple(process["capabilities"].get(name, ()))
                    for name in ("effective", "permitted", "inheritable", "bounding", "ambient")
                },
                no_new_privileges=True,
                seccomp="filter",
                seccomp_filters=1,
            ),
        ),
        namespaces=tuple(
            NamespaceView(type=kind, inode=number, host=kind not in OWN)
            for number, kind in enumerate((*OWN, "cgroup", "time"))
        ),
        uid_map=(IdMap(container_id=0, host_id=1000, size=10),),
        gid_map=(IdMap(container_id=0, host_id=1000, size=10),),
        mounts=(
            mount("/", "ro"),
            *(
                mount(each["destination"], *each.get("options", ()), type=each["type"])
                for each in document["mounts"]
            ),
            mount("/dev/null", "rw"),
            mount("/proc/kcore", "rw"),
            mount("/sys/fs/cgroup/memory", "rw", type="cgroup"),
        ),
        rlimits={limits["type"]: (limits["soft"], limits["hard"])},
        oom_score_adj=5,
    )


SAMPLE = CgroupSample(
    monotonic_ns=0,
    # The kernel has rounded the limit down to whole pages.
    memory=MemorySample(limit=10_000_000 // 4096 * 4096),
    cpu=CpuSample(quota_us=50_000, period_us=100_000),
    pids=PidsSample(limit=7),
)


def kinds(document: dict[str, Any], seen: KernelView, sample: CgroupSample = SAMPLE) -> list[str]:
    return [drift.kind for drift in find_drift(decode_config(document), seen, sample)]


def process_with(**changes: Any) -> Callable[[KernelView], KernelView]:
    return lambda seen: seen.replace(processes=(seen.processes[0].replace(**changes),))


def without_mount(target: str) -> Callable[[KernelView], KernelView]:
    return lambda seen: seen.replace(
        mounts=tuple(each for each in seen.mounts if each.target != target)
    )


def with_mount(new: MountView) -> Callable[[KernelView], KernelView]:
    return lambda seen: without_mount(new.target)(seen).replace(
        mounts=(*without_mount(new.target)(seen).mounts, new)
    )


def namespace(kind: str, *, host: bool) -> Callable[[KernelView], KernelView]:
    return lambda seen: seen.replace(
        namespaces=tuple(
            each.replace(host=host) if each.type == kind else each for each in seen.namespaces
        )
    )


def test_what_is_as_asked_has_none() -> None:
    document = asked()
    assert kinds(document, as_asked(document)) == []


ALL = ("CAP_KILL", "CAP_SYS_ADMIN")


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("namespace-shared", namespace("network", host=True)),
        ("namespace-own", namespace("cgroup", host=False)),
        ("mount-missing", without_mount("/dev/shm")),
        ("mount-unasked", with_mount(mount("/secret"))),
        ("mount-options", with_mount(mount("/dev/shm", "rw", "nodev", "noexec"))),
        ("root-writable", with_mount(mount("/", "rw"))),
        (
            "capability-extra",
            process_with(
                capabilities={
                    "effective": ("CAP_SYS_ADMIN",),
                    "permitted": (),
                    "inheritable": (),
                    "bounding": (),
                    "ambient": (),
                }
            ),
        ),
        ("privileges-gainable", process_with(no_new_privileges=False)),
        ("seccomp-missing", process_with(seccomp="disabled")),
        ("user", process_with(uid=1001)),
        ("user", process_with(gid=4)),
        ("rlimit", lambda seen: seen.replace(rlimits={"RLIMIT_NOFILE": (None, None)})),
        ("oom-score", lambda seen: seen.replace(oom_score_adj=0)),
    ],
)
def test_a_kind_fires_alone(kind: str, change: Callable[[KernelView], KernelView]) -> None:
    document = asked()
    assert kinds(document, change(as_asked(document))) == [kind]


@pytest.mark.parametrize(
    ("kind", "sample"),
    [
        ("memory-limit", SAMPLE.replace(memory=MemorySample(limit=None))),
        ("cpu-limit", SAMPLE.replace(cpu=CpuSample(quota_us=60_000, period_us=100_000))),
        ("pids-limit", SAMPLE.replace(pids=PidsSample(limit=8))),
    ],
)
def test_limits_are_compared(kind: str, sample: CgroupSample) -> None:
    document = asked()
    assert kinds(document, as_asked(document), sample) == [kind]


@pytest.mark.parametrize(
    "change",
    [
        process_with(capabilities=dict.fromkeys(("effective", "permitted"), ())),
        lambda seen: seen.replace(rlimits={"RLIMIT_NOFILE": (1, 1)}),
        with_mount(mount("/dev/console")),
    ],
)
def test_less_than_was_granted_is_none(change: Callable[[KernelView], KernelView]) -> None:
    document = asked()
    assert kinds(document, change(as_asked(document))) == []


def test_no_limit_asked_is_none_found() -> None:
    document = asked()
    document["linux"]["resources"] |= {"memory": {"limit": -1}, "cpu": {"quota": -1}}
    unlimited = SAMPLE.replace(memory=MemorySample(), cpu=CpuSample(period_us=100_000))
    assert kinds(document, as_asked(document), unlimited) == []


class Asked:
    """Another configuration, while the kernel stays as it was."""

    def __init__(self, *path: str, value: Any) -> None:
        self.path = path
        self.value = value

    def write(self, document: dict[str, Any]) -> None:
        *above, last = self.path
        for key in above:
            document = document[key]
        document[last] = self.value


HALF_A_CORE = {"quota": 25_000, "period": 50_000}


@pytest.mark.parametrize(
    ("kind", "change", "sample"),
    [
        ("namespace-shared", namespace("network", host=False), SAMPLE),
        ("namespace-own", namespace("cgroup", host=True), SAMPLE),
        ("mount-missing", with_mount(mount("/dev/shm", "nosuid", "noexec", "nodev")), SAMPLE),
        ("mount-unasked", with_mount(mount("/dev/console")), SAMPLE),
        ("mount-unasked", with_mount(mount("/secret").replace(hidden=True)), SAMPLE),
        (
            "mount-options",
            with_mount(mount("/dev/shm", "ro", "nosuid", "noexec", "nodev")),
            SAMPLE,
        ),
        ("root-writable", with_mount(mount("/", "ro", "nodev")), SAMPLE),
        (
            "capability-extra",
            process_with(capabilities={"effective": ("CAP_KILL",), "bounding": ()}),
            SAMPLE,
        ),
        ("privileges-gainable", process_with(no_new_privileges=True), SAMPLE),
        ("seccomp-missing", process_with(seccomp_filters=3), SAMPLE),
        ("user", process_with(groups=(7,)), SAMPLE),
        ("rlimit", lambda seen: seen.replace(rlimits={"RLIMIT_NOFILE": (1, 1)}), SAMPLE),
        ("rlimit", lambda seen: seen.replace(rlimits={"RLIMIT_CORE": (None, None)}), SAMPLE),
        ("oom-score", Asked("process", "oomScoreAdj", value=None), SAMPLE),
        (
            "memory-limit",
            Asked("linux", "resources", "memory", value={"limit": 10_000_000 // 4096 * 4096}),
            SAMPLE,
        ),
        ("cpu-limit", Asked("linux", "resources", "cpu", value=HALF_A_CORE), SAMPLE),
        (
            "pids-limit",
            Asked("linux", "resources", "pids", value={"limit": -1}),
            SAMPLE.replace(pids=PidsSample(limit=None)),
        ),
    ],
)
def test_a_kind_does_not_fire(
    kind: str, change: Callable[[KernelView], KernelView] | Asked, sample: CgroupSample
) -> None:
    document = asked()
    seen = as_asked(document)
    if isinstance(change, Asked):
        change.write(document)
    else:
        seen = change(seen)
    assert kind not in kinds(document, seen, sample)


def test_every_kind_is_tested_here() -> None:
    fires = [test_a_kind_fires_alone, test_limits_are_compared]
    for tests in (fires, [test_a_kind_does_not_fire]):
        marks = [mark for test in tests for mark in test.pytestmark]  # type: ignore[attr-defined]
        assert {case[0] for mark in marks for case in mark.args[1]} == set(KINDS)
