"""Each rule fires where it should, and not where what looks alike is harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.spec.lint.linting import RULES, at_least, lint
from tuicontainer.spec.lint.rule import SEVERITIES

Change = Callable[[dict[str, Any]], object]


def harmless() -> dict[str, Any]:
    """Return a configuration in which no rule finds anything."""
    document = default_document()
    document["process"] |= {
        "user": {"uid": 1000, "gid": 1000},
        "capabilities": {},
        "apparmorProfile": "container",
    }
    document["linux"] |= {
        "namespaces": [
            {"type": name} for name in ("pid", "network", "ipc", "uts", "mount", "cgroup", "user")
        ],
        "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
        "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
        "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"},
    }
    document["linux"]["resources"] |= {
        "memory": {"limit": 1 << 26},
        "cpu": {"quota": 50_000, "period": 100_000},
        "pids": {"limit": 64},
    }
    return document


def put(path: str, value: Any) -> Change:
    """Return a change that writes *value* at a path of keys."""

    def change(document: dict[str, Any]) -> None:
        *above, last = path.split("/")
        for key in above:
            document = document.setdefault(key, {})
        document[last] = value

    return change


def without(path: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        *above, last = path.split("/")
        for key in above:
            document = document[key]
        del document[last]

    return change


def both(*changes: Change) -> Change:
    def change(document: dict[str, Any]) -> None:
        for each in changes:
            each(document)

    return change


def mount(source: str, *options: str, type: str = "bind", at: str = "/data") -> Change:
    entry = {"destination": at, "type": type, "source": source, "options": list(options)}
    return lambda document: document["mounts"].append(entry)


def remount(type: str, *options: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        for entry in document["mounts"]:
            if entry["type"] == type:
                entry["options"] = list(options)

    return change


def namespaces(*names: str) -> Change:
    """Return a change that leaves only these, and maps no users where there is none of theirs."""

    def change(document: dict[str, Any]) -> None:
        document["linux"]["namespaces"] = [{"type": name} for name in names]
        document["process"]["user"] = {"uid": 1000, "gid": 1000}

    return change


def device(kind: str, major: int, minor: int) -> Change:
    entry = {"path": "/dev/x", "type": kind, "major": major, "minor": minor}
    return put("linux/devices", [entry])


def devices(*rules: dict[str, Any]) -> Change:
    return put("linux/resources/devices", list(rules))


def hook(path: str) -> dict[str, Any]:
    return {"path": path, "timeout": 5}


MASKED = [f"/proc/{name}" for name in ("acpi", "kcore", "keys", "timer_list", "scsi")]
ALL = ("pid", "network", "ipc", "uts", "mount", "cgroup", "user")
NO_USERS = namespaces(*ALL[:-1])
SAFE = ("ro", "nosuid", "nodev")
CAPS = "process/capabilities/effective"
DENY = {"allow": False, "access": "rwm"}


def but(name: str, path: str) -> Change:
    """Return a change that takes the namespace *name* from somewhere."""
    return lambda document: next(
        each for each in document["linux"]["namespaces"] if each["type"] == name
    ).update(path=path)


def capabilities() -> list[str]:
    from tuicontainer.runtime.process.capabilities import NAMES

    return list(NAMES)


PAIRS: dict[str, tuple[Change, Change]] = {
    "capability-host": (
        both(NO_USERS, put(CAPS, ["CAP_SYS_ADMIN"])),
        put(CAPS, ["CAP_SYS_ADMIN"]),
    ),
    "capability-all": (put(CAPS, capabilities()), put(CAPS, capabilities()[:29])),
    "capability-network": (
        both(NO_USERS, put(CAPS, ["CAP_NET_RAW"])),
        both(NO_USERS, put(CAPS, ["CAP_NET_BIND_SERVICE"])),
    ),
    "capability-inheritable": (
        put("process/capabilities/inheritable", ["CAP_KILL"]),
        put("process/capabilities/bounding", ["CAP_KILL"]),
    ),
    "new-privileges": (
        without("process/noNewPrivileges"),
        put("process/noNewPrivileges", True),
    ),
    "user-root": (
        both(NO_USERS, put("process/user", {"uid": 0, "gid": 0})),
        put("process/user", {"uid": 0, "gid": 0}),
    ),
    "user-group-root": (
        both(NO_USERS, put("process/user", {"uid": 1000, "gid": 4, "additionalGids": [0]})),
        both(NO_USERS, put("process/user", {"uid": 1000, "gid": 4, "additionalGids": [5]})),
    ),
    "user-mapping-root": (
        put("linux/uidMappings", [{"containerID": 0, "hostID": 0, "size": 65536}]),
        put("linux/uidMappings", [{"containerID": 0, "hostID": 1, "size": 65536}]),
    ),
    "seccomp-missing": (
        without("linux/seccomp"),
        put("linux/seccomp/defaultAction", "SCMP_ACT_KILL"),
    ),
    "seccomp-lenient": (
        put("linux/seccomp/defaultAction", "SCMP_ACT_LOG"),
        put("linux/seccomp/defaultAction", "SCMP_ACT_KILL_PROCESS"),
    ),
    "label-missing": (
        put("process/apparmorProfile", "unconfined"),
        both(
            without("process/apparmorProfile"),
            put("process/selinuxLabel", "system_u:system_r:container_t:s0"),
        ),
    ),
    "oom-score-low": (put("process/oomScoreAdj", -1), put("process/oomScoreAdj", 0)),
    "host-pid": (but("pid", "/proc/1/ns/pid"), but("pid", "/proc/12/ns/pid")),
    "host-network": (but("network", "/proc/1/ns/net"), but("network", "/run/netns/x")),
    "host-ipc": (but("ipc", "/proc/1/ns/ipc"), but("ipc", "/proc/12/ns/ipc")),
    "host-mount": (namespaces(*[name for name in ALL if name != "mount"]), namespaces(*ALL)),
    "host-uts": (
        both(namespaces(*[name for name in ALL if name != "uts"]), without("hostname")),
        without("hostname"),
    ),
    "host-cgroup": (namespaces(*[name for name in ALL if name != "cgroup"]), namespaces(*ALL)),
    "host-user": (NO_USERS, but("user", "/proc/12/ns/user")),
    "paths-unmasked": (
        put("linux/maskedPaths", ["/proc/kcore"]),
        put(
            "linux/maskedPaths",
            [*MASKED, "/sys/firmware/"],
        ),
    ),
    "paths-writable": (
        put("linux/readonlyPaths", ["/proc/bus"]),
        both(put("linux/readonlyPaths", ["/proc/bus"]), remount("proc", "ro")),
    ),
    "sysfs-writable": (both(NO_USERS, remount("sysfs", "nosuid")), remount("sysfs", "nosuid")),
    "cgroup-writable": (remount("cgroup", "nosuid"), remount("cgroup", "ro")),
    "device-all": (
        devices(DENY, {"allow": True, "access": "rwm"}),
        devices({"allow": True, "access": "rwm"}, DENY, {"allow": True, "type": "c", "major": 1}),
    ),
    "device-host": (device("c", 1, 1), device("c", 10, 200)),
    "root-writable": (put("root/readonly", False), put("root/readonly", True)),
    "root-outside": (put("root/path", "a/../../other"), put("root/path", "a/..b")),
    "mount-host": (mount("/etc", "rbind", "nosuid", "nodev"), mount("/usr/lib", "rbind", *SAFE)),
    "mount-engine-socket": (
        mount("/var/run/docker.sock", "bind", *SAFE),
        mount("/srv/docker.sock.d", "bind", *SAFE),
    ),
    "mount-shared": (
        mount("/srv", "rbind", "rshared", *SAFE),
        mount("/srv", "rbind", "rslave", *SAFE),
    ),
    "mount-set-id": (
        mount("tmpfs", "nodev", type="tmpfs"),
        mount("tmpfs", "nodev", "nosuid", type="tmpfs"),
    ),
    "cwd-descriptor": (put("process/cwd", "/proc/self/fd/7"), put("process/cwd", "/proc/fd")),
    "env-secret": (
        put("process/env", ["PATH=/bin", "DB_PASSWORD=x"]),
        put("process/env", ["PATH=/bin", "DB_PASSWORD=/run/secret", "TOKENS=3", "SECRET="]),
    ),
    "login-server": (
        put("process/args", ["/usr/sbin/sshd", "-D"]),
        put("process/args", ["ssh", "sshd"]),
    ),
    "hook-in-root": (
        both(put("root/path", "/b/rootfs"), put("hooks/poststop", [hook("/b/rootfs/x")])),
        both(put("root/path", "/b/rootfs"), put("hooks/poststop", [hook("/b/rootfs2/x")])),
    ),
    "memory-unlimited": (
        without("linux/resources/memory"),
        both(
            without("linux/resources/memory"),
            put("linux/resources/unified", {"memory.max": "100000000"}),
        ),
    ),
    "swap-unlimited": (
        put("linux/resources/memory/swap", -1),
        put("linux/resources/memory/swap", 1 << 27),
    ),
    "cpu-unlimited": (
        put("linux/resources/cpu", {"quota": -1}),
        put("linux/resources/cpu", {"shares": 100}),
    ),
    "pids-unlimited": (
        put("linux/resources/pids/limit", -1),
        put("linux/resources/pids/limit", 0),
    ),
    "oom-killer-off": (
        put("linux/resources/memory/disableOOMKiller", True),
        put("linux/resources/memory/disableOOMKiller", False),
    ),
    "files-unlimited": (
        put("process/rlimits", [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]),
        put("process/rlimits", [{"type": "RLIMIT_NOFILE", "soft": 9, "hard": 9}]),
    ),
    "restart-endless": (
        put("annotations/io.tuicontainer.restart", "always"),
        put("annotations/io.tuicontainer.restart", "on-failure:5"),
    ),
    "hook-timeout": (
        put("hooks/poststart", [{"path": "/usr/bin/hook"}]),
        put("hooks/poststart", [hook("/bin/x")]),
    ),
}  # fmt: skip
"""By rule: a change of the harmless configuration that it finds, and one that it doesn't."""


