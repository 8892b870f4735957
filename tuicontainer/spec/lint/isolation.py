"""Rules on what is shared with the host: namespaces, kernel files, devices.

Sources: namespaces(7), config-linux.md, and those that each rule names.
"""

from __future__ import annotations

from tuicontainer.spec.lint.rule import CIS, Rule, has_own_users, is_hosts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Config, NamespaceType
    from tuicontainer.spec.lint.rule import Places, Severity

_WHERE = "linux.namespaces"
_HARMLESS = frozenset(
    {(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2), (10, 200), (10, 229)}
)
"""null zero full random urandom tty ptmx, and tun and fuse, which ask for rights of their own."""
_MASKED = (
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/timer_list",
    "/proc/scsi",
    "/sys/firmware",
)
_READONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")


def _shares(type_: NamespaceType, severity: Severity, meaning: str, source: str) -> Rule:
    def find(config: Config) -> Places:
        if is_hosts(config, type_):
            yield _WHERE, f"the host's {type_} namespace"

    return Rule(
        id=f"host-{type_}",
        severity=severity,
        meaning=meaning,
        remedy=f"add a namespace of type `{type_}` without the host's path",
        source=source,
        find=find,
    )


def _unmasked(config: Config) -> Places:
    missing = [path for path in _MASKED if not _covers(path, config.linux.masked_paths)]
    if missing and _mounts(config, "proc"):
        yield "linux.maskedPaths", f"without {' '.join(missing)}"


def _writable(config: Config) -> Places:
    covered = (*config.linux.readonly_paths, *config.linux.masked_paths)
    missing = [path for path in _READONLY if not _covers(path, covered)]
    if missing and _mounts(config, "proc") and not _is_readonly(config, "proc"):
        yield "linux.readonlyPaths", f"without {' '.join(missing)}"


def _covers(path: str, covered: tuple[str, ...]) -> bool:
    return any(path == each.rstrip("/") or path.startswith(f"{each}/") for each in covered)


def _mounts(config: Config, type_: str) -> bool:
    return any(mount.type == type_ for mount in config.mounts)


def _is_readonly(config: Config, type_: str) -> bool:
    return all("ro" in mount.options for mount in config.mounts if mount.type == type_)


def _writable_sysfs(config: Config) -> Places:
    for index, mount in enumerate(config.mounts):
        if mount.type == "sysfs" and "ro" not in mount.options and not has_own_users(config):
            yield f"mounts[{index}].options", f"{mount.destination} without ro"


def _writable_groups(config: Config) -> Places:
    for index, mount in enumerate(config.mounts):
        if mount.type in ("cgroup", "cgroup2") and "ro" not in mount.options:
            yield f"mounts[{index}].options", f"{mount.destination} without ro"


def _all_devices(config: Config) -> Places:
    open_ = None
    for index, rule in enumerate(config.linux.resources.devices):
        if rule.type == "a" or (rule.major is None and rule.minor is None):
            open_ = index if rule.allow else None
    if open_ is not None:
        yield f"linux.resources.devices[{open_}]", "everything is allowed"


def _host_devices(config: Config) -> Places:
    for index, device in enumerate(config.linux.devices):
        if device.type == "b":
            yield f"linux.devices[{index}]", f"block device {device.path}"
        elif device.type in ("c", "u") and (device.major, device.minor) not in _HARMLESS:
            yield f"linux.devices[{index}]", f"{device.path} ({device.major}:{device.minor})"


RULES = (
    _shares(
        "pid",
        "high",
        "It sees, and as the same user signals and reads, the processes of the host",
        f"{CIS} 5.15; pid_namespaces(7)",
    ),
    _shares(
        "network",
        "medium",
        "It reaches what listens on the host's loopback and in abstract sockets",
        f"{CIS} 5.9; CVE-2020-15257",
    ),
    _shares(
        "ipc",
        "medium",
        "It reaches shared memory and message queues of the host's programs",
        f"{CIS} 5.16; ipc_namespaces(7)",
    ),
    _shares(
        "mount",
        "high",
        "What it mounts is mounted on the host",
        "mount_namespaces(7); config-linux.md#namespaces",
    ),
    _shares(
        "uts",
        "low",
        "With the capability for it, it renames the host",
        f"{CIS} 5.20; uts_namespaces(7)",
    ),
    _shares(
        "cgroup",
        "low",
        "It sees the names of all control groups of the host",
        "cgroup_namespaces(7)",
    ),
    _shares(
        "user",
        "low",
        "User ids and capabilities are the host's: nothing is left if another barrier falls",
        f"{CIS} 5.30; user_namespaces(7)",
    ),
    Rule(
        id="paths-unmasked",
        severity="medium",
        meaning="Files of the kernel tell about, or change, the host's hardware and memory",
        remedy="list the paths in `linux.maskedPaths`, as `tuicontainer spec` does",
        source="config-linux.md#masked-paths; CVE-2017-16539; CVE-2018-10892",
        find=_unmasked,
    ),
    Rule(
        id="paths-writable",
        severity="medium",
        meaning="Parameters of the host's kernel can be written by the container's root",
        remedy="list the paths in `linux.readonlyPaths`, as `tuicontainer spec` does",
        source="config-linux.md#readonly-paths; CVE-2022-0811",
        find=_writable,
    ),
    Rule(
        id="sysfs-writable",
        severity="medium",
        meaning="The container's root can write to the host's drivers and devices",
        remedy="add `ro` to the mount's options",
        source=f"sysfs(5); {CIS} 5.5",
        find=_writable_sysfs,
    ),
    Rule(
        id="cgroup-writable",
        severity="medium",
        meaning="It can lift its own limits, and on cgroup v1 name a program for the host to run",
        remedy="add `ro` to the mount's options, unless it is an init that manages groups",
        source="CVE-2022-0492; cgroups(7); config-linux.md#cgroup-ownership",
        find=_writable_groups,
    ),
    Rule(
        id="device-all",
        severity="high",
        meaning="Every device of the host may be opened: disks and memory too",
        remedy='begin `linux.resources.devices` with {"allow": false, "access": "rwm"}',
        source=f"config-linux.md#allowed-device-list; {CIS} 5.4 and 5.17",
        find=_all_devices,
    ),
    Rule(
        id="device-host",
        severity="high",
        meaning="A device of the host is in the container",
        remedy="leave it out of `linux.devices`, or allow no more access than is needed",
        source=f"{CIS} 5.17; config-linux.md#devices",
        find=_host_devices,
    ),
)
