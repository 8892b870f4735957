"""What the kernel would say of a pretended container."""

from __future__ import annotations

from tuicontainer.observe.container import KernelView
from tuicontainer.observe.groups import GroupView
from tuicontainer.observe.mounts import MountView
from tuicontainer.observe.namespaces import IdMap, NamespaceView
from tuicontainer.observe.processes import ProcessView
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