def found(change: Change) -> set[str]:
    document = harmless()
    change(document)
    return {finding.rule for finding in lint(decode_config(document))}


def test_the_harmless_has_none() -> None:
    assert lint(decode_config(harmless())) == ()


@pytest.mark.parametrize("rule", RULES)
def test_it_fires(rule: str) -> None:
    assert rule in found(PAIRS[rule][0])


@pytest.mark.parametrize("rule", RULES)
def test_it_does_not_fire(rule: str) -> None:
    assert rule not in found(PAIRS[rule][1])


def test_every_rule_has_a_pair_and_no_other() -> None:
    assert list(PAIRS) == list(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_says_all_there_is_to_know(rule: Any) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)
    assert rule.severity in SEVERITIES
    assert rule.meaning
    assert rule.remedy
    assert rule.source


def test_findings_name_the_place() -> None:
    document = harmless()
    mount("/etc", "rbind", "nosuid", "nodev")(document)
    (finding,) = lint(decode_config(document))
    place = len(document["mounts"]) - 1
    assert (finding.where, finding.found) == (f"mounts[{place}].source", "/etc")


def test_the_value_of_a_secret_is_not_told() -> None:
    document = harmless()
    document["process"]["env"] = ["DB_PASSWORD=hunter2"]
    assert "hunter2" not in str(lint(decode_config(document)))


def test_the_worst_comes_first() -> None:
    findings = lint(decode_config(default_document()))
    ranks = [SEVERITIES.index(RULES[finding.rule].severity) for finding in findings]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 1
    assert at_least("high", findings) == ()
    assert 0 < len(at_least("medium", findings)) < len(findings) == len(at_least("low", findings))


def test_a_configuration_without_a_program_is_linted() -> None:
    document = harmless()
    del document["process"]
    assert lint(decode_config(document)) == ()
