"""Which configurations may really be created on the host that the tests run on.

The code under test is what keeps a configuration's hands off the host, and a fuzzer is for the case
that it doesn't. So this is a list of what is allowed, apart from that code: what it doesn't know is
planned and not done.
"""

from __future__ import annotations

from typing import Any

_TOP = {"ociVersion", "root", "hostname", "domainname", "annotations", "mounts", "hooks", "process",
        "linux"}  # fmt: skip
_LINUX = {"namespaces", "uidMappings", "gidMappings", "timeOffsets", "devices", "resources",
          "rootfsPropagation", "maskedPaths", "readonlyPaths", "sysctl", "personality",
          "memoryPolicy", "seccomp", "cgroupsPath"}  # fmt: skip
_TYPES = {"", "none", "bind", "proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "nosuchfs"}
_SYSCTLS = {"net.ipv4.ip_forward", "kernel.msgmax", "kernel.shmmax", "net/ipv4/nope"}
_PRIVATE = {"mount", "pid", "ipc", "uts", "network"}
_NULLS = {3, 5, 7, 8, 9}
_LEAST_QUOTA = 50_000
"""Microseconds; with less the runtime's own work in the group takes minutes, which is no fault."""
_LONGEST_PERIOD = 100_000


def is_harmless(document: Any) -> bool:
    """Tell whether nothing of the host could be reached even if no rule of ours were checked."""
    try:
        return (
            document.keys() <= _TOP
            and document["root"].keys() <= {"path", "readonly"}
            and document["root"].get("path") in ("rootfs", "nope", "linked", "volume/file", None)
            and all(_is_harmless_mount(mount) for mount in document.get("mounts") or [])
            and _are_harmless_hooks(document.get("hooks") or {})
            and _is_harmless_linux(document["linux"])
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _is_harmless_linux(linux: dict[str, Any]) -> bool:
    namespaces = linux["namespaces"]
    types = {each["type"] for each in namespaces}
    return (
        linux.keys() <= _LINUX
        and types >= {"mount", "pid"}
        and not any(each.get("path") for each in namespaces)
        and (not linux.get("sysctl") or types >= _PRIVATE)
        and (linux.get("sysctl") or {}).keys() <= _SYSCTLS
        and linux.get("cgroupsPath") is None
        and ("user" not in types or not linux.get("devices"))
        and all(_is_harmless_device(each) for each in linux.get("devices") or [])
        and _is_quick((linux.get("resources") or {}).get("cpu") or {})
    )


def _is_harmless_mount(mount: dict[str, Any]) -> bool:
    source = mount.get("source") or ""
    options = mount.get("options") or []
    binds = "bind" in options or "rbind" in options or mount.get("type") == "bind"
    return (
        mount.get("type", "") in _TYPES
        and "remount" not in options
        and (not binds or source in ("volume", "volume/file", "nope"))
    )


def _is_harmless_device(device: dict[str, Any]) -> bool:
    return device.get("type") != "b" and (
        device.get("type") == "p" or (device.get("major"), device.get("minor")) in _DEVICES
    )


_DEVICES = {(1, minor) for minor in _NULLS} | {(-1, 2**40)}


def _are_harmless_hooks(hooks: dict[str, Any]) -> bool:
    known = ("/bin/true", "/bin/false", "/nope", "true")
    return all(hook["path"] in known for kind in hooks.values() for hook in kind)


def _is_quick(cpu: dict[str, Any]) -> bool:
    quota, period = cpu.get("quota"), cpu.get("period")
    return (quota is None or quota < 0 or quota >= _LEAST_QUOTA) and (
        period is None or period <= _LONGEST_PERIOD or period > 1_000_000
    )
