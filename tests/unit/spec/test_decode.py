"""Each rule of the specification that a config.json can break, and what the refusal says."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest

from tuicontainer.errors import InvalidArgument, TuiContainerError, Unsupported
from tuicontainer.spec.config import (
    Capabilities,
    ConsoleSize,
    DeviceRule,
    Hook,
    IdMapping,
    InterfacePriority,
    Mount,
    Network,
    Pids,
    RdmaLimit,
    Rlimit,
    Root,
    ThrottleDevice,
    TimeOffset,
    User,
)
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document

REMOVE = object()


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the default configuration with the field at a dotted path set or removed."""
    document = default_document()
    where: Any = document
    *parents, last = path.split(".")
    for step in parents:
        where = where[int(step)] if isinstance(where, list) else where.setdefault(step, {})
    if value is REMOVE:
        del where[last]
    elif isinstance(where, list):
        where[int(last)] = value
    else:
        where[last] = value
    return document


def test_the_default_configuration_is_decoded() -> None:
    document = default_document()
    config = decode_config(document)
    assert config.oci_version == "1.0.2-dev"
    assert config.root == Root(path="rootfs", readonly=True)
    assert config.hostname == "runc"
    assert config.domainname is None
    assert config.document is document
    assert config.process is not None
    assert config.process.args == ("sh",)
    assert config.process.cwd == "/"
    assert config.process.terminal is True
    assert config.process.no_new_privileges is True
    assert config.process.user == User(uid=0, gid=0)
    assert config.process.rlimits == (Rlimit(type="RLIMIT_NOFILE", soft=1024, hard=1024),)
    three = ("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE")
    assert config.process.capabilities == Capabilities(
        bounding=three, effective=three, permitted=three, ambient=three
    )
    assert config.mounts[0] == Mount(destination="/proc", type="proc", source="proc")
    assert [each.destination for each in config.mounts][-1] == "/sys/fs/cgroup"
    assert [each.type for each in config.linux.namespaces] == [
        "pid",
        "network",
        "ipc",
        "uts",
        "mount",
    ]
    assert config.linux.resources.devices == (DeviceRule(allow=False),)
    assert len(config.linux.masked_paths) == 10
    assert len(config.linux.readonly_paths) == 5


