"""The OCI runtime configuration (`config.json`) as typed records.

Field names are the specification's in snake case. A field that is absent in the document is None
or empty here, and None always means "leave as it is". `decode` makes these from JSON.
Source: opencontainers/runtime-spec 1.3.0, config.md and config-linux.md.
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    from tuicontainer.spec.intel_rdt import IntelRdt
    from tuicontainer.spec.scheduling import ExecCpuAffinity, IoPriority, MemoryPolicy, Scheduler
    from tuicontainer.spec.seccomp import Seccomp

    NamespaceType = Literal["pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"]


class Root(Record):
    """The container's root filesystem (config.md#root)."""

    path: str
    readonly: bool = False


class IdMapping(Record):
    """A range of user or group ids (config-linux.md#user-namespace-mappings)."""

    container_id: int
    host_id: int
    size: int


class Mount(Record):
    """One mount, applied in listed order (config.md#mounts)."""

    destination: str
    type: str | None = None
    source: str | None = None
    options: tuple[str, ...] = ()
    uid_mappings: tuple[IdMapping, ...] = ()
    gid_mappings: tuple[IdMapping, ...] = ()


class User(Record):
    """Ids inside the container (config.md#posix-platform-user)."""

    uid: int = 0
    gid: int = 0
    umask: int | None = None
    additional_gids: tuple[int, ...] = ()
    keep_groups: bool = False
    """Leave the supplementary groups as the runtime has them, whatever `additional_gids` says."""


class Capabilities(Record):
    """The five capability sets, by name such as `CAP_KILL` (config.md#linux-process)."""

    bounding: tuple[str, ...] = ()
    effective: tuple[str, ...] = ()
    inheritable: tuple[str, ...] = ()
    permitted: tuple[str, ...] = ()
    ambient: tuple[str, ...] = ()


class Rlimit(Record):
    """A resource limit by its kernel name, such as `RLIMIT_NOFILE`."""

    type: str
    soft: int
    hard: int


class ConsoleSize(Record):
    """Size of the terminal in characters."""

    height: int
    width: int


class Process(Record):
    """The container's program (config.md#process)."""

    args: tuple[str, ...]
    cwd: str
    user: User = User()
    env: tuple[str, ...] = ()
    terminal: bool = False
    console_size: ConsoleSize | None = None
    capabilities: Capabilities | None = None
    rlimits: tuple[Rlimit, ...] = ()
    no_new_privileges: bool = False
    oom_score_adj: int | None = None
    scheduler: Scheduler | None = None
    io_priority: IoPriority | None = None
    exec_cpu_affinity: ExecCpuAffinity | None = None
    apparmor_profile: str | None = None
    selinux_label: str | None = None

    @property
    def is_scheduled(self) -> bool:
        """Whether it asks for a scheduling policy or disk priority."""
        return self.scheduler is not None or self.io_priority is not None

    @property
    def is_labelled(self) -> bool:
        """Whether it asks for a security label."""
        return self.apparmor_profile is not None or self.selinux_label is not None


class Hook(Record):
    """A program run at one point of the lifecycle (config.md#posix-platform-hooks)."""

    path: str
    args: tuple[str, ...] = ()
    env: tuple[str, ...] | None = None
    """None: the runtime's own, inside the container the program's."""
    timeout: int | None = None
    """Seconds."""


class Hooks(Record):
    """The six kinds of hooks, each in listed order."""

    prestart: tuple[Hook, ...] = ()
    create_runtime: tuple[Hook, ...] = ()
    create_container: tuple[Hook, ...] = ()
    start_container: tuple[Hook, ...] = ()
    poststart: tuple[Hook, ...] = ()
    poststop: tuple[Hook, ...] = ()


class Namespace(Record):
    """A namespace to make, or to join if it has a path (config-linux.md#namespaces)."""

    type: NamespaceType
    path: str | None = None


class TimeOffset(Record):
    """Offset of one clock in the time namespace."""

    secs: int = 0
    nanosecs: int = 0


class Device(Record):
    """A device node to make (config-linux.md#devices)."""

    path: str
    type: Literal["c", "b", "u", "p"]
    major: int = 0
    minor: int = 0
    file_mode: int | None = None
    uid: int | None = None
    gid: int | None = None


class DeviceRule(Record):
    """One entry of the device allow list; the last one that matches counts."""

    allow: bool
    type: Literal["a", "b", "c"] = "a"
    major: int | None = None
    minor: int | None = None
    access: str = "rwm"


