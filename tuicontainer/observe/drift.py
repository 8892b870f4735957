"""Where a running container differs from its configuration: what was asked, what the kernel has.

A process may give up privileges by itself, so having less than the configuration grants is no
drift; having more is. Each kind has an id that scripts and people can name.
Source: config.md and config-linux.md of the runtime specification, for what each field promises.
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.observe.container import KernelView
    from tuicontainer.observe.mounts import MountView
    from tuicontainer.observe.namespaces import IdMap
    from tuicontainer.observe.processes import ProcessView
    from tuicontainer.runtime.cgroups.sample import CgroupSample
    from tuicontainer.spec.config import Config

KINDS = {
    "namespace-shared": "It shares a namespace that should be its own (config-linux.md#namespaces)",
    "namespace-own": "It is in a namespace of its own unasked (config-linux.md#namespaces)",
    "mount-missing": "A configured mount isn't there (config.md#mounts)",
    "mount-unasked": "Something is mounted that nobody configured (config.md#mounts)",
    "mount-options": "A mount lacks a protection that was asked for (config.md#mounts)",
    "root-writable": "The root file system can be written to (config.md#root)",
    "capability-extra": "A set holds more than was granted (config.md#linux-process)",
    "privileges-gainable": "no_new_privs is off (config.md#linux-process)",
    "seccomp-missing": "No system call filter is loaded (config-linux.md#seccomp)",
    "user": "It runs as another user or group (config.md#posix-platform-user)",
    "rlimit": "A resource limit is looser (config.md#posix-process)",
    "oom-score": "The OOM killer treats it differently (config.md#linux-process)",
    "memory-limit": "The memory limit is another (config-linux.md#memory)",
    "cpu-limit": "The CPU limit is another (config-linux.md#cpu)",
    "pids-limit": "The limit on processes is another (config-linux.md#pids)",
}
"""Every kind of drift, and what it means."""

_PROTECTIONS = ("ro", "nosuid", "nodev", "noexec")
_OWN_NAMESPACES = ("user", "mount", "pid", "network", "ipc", "uts", "cgroup", "time")
_PAGE = 4096
_QUOTA_PERIOD_US = 100_000


class Drift(Record):
    """One difference."""

    kind: str
    """A key of KINDS."""
    where: str
    """The JSON path of the field in config.json."""
    wanted: str
    found: str


def find_drift(
    config: Config, seen: KernelView, sample: CgroupSample | None = None
) -> tuple[Drift, ...]:
    """Return every difference between a container's configuration and what the kernel has.

    Args:
        config: the container's snapshot.
        seen: what the kernel says now.
        sample: its control group; None if it has none.
    """
    found = [*_namespaces(config, seen), *_mounts(config, seen)]
    if seen.process is not None and config.process is not None:
        found += _process(config, seen, seen.process)
    if sample is not None:
        found += _limits(config, sample)
    return tuple(found)


def _namespaces(config: Config, seen: KernelView) -> Iterator[Drift]:
    where = "linux.namespaces"
    for namespace in seen.namespaces:
        if namespace.type not in _OWN_NAMESPACES:
            continue
        wanted = config.linux.namespace(namespace.type)  # type: ignore[arg-type]
        if wanted is not None and wanted.path is None and namespace.host:
            yield Drift(
                kind="namespace-shared", where=where, wanted=namespace.type, found="the host's"
            )
        elif wanted is None and not namespace.host:
            yield Drift(
                kind="namespace-own",
                where=where,
                wanted=f"the host's {namespace.type}",
                found=f"{namespace.type}:[{namespace.inode}]",
            )


def _mounts(config: Config, seen: KernelView) -> Iterator[Drift]:
    visible = {mount.target: mount for mount in seen.mounts if not mount.hidden}
    root = visible.get("/")
    if root is not None and config.root.readonly and "ro" not in root.options:
        yield Drift(kind="root-writable", where="root.readonly", wanted="ro", found="rw")
    asked = set()
    for index, mount in enumerate(config.mounts):
        target = "/" + mount.destination.strip("/")
        asked.add(target)
        where = f"mounts[{index}]"
        present = visible.get(target)
        if present is None:
            yield Drift(kind="mount-missing", where=where, wanted=target, found="nothing")
            continue
        lacking = [
            word
            for word in _PROTECTIONS
            if word in mount.options and word not in (*present.options, *present.super_options)
        ]
        if lacking:
            yield Drift(
                kind="mount-options",
                where=f"{where}.options",
                wanted=f"{target} {','.join(lacking)}",
                found=",".join(present.options),
            )
    for target, mount_view in visible.items():
        if target not in asked and not _is_ours(config, mount_view):
            yield Drift(
                kind="mount-unasked",
                where="mounts",
                wanted="nothing",
                found=f"{mount_view.type} on {target}",
            )


def _is_ours(config: Config, mount: MountView) -> bool:
    """Return whether the runtime mounts this by itself.

    The root, device nodes and the console below /dev, what covers masked and read-only paths, and
    on cgroup v1 a mount for each controller.
    """
    target = mount.target
    covered = (*config.linux.masked_paths, *config.linux.readonly_paths)
    groups = [
        entry.destination.rstrip("/") + "/" for entry in config.mounts if entry.type == "cgroup"
    ]
    return (
        target == "/"
        or target.startswith("/dev/")
        or target in covered
        or (mount.type in ("cgroup", "cgroup2") and target.startswith(tuple(groups)))
    )


def _process(config: Config, seen: KernelView, process: ProcessView) -> Iterator[Drift]:
    wanted = config.process
    assert wanted is not None
    granted = dict(wanted.capabilities.items()) if wanted.capabilities is not None else {}
    for name, held in process.capabilities.items():
        extra = [each for each in held if each not in granted.get(name, ())]
        if extra:
            yield Drift(
                kind="capability-extra",
                where=f"process.capabilities.{name}",
                wanted=f"{len(granted.get(name, ()))} capabilities",
                found=f"also {' '.join(extra)}",
            )
    if wanted.no_new_privileges and not process.no_new_privileges:
        yield Drift(
            kind="privileges-gainable",
            where="process.noNewPrivileges",
            wanted="true",
            found="false",
        )
    if config.linux.seccomp is not None and process.seccomp != "filter":
        yield Drift(
            kind="seccomp-missing", where="linux.seccomp", wanted="filter", found=process.seccomp
        )
    ids = (_inside(seen.uid_map, process.uid), _inside(seen.gid_map, process.gid))
    if ids != (wanted.user.uid, wanted.user.gid):
        yield Drift(
            kind="user",
            where="process.user",
            wanted=f"{wanted.user.uid}:{wanted.user.gid}",
            found=":".join("unmapped" if each is None else str(each) for each in ids),
        )
    for limit in wanted.rlimits:
        soft, hard = seen.rlimits.get(limit.type, (limit.soft, limit.hard))
        if _looser(soft, limit.soft) or _looser(hard, limit.hard):
            yield Drift(
                kind="rlimit",
                where="process.rlimits",
                wanted=f"{limit.type} {limit.soft}:{limit.hard}",
                found=f"{_shown(soft)}:{_shown(hard)}",
            )
    if wanted.oom_score_adj is not None and seen.oom_score_adj != wanted.oom_score_adj:
        yield Drift(
            kind="oom-score",
            where="process.oomScoreAdj",
            wanted=str(wanted.oom_score_adj),
            found=str(seen.oom_score_adj),
        )


def _limits(config: Config, sample: CgroupSample) -> Iterator[Drift]:
    resources = config.linux.resources
    memory = resources.memory.limit if resources.memory is not None else None
    # The kernel counts in pages.
    if memory is not None and _shown_limit(memory, _PAGE) != _shown_limit(
        sample.memory.limit, _PAGE
    ):
        yield Drift(
            kind="memory-limit",
            where="linux.resources.memory.limit",
            wanted=_shown_limit(memory),
            found=_shown_limit(sample.memory.limit),
        )
    cpu = resources.cpu
    if cpu is not None and cpu.quota is not None:
        wanted = _cores(cpu.quota, cpu.period)
        found = _cores(sample.cpu.quota_us, sample.cpu.period_us)
        if wanted != found:
            yield Drift(
                kind="cpu-limit", where="linux.resources.cpu.quota", wanted=wanted, found=found
            )
    if resources.pids is not None:
        tasks = _shown_limit(resources.pids.limit)
        if tasks != _shown_limit(sample.pids.limit):
            yield Drift(
                kind="pids-limit",
                where="linux.resources.pids.limit",
                wanted=tasks,
                found=_shown_limit(sample.pids.limit),
            )


def _inside(ranges: tuple[IdMap, ...], host_id: int) -> int | None:
    """Return the id that the container knows an id of ours by."""
    for each in ranges:
        if each.host_id <= host_id < each.host_id + each.size:
            return host_id - each.host_id + each.container_id
    return None


def _looser(found: int | None, wanted: int) -> bool:
    # RLIM_INFINITY is the highest number; /proc calls it `unlimited`.
    return wanted < 2**64 - 1 if found is None else found > wanted


def _shown(limit: int | None) -> str:
    return "unlimited" if limit is None else str(limit)


def _shown_limit(limit: int | None, unit: int = 1) -> str:
    return "unlimited" if limit is None or limit < 0 else str(limit // unit * unit)


def _cores(quota: int | None, period: int | None) -> str:
    if quota is None or quota <= 0:
        return "unlimited"
    return f"{quota / (period or _QUOTA_PERIOD_US):.3g} cores"