def test_every_part_arrives_in_its_record() -> None:
    document = default_document()
    document["annotations"] = {"a.b": "c"}
    document["domainname"] = "example.org"
    document["process"] |= {
        "consoleSize": {"height": 24, "width": 80},
        "oomScoreAdj": -500,
        "user": {"uid": 1, "gid": 2, "umask": 18, "additionalGids": [3, 4]},
    }
    document["hooks"] = {
        name: [{"path": f"/{name}", "args": ["x"], "env": ["A=1"], "timeout": 5}]
        for name in (
            "prestart",
            "createRuntime",
            "createContainer",
            "startContainer",
            "poststart",
            "poststop",
        )
    }
    linux = document["linux"]
    linux["namespaces"] += [{"type": "user"}, {"type": "time"}, {"type": "cgroup", "path": "/c"}]
    linux["uidMappings"] = [{"containerID": 0, "hostID": 1000, "size": 10}]
    linux["gidMappings"] = [{"containerID": 0, "hostID": 2000, "size": 10}]
    linux["timeOffsets"] = {"monotonic": {"secs": -5}, "boottime": {"secs": 1, "nanosecs": 2}}
    linux["devices"] = [{"path": "/dev/f", "type": "c", "major": 10, "minor": 229, "fileMode": 438}]
    linux["cgroupsPath"] = "/a/b"
    linux["rootfsPropagation"] = "rslave"
    linux["resources"] |= {
        "memory": {"limit": 1000, "swap": 2000, "reservation": 0, "swappiness": 0},
        "cpu": {"shares": 0, "quota": 50_000, "burst": 0, "period": 100_000, "cpus": "0-1"},
        "pids": {"limit": 0},
        "blockIO": {
            "weight": 10,
            "throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 5}],
        },
        "hugepageLimits": [{"pageSize": "2MB", "limit": 9223372036854772000}],
        "network": {"classID": 0, "priorities": [{"name": "eth0", "priority": 5}]},
        "rdma": {"mlx5_1": {"hcaHandles": 3}, "mlx5_2": {"hcaHandles": 0, "hcaObjects": 7}},
        "unified": {"memory.high": "max"},
        "devices": [{"allow": True, "type": "c", "major": -1, "minor": 3, "access": "r"}],
    }
    config = decode_config(document)
    assert config.annotations == {"a.b": "c"}
    assert config.domainname == "example.org"
    assert config.process is not None
    assert config.process.console_size == ConsoleSize(height=24, width=80)
    assert config.process.oom_score_adj == -500
    assert config.process.user == User(uid=1, gid=2, umask=0o22, additional_gids=(3, 4))
    assert config.hooks.create_container == (
        Hook(path="/createContainer", args=("x",), env=("A=1",), timeout=5),
    )
    assert config.hooks.poststop[0].path == "/poststop"
    linux_part = config.linux
    assert linux_part.uid_mappings == (IdMapping(container_id=0, host_id=1000, size=10),)
    assert linux_part.time_offsets == {
        "monotonic": TimeOffset(secs=-5),
        "boottime": TimeOffset(secs=1, nanosecs=2),
    }
    assert linux_part.devices[0].file_mode == 0o666
    assert linux_part.cgroups_path == "/a/b"
    assert linux_part.rootfs_propagation == "rslave"
    cgroup_namespace = linux_part.namespace("cgroup")
    assert cgroup_namespace is not None
    assert cgroup_namespace.path == "/c"
    resources = linux_part.resources
    assert resources.memory is not None
    assert resources.memory.reservation is None, "0 is absent"
    assert resources.memory.swappiness == 0, "0 is a value"
    assert resources.cpu is not None
    assert resources.cpu.shares is None
    assert resources.cpu.burst == 0
    assert resources.pids == Pids(limit=0)
    assert resources.block_io is not None
    assert resources.block_io.throttle_read_iops_device == (
        ThrottleDevice(major=8, minor=0, rate=5),
    )
    assert resources.hugepage_limits[0].limit == 9223372036854772000
    assert resources.network == Network(
        class_id=0, priorities=(InterfacePriority(name="eth0", priority=5),)
    )
    assert resources.rdma == (
        RdmaLimit(device="mlx5_1", handles=3),
        RdmaLimit(device="mlx5_2", handles=0, objects=7),
    )
    assert resources.unified == {"memory.high": "max"}
    assert resources.devices[0] == DeviceRule(allow=True, type="c", major=None, minor=3, access="r")


