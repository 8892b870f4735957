"""What the kernel would say of a pretended container."""

from __future__ import annotations

from tuicontainer.observe.container import KernelView
from tuicontainer.observe.groups import GroupView
from tuicontainer.observe.mounts import MountView
from tuicontainer.observe.namespaces import IdMap, NamespaceView
from tuicontainer.observe.processes import ProcessView
from tuicontainer.supervise.timelines import HookStep, Operation, Step
from tuicontainer.supervise.views import ContainerView

_OWN = ("mount", "pid", "network", "ipc", "uts", "cgroup")
_FIRST_INODE = 4026531834


def pretended_groups(view: ContainerView, memory_limit: int | None) -> tuple[GroupView, ...]:
    """Return the group of version 2 that a container with this limit would have."""
    return (
        GroupView(
            hierarchy="v2",
            path=f"/tuicontainer/c/{view.id}",
            depth=0,
            processes=1,
            controllers=("cpu", "memory", "pids"),
            limits={
                "cpu.max": "max 100000",
                "memory.max": "max" if memory_limit is None else str(memory_limit),
            },
        ),
    )


def pretended_timeline(view: ContainerView) -> tuple[Operation, ...]:
    """Return a create with one hook, and a start if the container was started."""
    create = Operation(
        operation="create",
        instance=view.instance,
        began_ns=view.created_ns,
        duration_us=9_000,
        steps=(
            Step(step="plan", process="runtime", start_us=0, duration_us=700),
            Step(step="cgroup", process="runtime", start_us=700, duration_us=800),
            Step(step="namespaces", process="runtime", start_us=1_500, duration_us=1_000),
            Step(step="isolate", process="init", start_us=2_500, duration_us=500),
            Step(step="wait for init", process="runtime", start_us=2_500, duration_us=6_300),
            Step(step="mount proc", process="init", start_us=3_000, duration_us=900),
            Step(step="createContainer hooks", process="init", start_us=3_900, duration_us=3_400),
            Step(step="pivot", process="init", start_us=7_300, duration_us=600),
            Step(step="state", process="runtime", start_us=8_800, duration_us=200),
        ),
        hooks=(
            HookStep(
                kind="createContainer",
                index=0,
                path="/hooks/prepare",
                start_us=4_000,
                duration_us=3_200,
                status=0,
                stderr="nothing to prepare\n",
            ),
        ),
    )
    if view.started_ns is None:
        return (create,)
    start = Operation(
        operation="start",
        instance=view.instance,
        began_ns=view.started_ns,
        duration_us=600,
        steps=(
            Step(step="state", process="runtime", start_us=0, duration_us=350),
            Step(step="exec", process="runtime", start_us=350, duration_us=250),
        ),
    )
    return (create, start)


def pretended_kernel(view: ContainerView) -> KernelView:
    """Return one process in namespaces of its own, with one mount and few capabilities."""
    held = ("CAP_KILL", "CAP_NET_BIND_SERVICE")
    process = ProcessView(
        pid=view.pid,
        inner_pid=1,
        parent=0,
        name=view.args[0].rpartition("/")[2] if view.args else "program",
        args=view.args,
        state="S",
        uid=0,
        gid=0,
        groups=(),
        threads=1,
        resident=1 << 20,
        cpu_ns=10_000_000,
        started_ns=1_000_000_000,
        capabilities={
            "effective": held,
            "permitted": held,
            "inheritable": (),
            "bounding": held,
            "ambient": (),
        },
        no_new_privileges=True,
        seccomp="disabled",
        seccomp_filters=0,
    )
    return KernelView(
        pid=view.pid,
        processes=(process,),
        namespaces=tuple(
            NamespaceView(type=kind, inode=_FIRST_INODE + number, host=kind not in _OWN)
            for number, kind in enumerate(("user", *_OWN, "time"))
        ),
        uid_map=(IdMap(container_id=0, host_id=0, size=2**32 - 1),),
        gid_map=(IdMap(container_id=0, host_id=0, size=2**32 - 1),),
        mounts=(
            MountView(
                mount_id=2,
                parent_id=1,
                depth=0,
                target="/",
                type="ext4",
                source="/dev/vda",
                root=view.rootfs,
                options=("rw", "relatime"),
                super_options=("rw",),
                propagation="private",
                hidden=False,
            ),
        ),
        rlimits={"RLIMIT_NOFILE": (1024, 1024)},
        oom_score_adj=0,
    )
