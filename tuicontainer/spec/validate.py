"""Rules that hold between fields, as a list of small checks.

Each raises InvalidArgument with the JSON path, the value and the rule.
Sources: config.md, config-linux.md; runc libcontainer/configs/validate/validator.go.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.fields import refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.spec.config import Config, IdMapping


def validate(config: Config) -> None:
    """Check all rules.

    Raises:
        InvalidArgument: the first rule that is broken.
    """
    for rule in RULES:
        rule(config)


def namespaces_are_unique(config: Config) -> None:
    """No type of namespace is listed twice (config-linux.md#namespaces)."""
    seen = set()
    for index, namespace in enumerate(config.linux.namespaces):
        if namespace.type in seen:
            raise refuse(
                f"linux.namespaces[{index}].type", namespace.type, "must not be given twice"
            )
        seen.add(namespace.type)


def mappings_are_pairs(config: Config) -> None:
    """Who maps users maps groups too.

    Without either a new user namespace gets the runtime's own ids; mappings without a user
    namespace mean nothing. Both are so with crun, the second with runc too, whose callers rely on
    it: engines write mappings for containers that don't use them.
    """
    linux = config.linux
    user = linux.namespace("user")
    if (
        user is None
        or user.path is not None
        or bool(linux.uid_mappings) == bool(linux.gid_mappings)
    ):
        return
    name = "gid" if linux.uid_mappings else "uid"
    raise InvalidArgument(
        f"`linux.{name}Mappings` is missing: a new user namespace must map some ids"
    )


def identity_is_mapped(config: Config) -> None:
    """The program's ids exist in the new user namespace; else setuid(2) fails with EINVAL."""
    linux, process = config.linux, config.process
    user = linux.namespace("user")
    if process is None or user is None or user.path is not None or not linux.uid_mappings:
        return
    for name, ids, mappings in (
        ("uid", (process.user.uid,), linux.uid_mappings),
        ("gid", (process.user.gid,), linux.gid_mappings),
        ("additionalGids", process.user.additional_gids, linux.gid_mappings),
    ):
        for value in ids:
            if not _is_mapped(value, mappings):
                raise refuse(f"process.user.{name}", value, "must be mapped in the user namespace")


def names_have_uts_namespace(config: Config) -> None:
    """Host and domain name are set in a namespace of the container, never on the host."""
    for name, value in (("hostname", config.hostname), ("domainname", config.domainname)):
        if value is not None and config.linux.namespace("uts") is None:
            raise refuse(name, value, "needs a `uts` namespace in `linux.namespaces`")


def time_offsets_have_new_namespace(config: Config) -> None:
    """Offsets can be set only before the first process is in the namespace."""
    if not config.linux.time_offsets:
        return
    time = config.linux.namespace("time")
    if time is None:
        raise InvalidArgument("`linux.timeOffsets` needs a `time` namespace in `linux.namespaces`")
    if time.path is not None:
        raise InvalidArgument("`linux.timeOffsets` must be absent when a time namespace is joined")


def sysctls_are_the_containers(config: Config) -> None:
    """No kernel parameter is one of the host's."""
    if config.linux.sysctl:
        from tuicontainer.spec.sysctl import sysctls_are_the_containers as check

        check(config)


def devices_are_unique(config: Config) -> None:
    """One path is one device."""
    seen = set()
    for index, device in enumerate(config.linux.devices):
        if device.path in seen:
            raise refuse(f"linux.devices[{index}].path", device.path, "must not be given twice")
        seen.add(device.path)


def mount_mappings_are_pairs(config: Config) -> None:
    """A mount that maps users maps groups too (config.md#mounts)."""
    for index, mount in enumerate(config.mounts):
        if bool(mount.uid_mappings) != bool(mount.gid_mappings):
            raise InvalidArgument(
                f"`mounts[{index}]` must have both `uidMappings` and `gidMappings` or neither"
            )


def swap_is_above_memory(config: Config) -> None:
    """`swap` counts memory and swap together, so it needs a memory limit and isn't below it."""
    memory = config.linux.resources.memory
    if memory is None or memory.swap is None or memory.swap == -1:
        return
    path = "linux.resources.memory.swap"
    if memory.limit is None or memory.limit == -1:
        raise refuse(path, memory.swap, "needs a limit in `linux.resources.memory.limit`")
    if memory.swap < memory.limit:
        raise refuse(path, memory.swap, f"must not be below the memory limit `{memory.limit}`")


def burst_is_below_quota(config: Config) -> None:
    """A group can save up at most one period's quota (cgroup-v1/sched-bwc.rst)."""
    cpu = config.linux.resources.cpu
    if cpu is None or not cpu.burst:
        return
    if cpu.quota is None or cpu.quota == -1 or cpu.burst > cpu.quota:
        raise refuse(
            "linux.resources.cpu.burst",
            cpu.burst,
            "must not be above a limit in `linux.resources.cpu.quota`",
        )


def _is_mapped(value: int, mappings: tuple[IdMapping, ...]) -> bool:
    return any(each.container_id <= value < each.container_id + each.size for each in mappings)


RULES: tuple[Callable[[Config], None], ...] = (
    namespaces_are_unique,
    mappings_are_pairs,
    identity_is_mapped,
    names_have_uts_namespace,
    time_offsets_have_new_namespace,
    sysctls_are_the_containers,
    devices_are_unique,
    mount_mappings_are_pairs,
    swap_is_above_memory,
    burst_is_below_quota,
)