INVALID: list[tuple[str, Any, str]] = [
    ("ociVersion", REMOVE, "`ociVersion` is missing"),
    ("ociVersion", "", "must not be empty"),
    ("ociVersion", 1, "`ociVersion` is `1`: must be a string"),
    ("ociVersion", "1.0", "`ociVersion` is `1.0`: must be a version by SemVer 2.0"),
    ("ociVersion", "01.0.0", "SemVer"),
    ("root", REMOVE, "`root` is missing"),
    ("root", [], "`root` is a list: must be an object"),
    ("root.path", "", "`root.path` is ``: must not be empty"),
    ("root.path", "a\0b", "`root.path` is `a\\x00b`: must not contain NUL"),
    ("root.path", "\ud800", "must be valid Unicode"),
    ("root.readonly", 1, "`root.readonly` is `1`: must be true or false"),
    ("hostname", "x" * 65, "must not be longer than 64 bytes"),
    ("domainname", 5, "`domainname` is `5`: must be a string"),
    ("annotations", {"": "x"}, "`annotations` is ``: must not have an empty key"),
    ("annotations", {"a": 1}, "`annotations.a` is `1`: must be a string"),
    ("process", "sh", "`process` is `sh`: must be an object"),
    ("process.args", [], "`process.args` is empty"),
    ("process.args", REMOVE, "`process.args` is empty"),
    ("process.args", "sh", "`process.args` is `sh`: must be a list"),
    ("process.args", ["sh", 5], "`process.args[1]` is `5`: must be a string"),
    ("process.cwd", "tmp", "`process.cwd` is `tmp`: must be an absolute path"),
    ("process.cwd", REMOVE, "`process.cwd` is missing"),
    ("process.cwd", "/" + "x" * 4096, "must be shorter than 4096 bytes"),
    ("process.env", ["PATH"], "`process.env[0]` is `PATH`: must be `NAME=value`"),
    ("process.env", ["=x"], "`process.env[0]` is `=x`: must be `NAME=value`"),
    ("process.env", ["A=1", "B=\0"], "`process.env[1]` is `B=\\x00`: must not contain NUL"),
    ("process.terminal", "yes", "`process.terminal` is `yes`: must be true or false"),
    ("process.consoleSize", {"height": 1}, "`process.consoleSize.width` is missing"),
    ("process.consoleSize", {"height": 65536, "width": 1}, "must be from 0 to 65535"),
    ("process.user.uid", -1, "`process.user.uid` is `-1`: must be from 0 to 2147483647"),
    ("process.user.uid", 2**31, "must be from 0 to 2147483647"),
    ("process.user.gid", 2**32, "must be from 0 to 2147483647"),
    ("process.user.uid", True, "`process.user.uid` is `true`: must be an integer"),
    ("process.user.uid", 1.0, "`process.user.uid` is `1.0`: must be an integer"),
    ("process.user.additionalGids", [1, -1], "`process.user.additionalGids[1]` is `-1`"),
    ("process.user.additionalGids", [0] * 65537, "has 65537 groups: must be at most 65536"),
    ("process.user.umask", 0o1000, "must be from 0 to 511"),
    ("process.oomScoreAdj", 1001, "must be from -1000 to 1000"),
    ("process.capabilities", {"bounding": [1]}, "`process.capabilities.bounding[0]` is `1`"),
    ("process.rlimits.0.type", "RLIMIT_X", "`process.rlimits[0].type` is `RLIMIT_X`"),
    ("process.rlimits.0.soft", 2048, "must not be above the hard limit `1024`"),
    ("process.rlimits.0.hard", 2**64, "`process.rlimits[0].hard` is `18446744073709551616`"),
    (
        "process.rlimits",
        [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}] * 2,
        "`process.rlimits[1].type` is `RLIMIT_CORE`: must not be given twice",
    ),
    ("mounts", {}, "`mounts` is an object: must be a list"),
    ("mounts.0.destination", "", "`mounts[0].destination` is ``: must not be empty"),
    ("mounts.0.options", [5], "`mounts[0].options[0]` is `5`: must be a string"),
    (
        "mounts.0.uidMappings",
        [{"containerID": 0, "hostID": 0, "size": 1}],
        "must have both `uidMappings` and `gidMappings`",
    ),
    ("hooks", {"prestart": [{}]}, "`hooks.prestart[0].path` is missing"),
    ("hooks", {"poststop": [{"path": "x"}]}, "`hooks.poststop[0].path` is `x`: must be an abs"),
    ("hooks", {"poststop": [{"path": "/x", "timeout": 0}]}, "timeout` is `0`: must be from 1"),
    ("hooks", {"poststop": [{"path": "/x", "env": ["A"]}]}, "`hooks.poststop[0].env[0]`"),
    ("linux.namespaces.0.type", "net", "`linux.namespaces[0].type` is `net`: must be one of"),
    ("linux.namespaces.0", {}, "`linux.namespaces[0].type` is missing: it must be one of pid"),
    ("linux.namespaces.0.path", "proc/1/ns/pid", "must be an absolute path"),
    ("linux.namespaces.1.type", "pid", "`linux.namespaces[1].type` is `pid`: must not be given"),
    ("linux.namespaces", [{"type": "mount"}], "`hostname` is `runc`: needs a `uts` namespace"),
    ("linux.timeOffsets", {"realtime": {}}, "`linux.timeOffsets` is `realtime`: must be one of"),
    ("linux.timeOffsets", {"monotonic": {"secs": 1}}, "needs a `time` namespace"),
    ("linux.devices", [{"path": "/dev/x", "type": "x"}], "must be one of c, b, u, p"),
    ("linux.devices", [{"path": "/dev/x", "type": "c"}], "`linux.devices[0].major` is missing"),
    ("linux.devices", [{"path": "dev/x", "type": "p"}], "must be an absolute path"),
    ("linux.devices", [{"path": "/dev/x", "type": "p"}] * 2, "must not be given twice"),
    ("linux.cgroupsPath", "/a/../b", "must not contain `..`"),
    ("linux.rootfsPropagation", "none", "must be one of private"),
    ("linux.maskedPaths", ["proc"], "`linux.maskedPaths[0]` is `proc`: must be an absolute"),
    ("linux.uidMappings", [{"containerID": 0, "hostID": 0, "size": 0}], "must be from 1 to"),
    ("linux.uidMappings", [{"containerID": 1, "hostID": 0, "size": 2**32 - 1}], "last id"),
    ("linux.uidMappings", [{"hostID": 0, "size": 1}], "containerID` is missing"),
    ("linux.resources.devices.0", {}, "`linux.resources.devices[0].allow` is missing"),
    ("linux.resources.devices.0.access", "x", "must be made of `r`, `w` and `m`"),
    ("linux.resources.devices.0.type", "p", "must be one of a, b, c"),
    ("linux.resources.memory", {"limit": -2}, "must be from -1 to"),
    ("linux.resources.memory", {"swappiness": 101}, "must be from 0 to 100"),
    ("linux.resources.memory", {"swap": 5}, "needs a limit in `linux.resources.memory.limit`"),
    ("linux.resources.memory", {"limit": 6, "swap": 5}, "must not be below the memory limit `6`"),
    ("linux.resources.cpu", {"burst": 5}, "must not be above a limit"),
    ("linux.resources.cpu", {"cpus": "all"}, "must be a list such as `0-2,7`"),
    ("linux.resources.cpu", {"idle": 2}, "must be from 0 to 1"),
    ("linux.resources.pids", {}, "`linux.resources.pids.limit` is missing"),
    ("linux.resources.blockIO", {"weight": 5}, "must be from 10 to 1000"),
    ("linux.resources.hugepageLimits", [{"pageSize": "64kB", "limit": 1}], "such as `2MB`"),
    ("linux.resources.hugepageLimits", [{"pageSize": "KB", "limit": 1}], "such as `2MB`"),
    ("linux.resources.network", {"classID": 2**32}, "must be from 0 to"),
    (
        "linux.resources.network",
        {"priorities": [{"name": "a 1\nb", "priority": 1}]},
        "device's name",
    ),
    (
        "linux.resources.network",
        {"priorities": [{"name": "lo"}]},
        "priorities[0].priority` is miss",
    ),
    ("linux.resources.rdma", {"mlx5_1": {}}, "must have `hcaHandles` or `hcaObjects`"),
    ("linux.resources.rdma", {"x hca_object=1": {"hcaHandles": 1}}, "must be a device's name"),
    ("linux.resources.rdma", {"mlx5_1": {"hcaHandles": -1}}, "must be from 0 to"),
    ("linux.resources.unified", {"../cgroup.kill": "1"}, "must be a file name without `/`"),
]


