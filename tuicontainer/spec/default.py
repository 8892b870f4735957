"""The configuration to begin a bundle with: exactly what `runc spec` 1.1.5 writes.

Source: runc libcontainer/specconv/example.go.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAPABILITIES = ("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE")
_CAPABILITY_SETS = ("bounding", "effective", "permitted", "ambient")
_NAMESPACES = ("pid", "network", "ipc", "uts", "mount")
_MASKED_PATHS = (
    "/proc/acpi",
    "/proc/asound",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/sys/firmware",
    "/proc/scsi",
)
_READONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
_MOUNTS = (
    ("/proc", "proc", "proc", ""),
    ("/dev", "tmpfs", "tmpfs", "nosuid strictatime mode=755 size=65536k"),
    ("/dev/pts", "devpts", "devpts", "nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5"),
    ("/dev/shm", "tmpfs", "shm", "nosuid noexec nodev mode=1777 size=65536k"),
    ("/dev/mqueue", "mqueue", "mqueue", "nosuid noexec nodev"),
    ("/sys", "sysfs", "sysfs", "nosuid noexec nodev ro"),
    ("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid noexec nodev relatime ro"),
)


def default_document() -> dict[str, Any]:
    """Return a new config.json that runs `sh` in a terminal.

    Its root filesystem is the folder `rootfs` of the bundle. Keys are in runc's order.
    """
    return {
        "ociVersion": "1.0.2-dev",
        "process": {
            "terminal": True,
            "user": {"uid": 0, "gid": 0},
            "args": ["sh"],
            "env": [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "TERM=xterm",
            ],
            "cwd": "/",
            "capabilities": {name: list(_CAPABILITIES) for name in _CAPABILITY_SETS},
            "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
            "noNewPrivileges": True,
        },
        "root": {"path": "rootfs", "readonly": True},
        "hostname": "runc",
        "mounts": [_mount(*mount) for mount in _MOUNTS],
        "linux": {
            "resources": {"devices": [{"allow": False, "access": "rwm"}]},
            "namespaces": [{"type": type_} for type_ in _NAMESPACES],
            "maskedPaths": list(_MASKED_PATHS),
            "readonlyPaths": list(_READONLY_PATHS),
        },
    }


def rootless_document(uid: int, gid: int) -> dict[str, Any]:
    """Return the same for a user who isn't root, as `runc spec --rootless` does.

    A new network namespace would be of no use to him, as he can't connect it to anything; without
    one he can't mount sysfs. Only his own ids are mapped, so there is no group 5 for terminals.

    Args:
        uid: his user id, which is 0 in the container.
        gid: his group id, likewise.
    """
    document = default_document()
    for mount in document["mounts"]:
        if mount["destination"] == "/sys":
            options = ["rbind", *mount["options"]]
            mount |= {"type": "none", "source": "/sys", "options": options}
        elif "options" in mount:
            mount["options"] = [each for each in mount["options"] if each != "gid=5"]
    linux = document["linux"]
    del linux["resources"]
    kept = [each for each in linux["namespaces"] if each["type"] != "network"]
    document["linux"] = {
        "uidMappings": [{"containerID": 0, "hostID": uid, "size": 1}],
        "gidMappings": [{"containerID": 0, "hostID": gid, "size": 1}],
        **linux,
        "namespaces": [*kept, {"type": "user"}],
    }
    return document


def _mount(destination: str, type_: str, source: str, options: str) -> dict[str, Any]:
    mount: dict[str, Any] = {"destination": destination, "type": type_, "source": source}
    if options:
        mount["options"] = options.split()
    return mount
