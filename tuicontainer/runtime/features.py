"""What this runtime can do on this kernel, as the document of the specification.

A list holds what works, not what is known by name. Sources: runtime-spec features.md and
features-linux.md, schema/features-schema.json.
"""

from __future__ import annotations

from tuicontainer import __version__
from tuicontainer.runtime.process.capabilities import NAMES
from tuicontainer.runtime.process.namespaces import FLAGS
from tuicontainer.runtime.process.scheduling import supported_memory_policies
from tuicontainer.runtime.rootfs.options import known_words
from tuicontainer.runtime.seccomp.support import supported_actions, supported_flags
from tuicontainer.spec.seccomp import ARCHITECTURES, OPERATORS
from tuicontainer.spec.seccomp import FLAGS as FLAGS_OF_FILTERS
from tuicontainer.spec.state import OCI_VERSION
from tuicontainer.syscalls.capabilities import in_bounding_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HOOKS = (
    "prestart",
    "createRuntime",
    "createContainer",
    "startContainer",
    "poststart",
    "poststop",
)


def features_document() -> dict[str, Any]:
    """Return the features of this version on this kernel."""
    return {
        "ociVersionMin": "1.0.0",
        "ociVersionMax": OCI_VERSION,
        "hooks": list(_HOOKS),
        "mountOptions": sorted(known_words()),
        "linux": {
            "namespaces": sorted(FLAGS),
            "capabilities": [name for bit, name in enumerate(NAMES) if in_bounding_set(bit)],
            "cgroup": {
                "v1": True,
                "v2": True,
                "systemd": True,
                "systemdUser": False,
                "rdma": True,
            },
            "seccomp": _seccomp(),
            # What this runtime can do, whatever the kernel has (features-linux.md).
            "apparmor": {"enabled": True},
            "selinux": {"enabled": True},
            "memoryPolicy": _memory_policy(),
            "intelRdt": {"enabled": True, "schemata": True, "monitoring": True},
            "mountExtensions": {"idmap": {"enabled": True}},
            "netDevices": {"enabled": True},
        },
        "annotations": {
            "io.tuicontainer.version": __version__,
            # Names that others have made common; both ask for `checkpoint` and `restore`.
            "org.opencontainers.runc.checkpoint.enabled": "true",
            "run.oci.crun.checkpoint.enabled": "true",
        },
        "potentiallyUnsafeConfigAnnotations": ["org.systemd.property.", "run.oci."],
    }


def _memory_policy() -> dict[str, Any]:
    modes, flags = supported_memory_policies()
    return {"modes": list(modes), "flags": list(flags)}


def _seccomp() -> dict[str, Any]:
    return {
        "enabled": True,
        "actions": list(supported_actions()),
        "operators": list(OPERATORS),
        "archs": list(ARCHITECTURES),
        "knownFlags": list(FLAGS_OF_FILTERS),
        "supportedFlags": list(supported_flags()),
    }