@pytest.mark.parametrize(("path", "value", "text"), INVALID)
def test_a_broken_rule_is_named_with_path_and_value(path: str, value: Any, text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        decode_config(changed(path, value))
    assert text in caught.value.message


MAPPED = [{"containerID": 0, "hostID": 1000, "size": 10}]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"gidMappings": MAPPED}, "`linux.uidMappings` is missing"),
        ({"uidMappings": MAPPED}, "`linux.gidMappings` is missing"),
        ({"uidMappings": MAPPED * 2, "gidMappings": MAPPED}, "maps id `0` twice"),
        (
            {"uidMappings": [{"containerID": 5, "hostID": 1000, "size": 1}], "gidMappings": MAPPED},
            "`process.user.uid` is `0`: must be mapped in the user namespace",
        ),
        (
            {"uidMappings": [{"containerID": n, "hostID": n, "size": 1} for n in range(341)]},
            "has 341 ranges: the kernel takes 340",
        ),
    ],
)
def test_a_user_namespace_needs_sound_mappings(changes: dict[str, Any], text: str) -> None:
    document = default_document()
    document["linux"]["namespaces"].append({"type": "user"})
    document["linux"].update(changes)
    with pytest.raises(InvalidArgument) as caught:
        decode_config(document)
    assert text in caught.value.message