class Memory(Record):
    """Memory limits in bytes; -1 means no limit."""

    limit: int | None = None
    reservation: int | None = None
    swap: int | None = None
    kernel: int | None = None
    kernel_tcp: int | None = None
    swappiness: int | None = None
    disable_oom_killer: bool | None = None
    use_hierarchy: bool | None = None
    check_before_update: bool = False


class Cpu(Record):
    """CPU limits; periods, quotas and bursts in microseconds, -1 means no limit."""

    shares: int | None = None
    quota: int | None = None
    burst: int | None = None
    period: int | None = None
    realtime_runtime: int | None = None
    realtime_period: int | None = None
    cpus: str | None = None
    mems: str | None = None
    idle: int | None = None


class WeightDevice(Record):
    """Block I/O weight of one device."""

    major: int
    minor: int
    weight: int | None = None
    leaf_weight: int | None = None


class ThrottleDevice(Record):
    """Bytes or operations a second for one device."""

    major: int
    minor: int
    rate: int


class BlockIo(Record):
    """Block I/O limits."""

    weight: int | None = None
    leaf_weight: int | None = None
    weight_device: tuple[WeightDevice, ...] = ()
    throttle_read_bps_device: tuple[ThrottleDevice, ...] = ()
    throttle_write_bps_device: tuple[ThrottleDevice, ...] = ()
    throttle_read_iops_device: tuple[ThrottleDevice, ...] = ()
    throttle_write_iops_device: tuple[ThrottleDevice, ...] = ()


class Pids(Record):
    """Limit on tasks; -1 means no limit, 0 is a limit."""

    limit: int


class HugepageLimit(Record):
    """Bytes of one huge page size, such as `2MB`."""

    page_size: str
    limit: int


class InterfacePriority(Record):
    """Priority of the container's traffic through one interface of its network namespace."""

    name: str
    priority: int


class Network(Record):
    """Marks of the container's traffic; cgroup v1 only."""

    class_id: int | None = None
    priorities: tuple[InterfacePriority, ...] = ()


class RdmaLimit(Record):
    """Limits of one RDMA device, at least one of them given."""

    device: str
    handles: int | None = None
    objects: int | None = None


class Resources(Record):
    """Control group limits (config-linux.md#control-groups)."""

    devices: tuple[DeviceRule, ...] = ()
    memory: Memory | None = None
    cpu: Cpu | None = None
    pids: Pids | None = None
    block_io: BlockIo | None = None
    hugepage_limits: tuple[HugepageLimit, ...] = ()
    network: Network | None = None
    rdma: tuple[RdmaLimit, ...] = ()
    unified: Mapping[str, str] = {}


class Linux(Record):
    """The Linux part of the configuration (config-linux.md)."""

    namespaces: tuple[Namespace, ...] = ()
    uid_mappings: tuple[IdMapping, ...] = ()
    gid_mappings: tuple[IdMapping, ...] = ()
    time_offsets: Mapping[str, TimeOffset] = {}
    devices: tuple[Device, ...] = ()
    cgroups_path: str | None = None
    resources: Resources = Resources()
    rootfs_propagation: str | None = None
    mount_label: str | None = None
    masked_paths: tuple[str, ...] = ()
    readonly_paths: tuple[str, ...] = ()
    sysctl: Mapping[str, str] = {}
    """By path below /proc/sys."""
    net_devices: Mapping[str, str] = {}
    """Network interfaces to move in: their names inside by those outside."""
    personality: str | None = None
    memory_policy: MemoryPolicy | None = None
    intel_rdt: IntelRdt | None = None
    seccomp: Seccomp | None = None

    def namespace(self, type_: NamespaceType) -> Namespace | None:
        """Return the entry of this type, or None if the container shares the runtime's."""
        for namespace in self.namespaces:
            if namespace.type == type_:
                return namespace
        return None

    @property
    def shares_mounts(self) -> bool:
        """Whether the mount namespace isn't one made for the container."""
        namespace = self.namespace("mount")
        return namespace is None or namespace.path is not None


class Config(Record):
    """A whole, checked config.json."""

    oci_version: str
    root: Root
    mounts: tuple[Mount, ...] = ()
    process: Process | None = None
    hostname: str | None = None
    domainname: str | None = None
    hooks: Hooks = Hooks()
    annotations: Mapping[str, str] = {}
    linux: Linux = Linux()
    document: Mapping[str, Any] = {}
    """The JSON document these records were made from."""
