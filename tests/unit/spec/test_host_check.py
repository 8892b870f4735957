"""What a host hasn't got is told of the field that asks for it."""

from __future__ import annotations

from typing import Any

from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.spec.host_check import lacking

CONTROLLERS = ("cpu", "memory", "pids")


def features() -> dict[str, Any]:
    return {
        "linux": {
            "namespaces": ["pid", "network", "ipc", "uts", "mount"],
            "capabilities": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
            "seccomp": {"actions": ["SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW"], "supportedFlags": []},
        }
    }


def fields(document: dict[str, Any], controllers: tuple[str, ...] = CONTROLLERS) -> list[str]:
    return [where for where, _ in lacking(decode_config(document), features(), controllers)]


def test_what_the_host_has_is_fine() -> None:
    document = default_document()
    document["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ERRNO"}
    document["linux"]["resources"] |= {"memory": {"limit": 1 << 20}, "pids": {"limit": 1}}
    assert fields(document) == []


def test_what_it_has_not_is_named() -> None:
    document = default_document()
    linux = document["linux"]
    linux["namespaces"].append({"type": "time"})
    document["process"]["capabilities"]["bounding"].append("CAP_BPF")
    linux["seccomp"] = {
        "defaultAction": "SCMP_ACT_LOG",
        "flags": ["SECCOMP_FILTER_FLAG_LOG"],
        "syscalls": [{"names": ["read"], "action": "SCMP_ACT_TRAP"}],
    }
    linux["resources"] |= {"memory": {"limit": 1 << 20}, "cpu": {"shares": 2}}
    assert fields(document, ("cpuset",)) == [
        "linux.namespaces[5]",
        "process.capabilities.bounding",
        "linux.seccomp.defaultAction",
        "linux.seccomp.syscalls[0].action",
        "linux.seccomp.flags",
        "linux.resources.memory",
    ]
