"""Configurations to begin a bundle with, for programs that the host has. Pure.

Each is what `spec` writes, changed for its purpose; the host's programs are mounted when a bundle
is made from it. Sources: config.md; getrlimit(2); Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

from tuicontainer.errors import NotFound
from tuicontainer.spec.default import default_document, rootless_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TEMPLATES = {
    "minimal": "one command that ends; nothing beyond what isolation needs",
    "shell": "an interactive shell in a terminal",
    "service": "a program that goes on, with limits, a restart policy and a health check",
    "hardened": "a service as an unprivileged user of its own, behind a system call filter",
    "rootless": "a shell for somebody without root: the user's ids, no limits",
}
"""Name and purpose, in the order to offer them."""

_NAMESPACES = ("pid", "network", "ipc", "uts", "mount", "cgroup")
_SUBORDINATE = {"containerID": 0, "hostID": 100000, "size": 65536}
"""The range that useradd(8) gives the first user; nothing of the host belongs to it."""
_TICK = "while :; do date; sleep 5; done"


def template_document(template: str, name: str, *, uid: int, gid: int) -> dict[str, Any]:
    """Return the config.json of a new bundle, without the mounts of the host's programs.

    Args:
        template: a key of TEMPLATES.
        name: the bundle's, which becomes the host name.
        uid: whose ids `rootless` maps.
        gid: his group.

    Raises:
        NotFound: no template has this name.
    """
    if template not in TEMPLATES:
        raise NotFound(f"no template `{template}`", hint=f"one of {', '.join(TEMPLATES)}")
    if template == "rootless":
        document = rootless_document(uid, gid)
        document["process"]["args"] = ["/bin/sh"]
    else:
        document = default_document()
        document["linux"]["namespaces"] = [{"type": type_} for type_ in _NAMESPACES]
        document["process"]["capabilities"] = {}
        _shape(document, template)
    document["ociVersion"] = "1.0.2"
    document["hostname"] = name[:63]
    document["mounts"].append(_tmpfs("/tmp", "mode=1777", "size=65536k"))
    document["annotations"] = {
        "io.tuicontainer.description": f"From the template {template}",
        **document.get("annotations", {}),
    }
    return document


def _shape(document: dict[str, Any], template: str) -> None:
    process = document["process"]
    if template == "minimal":
        process |= {"terminal": False, "args": ["/bin/sh", "-c", "echo hello"]}
    elif template == "shell":
        process["args"] = ["/bin/sh"]
    else:
        _serve(document)
    if template == "hardened":
        _harden(document)


def _serve(document: dict[str, Any]) -> None:
    document["process"] |= {"terminal": False, "args": ["/bin/sh", "-c", _TICK]}
    document["linux"]["resources"] |= {
        "memory": {"limit": 128 << 20, "swap": 128 << 20},
        "cpu": {"quota": 50_000, "period": 100_000},
        "pids": {"limit": 64},
    }
    document["annotations"] = {
        "io.tuicontainer.restart": "on-failure:5",
        "io.tuicontainer.stop-timeout": "5",
        "io.tuicontainer.health.cmd": "test -d /proc/1",
        "io.tuicontainer.health.interval": "30",
    }


def _harden(document: dict[str, Any]) -> None:
    from tuicontainer.bundles.system_calls import seccomp_section

    document["process"]["user"] = {"uid": 1000, "gid": 1000}
    linux = document["linux"]
    linux["namespaces"].append({"type": "user"})
    linux |= {
        "uidMappings": [dict(_SUBORDINATE)],
        "gidMappings": [dict(_SUBORDINATE)],
        "seccomp": seccomp_section(),
    }


def _tmpfs(destination: str, *options: str) -> dict[str, Any]:
    return {
        "destination": destination,
        "type": "tmpfs",
        "source": "tmpfs",
        "options": ["nosuid", "nodev", *options],
    }
