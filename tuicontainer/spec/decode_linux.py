"""The `linux` object: namespaces, mappings, devices, paths.

Sources: config-linux.md; mknod(2); time_namespaces(7).
"""

from __future__ import annotations

from tuicontainer.spec.config import Device, Linux, Namespace, Resources, TimeOffset
from tuicontainer.spec.decode_mounts import decode_mappings
from tuicontainer.spec.decode_resources import decode_resources
from tuicontainer.spec.fields import ID, INT64, PATH_MAX, check_absolute, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from tuicontainer.spec.config import NamespaceType
    from tuicontainer.spec.fields import Fields
    from tuicontainer.spec.intel_rdt import IntelRdt
    from tuicontainer.spec.scheduling import MemoryPolicy
    from tuicontainer.spec.seccomp import Seccomp

NAMESPACES: tuple[NamespaceType, ...] = (
    "pid",
    "network",
    "mount",
    "ipc",
    "uts",
    "user",
    "cgroup",
    "time",
)
DEVICE_TYPES: tuple[Literal["c", "b", "u", "p"], ...] = ("c", "b", "u", "p")
CLOCKS = ("monotonic", "boottime")
PROPAGATIONS = (
    "private",
    "shared",
    "slave",
    "unbindable",
    # Not in the specification, but runc takes them and engines write them.
    "rprivate",
    "rshared",
    "rslave",
    "runbindable",
)

DEVICE_MAJOR = (0, 2**12 - 1)
"""Twelve bits in the kernel (include/linux/kdev_t.h)."""
DEVICE_MINOR = (0, 2**20 - 1)
_FILE_MODE = (0, 0o177777)
"""A whole `st_mode`: podman and others pass on what stat(2) said, file type and all."""
_PERMISSIONS = 0o7777
_NANOSECONDS = (0, 10**9 - 1)


def decode_linux(fields: Fields) -> Linux:
    """Return the Linux part of the configuration."""
    resources = fields.object("resources")
    return Linux(
        namespaces=tuple(
            Namespace(type=entry.need_one_of("type", NAMESPACES), path=entry.absolute("path"))
            for entry in fields.objects("namespaces")
        ),
        uid_mappings=decode_mappings(fields, "uidMappings"),
        gid_mappings=decode_mappings(fields, "gidMappings"),
        time_offsets=_time_offsets(fields.object("timeOffsets")),
        devices=tuple(_device(entry) for entry in fields.objects("devices")),
        cgroups_path=_cgroups_path(fields),
        resources=Resources() if resources is None else decode_resources(resources),
        rootfs_propagation=fields.one_of("rootfsPropagation", PROPAGATIONS),
        mount_label=fields.line("mountLabel"),
        masked_paths=fields.absolutes("maskedPaths"),
        readonly_paths=fields.absolutes("readonlyPaths"),
        sysctl=_sysctl(fields),
        net_devices=_net_devices(fields),
        personality=_personality(fields.object("personality")),
        memory_policy=_memory_policy(fields.object("memoryPolicy")),
        intel_rdt=_intel_rdt(fields.object("intelRdt")),
        seccomp=_seccomp(fields.object("seccomp")),
    )


def _sysctl(fields: Fields) -> dict[str, str]:
    if not fields.get("sysctl"):
        return fields.text_map("sysctl")
    from tuicontainer.spec.sysctl import decode_sysctl  # most bundles set none

    return decode_sysctl(fields)


def _net_devices(fields: Fields) -> dict[str, str]:
    if not fields.get("netDevices"):
        return {}
    from tuicontainer.spec.network_devices import decode_network_devices  # rare

    return decode_network_devices(fields)


def _personality(fields: Fields | None) -> str | None:
    if fields is None:
        return None
    from tuicontainer.spec.decode_scheduling import decode_personality  # rare

    return decode_personality(fields)


def _memory_policy(fields: Fields | None) -> MemoryPolicy | None:
    if fields is None:
        return None
    from tuicontainer.spec.decode_scheduling import decode_memory_policy  # rare

    return decode_memory_policy(fields)


def _intel_rdt(fields: Fields | None) -> IntelRdt | None:
    if fields is None:
        return None
    from tuicontainer.spec.intel_rdt import decode_intel_rdt  # few hosts can do it

    return decode_intel_rdt(fields)


def _seccomp(fields: Fields | None) -> Seccomp | None:
    if fields is None:
        return None
    from tuicontainer.spec.decode_seccomp import decode_seccomp  # most bundles have no profile

    return decode_seccomp(fields)


def _time_offsets(fields: Fields | None) -> dict[str, TimeOffset]:
    if fields is None:
        return {}
    offsets: dict[str, TimeOffset] = {}
    for clock in fields.names():
        if clock not in CLOCKS:
            raise refuse(fields.path, clock, f"must be one of {', '.join(CLOCKS)}")
        entry = fields.object(clock)
        if entry is not None:
            offsets[clock] = TimeOffset(
                secs=entry.integer("secs", INT64) or 0,
                nanosecs=entry.integer("nanosecs", _NANOSECONDS) or 0,
            )
    return offsets


def _device(fields: Fields) -> Device:
    type_ = fields.need_one_of("type", DEVICE_TYPES)
    numbers = {}
    if type_ != "p":
        numbers["major"] = fields.need_integer("major", DEVICE_MAJOR)
        numbers["minor"] = fields.need_integer("minor", DEVICE_MINOR)
    mode = fields.integer("fileMode", _FILE_MODE)
    return Device(
        path=check_absolute(fields.at("path"), fields.need_text("path")),
        type=type_,
        file_mode=None if mode is None else mode & _PERMISSIONS,
        uid=fields.integer("uid", ID),
        gid=fields.integer("gid", ID),
        **numbers,
    )


def _cgroups_path(fields: Fields) -> str | None:
    path = fields.text("cgroupsPath")
    if path is None:
        return None
    # `..` would lead out of the place that the engine gave the container.
    if ".." in path.split("/"):
        raise refuse(fields.at("cgroupsPath"), path, "must not contain `..`")
    if "\n" in path or len(path) >= PATH_MAX:
        raise refuse(
            fields.at("cgroupsPath"), path, f"must be one line of less than {PATH_MAX} bytes"
        )
    return path