UNSUPPORTED: list[tuple[str, Any]] = [
    ("vm", {}),
    ("windows", {}),
]


@pytest.mark.parametrize(("path", "value"), UNSUPPORTED)
def test_what_this_version_does_not_do_is_refused_by_name(path: str, value: Any) -> None:
    with pytest.raises(Unsupported) as caught:
        decode_config(changed(path, value))
    assert f"`{path}`" in caught.value.message


@pytest.mark.parametrize(
    "path", ["process.apparmorProfile", "process.selinuxLabel", "linux.mountLabel"]
)
def test_a_label_is_one_line(path: str) -> None:
    with pytest.raises(InvalidArgument, match=f"`{path}` is .*: must be one line"):
        decode_config(changed(path, "x\nchangeprofile unconfined"))


@pytest.mark.parametrize(
    ("path", "value"),
    [("linux.netDevices", {}), ("linux.mountLabel", None), ("process.selinuxLabel", "")],
)
def test_an_empty_field_asks_for_nothing(path: str, value: Any) -> None:
    decode_config(changed(path, value))


def test_another_major_version_is_unsupported() -> None:
    with pytest.raises(Unsupported, match=r"`ociVersion` is `2\.0\.0`"):
        decode_config(changed("ociVersion", "2.0.0"))


@pytest.mark.parametrize(
    "version", ["1.0.0", "1.2.3-rc.1+build.5", "1.0.0-0A", "1.99.0", "1.0.2-dev", "1.0.0+00"]
)
def test_semantic_versions_are_known(version: str) -> None:
    assert decode_config(changed("ociVersion", version)).oci_version == version


@pytest.mark.parametrize(
    "version", ["1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0-a..b", "1.0.0-ä", "v1.0.0", "1.0.0.0", "1.²"]
)
def test_other_versions_are_invalid(version: str) -> None:
    with pytest.raises(InvalidArgument):
        decode_config(changed("ociVersion", version))


def test_unknown_properties_are_ignored() -> None:
    document = default_document()
    plain = decode_config(copy.deepcopy(document))
    document["future"] = {"x": 1}
    document["process"]["future"] = [1]
    document["linux"]["resources"]["future"] = "x"
    assert decode_config(document).replace(document={}) == plain.replace(document={})


def test_console_size_is_ignored_without_a_terminal() -> None:
    document = changed("process.consoleSize", {"height": "tall"})
    document["process"]["terminal"] = False
    process = decode_config(document).process
    assert process is not None
    assert process.console_size is None


def test_the_last_of_two_equal_environment_names_wins() -> None:
    process = decode_config(changed("process.env", ["A=1", "B=2", "A=3=4", "C="])).process
    assert process is not None
    assert process.env == ("B=2", "A=3=4", "C=")


def test_the_file_type_in_a_device_s_mode_is_dropped() -> None:
    """Podman passes on what stat(2) said of the host's device."""
    document = default_document()
    document["linux"]["devices"] = [
        {"path": "/dev/f", "type": "c", "major": 1, "minor": 3, "fileMode": 0o20640}
    ]
    (device,) = decode_config(document).linux.devices
    assert device.file_mode == 0o640


def test_a_process_may_be_absent_at_create() -> None:
    assert decode_config(changed("process", REMOVE)).process is None


def test_time_offsets_of_a_joined_namespace_are_refused() -> None:
    document = changed("linux.timeOffsets", {"boottime": {"secs": 1}})
    document["linux"]["namespaces"].append({"type": "time", "path": "/proc/1/ns/time"})
    with pytest.raises(InvalidArgument, match="is joined"):
        decode_config(document)


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(TuiContainerError) as caught:
        decode_config(changed("linux.rootfsPropagation", "x" * 10_000))
    assert len(caught.value.message) < 400


def test_decoding_costs_well_under_two_milliseconds() -> None:
    document = default_document()
    best = 1.0
    for _ in range(20):
        start = time.perf_counter()
        decode_config(document)
        best = min(best, time.perf_counter() - start)
    assert best < 0.002
