"""Values to fuzz with, by the field they are for: right ones, borders, and wrong ones."""

from __future__ import annotations

from typing import Any

HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**32, 2**53, 2**63, 2**64, -(2**63), -(2**64), 1.5, 1e300,
    float("inf"), float("nan"), "", " ", "0", "-1", "/", "..", "../..", "a\0b", "a\nb", "\ud800",
    "a" * 5000, "/" + "a/" * 2100, "=", "\x1b[2J", "\uff45", [], {}, [None], [[]], [{}], {"": ""},
    {"a": {"b": {"c": [1, [2, [3]]]}}}, [""], ["a\0"], ["a"] * 300,
)  # fmt: skip

_IDS = (0, 1, 65534, 2**31 - 1, 2**31, 2**32 - 1, 2**32, -1, "0", 1.0)
_SIZES = (0, 1, 4096, 1 << 20, 4 << 20, 1 << 40, -1, -2, 2**63 - 1, 2**63)
_MAPPINGS = (
    [{"containerID": 0, "hostID": 100000, "size": 65536}],
    [{"containerID": 0, "hostID": 0, "size": 1}],
    [{"containerID": 1, "hostID": 100000, "size": 1}],
    [{"containerID": 0, "hostID": 100000, "size": 0}],
    [{"containerID": 0, "hostID": 100000, "size": 2**32 - 1}],
    [{"containerID": 0, "hostID": 1, "size": 5}, {"containerID": 3, "hostID": 9, "size": 5}],
    [{"containerID": n, "hostID": 100000 + n, "size": 1} for n in range(341)],
    [],
)
_ALL = ("mount", "pid", "ipc", "uts", "network", "cgroup")


def _namespaces(*names: str) -> list[dict[str, str]]:
    return [{"type": name} for name in names]


def _mount(destination: str, type_: str = "", *options: str, source: str = "") -> dict[str, Any]:
    mount: dict[str, Any] = {"destination": destination, "options": list(options)}
    return mount | ({"type": type_} if type_ else {}) | ({"source": source} if source else {})


_PROC = _mount("/proc", "proc")
_MOUNT_LISTS: tuple[list[dict[str, Any]], ...] = (
    [],
    [_PROC],
    [_PROC, _mount("/a", "tmpfs", "size=64k", "ro", "nosuid")],
    [_PROC, _mount("a/b/../c", "tmpfs")],
    [_PROC, _mount("/" + "d/" * 60, "tmpfs")],
    [_PROC, _mount("/" + "n" * 300, "tmpfs")],
    [_mount("/proc", "tmpfs")],
    [_PROC, _mount("/proc/self/attr", "tmpfs")],
    [_PROC, _mount("/link/x", "tmpfs"), _mount("/loop/x", "tmpfs")],
    [_PROC, _mount("/file/x", "tmpfs")],
    [_PROC, _mount("/volume", "", "bind", source="volume")],
    [_PROC, _mount("/volume", "", "rbind", "rro", "rnosuid", source="volume")],
    [_PROC, _mount("/file", "", "bind", "ro", source="volume/file")],
    [_PROC, _mount("/volume", "", "bind", source="nope")],
    [_PROC, _mount("/volume", "", "bind", "size=1", source="volume")],
    [_PROC, _mount("/volume", "", "bind", "idmap", source="volume")],
    [_PROC, _mount("/t", "tmpfs", "tmpcopyup"), _mount("/t", "tmpfs", "rw", "ro", "rw")],
    [_PROC, _mount("/t", "tmpfs", "shared"), _mount("/t/u", "tmpfs", "rslave", "unbindable")],
    [_PROC, _mount("/t", "nosuchfs"), _mount("/u")],
    [_PROC, _mount("/t", "tmpfs", "nosuchoption", "size=x")],
    [_PROC, _mount("/t", "tmpfs", "mode=99999")],
    [_PROC, _mount("/", "tmpfs")],
    [_PROC, _mount("", "tmpfs")],
    [_PROC, _mount("/dev", "tmpfs"), _mount("/dev/pts", "devpts", "newinstance")],
    [_PROC, _mount("/sys", "sysfs", "ro"), _mount("/sys/fs/cgroup", "cgroup", "ro")],
    [_PROC, _mount("/m", "mqueue"), _mount("/m", "mqueue")],
    [_PROC, *(_mount(f"/many/{n}", "tmpfs") for n in range(20))],
)

TOP: dict[str, tuple[Any, ...]] = {
    "ociVersion": ("1.0.0", "1.3.0", "2.0.0", "1", "v1.0.0", "1.0.0-x+y", "01.0.0"),
    "root": ({"path": "rootfs"}, {"path": "rootfs", "readonly": True}, {"path": "nope"},
             {"path": "linked"}, {"path": "volume/file"}, {"readonly": True}),
    "hostname": ("a", "a" * 64, "a" * 65, "", "a\nb", "ü"),
    "domainname": ("a", "a" * 64, "a" * 65, ""),
    "annotations": ({"a": "b"}, {"": "x"}, {"a": 1}, {"org.systemd.property.X": "1"}),
    "mounts": _MOUNT_LISTS,
    "hooks": (
        {"createRuntime": [{"path": "/bin/true"}]},
        {"createContainer": [{"path": "/bin/true", "args": [], "env": ["A=b"], "timeout": 5}]},
        {"prestart": [{"path": "/bin/false"}]},
        {"poststop": [{"path": "/nope"}]},
        {"createRuntime": [{"path": "true"}]},
        {"prestart": [{"path": "/bin/true", "timeout": 0}]},
        {"nosuchhook": [{"path": "/bin/true"}]},
        {"poststart": {}},
    ),
}  # fmt: skip

PROCESS: dict[str, tuple[Any, ...]] = {
    "args": (["/bin/true"], ["true"], ["nope"], ["/nope"], ["/etc"], ["/file"], [""], [],
             ["./true"], ["/bin/true", ""], ["/bin/true", "ü" * 100], ["/bin/true"] * 2000,
             ["/script"], ["/loop"]),
    "cwd": ("/", "/new/folder", "/file", "/link", "/loop", "relative", "", "/proc/self/fd/7",
            "/" + "n" * 300, "/" + "d/" * 2100),
    "env": ([], ["PATH=/bin"], ["PATH="], ["A"], ["=b"], ["A=\0"], ["A=1", "A=2"], ["HOME="],
            ["A=" + "x" * 140000], [f"V{n}={n}" for n in range(500)]),
    "terminal": (False, True, "yes", 1),
    "consoleSize": ({"height": 5, "width": 5}, {"height": 0, "width": 0}, {"height": 70000}, {}),
    "user": ({"uid": 0, "gid": 0}, {"uid": 1000, "gid": 1000, "umask": 0o77}, {}, {"uid": 5}),
    "user.uid": _IDS,
    "user.gid": _IDS,
    "user.umask": (0, 0o777, 0o7777, -1, 2**32),
    "user.additionalGids": ([1, 2], [2**32], [0] * 70000, [-1], ["1"]),
    "capabilities": (None, {}, {"bounding": ["CAP_KILL"], "ambient": ["CAP_KILL"]},
                     {"effective": ["CAP_SYS_ADMIN"]}, {"bounding": ["CAP_NOPE", "kill"]},
                     {"inheritable": ["CAP_KILL"] * 3}, {"bounding": "CAP_KILL"}),
    "rlimits": ([], [{"type": "RLIMIT_NOFILE", "soft": 3, "hard": 3}],
                [{"type": "RLIMIT_NOFILE", "soft": 0, "hard": 0}],
                [{"type": "RLIMIT_AS", "soft": 4096, "hard": 4096}],
                [{"type": "RLIMIT_STACK", "soft": 1, "hard": 1}],
                [{"type": "RLIMIT_NPROC", "soft": 0, "hard": 0}],
                [{"type": "RLIMIT_FSIZE", "soft": 0, "hard": 2**64 - 1}],
                [{"type": "RLIMIT_CPU", "soft": 5, "hard": 2}],
                [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}] * 2,
                [{"type": "RLIMIT_NOPE", "soft": 0, "hard": 0}],
                [{"type": "RLIMIT_DATA", "soft": 0, "hard": 0}]),
    "noNewPrivileges": (True, False, "no"),
    "oomScoreAdj": (0, 1000, 1001, -1000, -1001, None),
    "scheduler": ({"policy": "SCHED_BATCH", "nice": 5}, {"policy": "SCHED_IDLE"},
                  {"policy": "SCHED_OTHER", "nice": -40}, {"policy": "SCHED_NOPE"},
                  {"policy": "SCHED_OTHER", "priority": 5}, {"policy": "SCHED_DEADLINE"}, {}),
    "ioPriority": ({"class": "IOPRIO_CLASS_BE", "priority": 4}, {"class": "IOPRIO_CLASS_IDLE"},
                   {"class": "IOPRIO_CLASS_BE", "priority": 8}, {"class": "X", "priority": 1}, {}),
    "execCPUAffinity": ({"initial": "0", "final": "0-1"}, {"initial": "4096"}, {"final": "x"}, {}),
    "apparmorProfile": ("", "x"),
    "selinuxLabel": ("", "x"),
}  # fmt: skip

_SECCOMP = {"defaultAction": "SCMP_ACT_ALLOW"}
_FILTER = {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}
_ARGUMENT = {"index": 0, "value": 1, "op": "SCMP_CMP_LE"}
LINUX: dict[str, tuple[Any, ...]] = {
    "namespaces": (
        _namespaces(*_ALL),
        _namespaces("mount", "pid"),
        _namespaces(*_ALL, "time"),
        _namespaces(*_ALL, "user"),
        _namespaces("mount", "pid", "pid"),
        _namespaces("pid"),
        [],
        [{"type": "nope"}],
        [*_namespaces("mount", "pid"), {"type": "network", "path": "/proc/self/ns/uts"}],
        [*_namespaces("mount", "pid"), {"type": "uts", "path": "/nope"}],
        [*_namespaces("mount", "pid"), {"type": "ipc", "path": "relative"}],
    ),
    "uidMappings": _MAPPINGS,
    "gidMappings": _MAPPINGS,
    "timeOffsets": ({"monotonic": {"secs": 5, "nanosecs": 1}}, {"boottime": {"secs": -(2**60)}},
                    {"realtime": {"secs": 1}}, {"monotonic": {"nanosecs": 2**31}}),
    "devices": (
        [],
        [{"path": "/dev/x", "type": "c", "major": 1, "minor": 3, "fileMode": 438, "uid": 5}],
        [{"path": "/dev/x/../y", "type": "c", "major": 1, "minor": 5}],
        [{"path": "/file", "type": "c", "major": 1, "minor": 5}],
        [{"path": "/dev/p", "type": "p"}],
        [{"path": "relative", "type": "c", "major": 1, "minor": 3}],
        [{"path": "/dev/x", "type": "z", "major": 1, "minor": 3}],
        [{"path": "/dev/x", "type": "c", "major": 1, "minor": 3}] * 2,
        [{"path": "/dev/x", "type": "c", "major": -1, "minor": 2**40}],
        [{"path": "/dev/null", "type": "c", "major": 1, "minor": 5}],
    ),
    "cgroupsPath": ("", "relative", "../../x", "/", "a:b", "a:b:c", "/nope\0", ".", "/../..x"),
    "rootfsPropagation": ("private", "rshared", "shared", "slave", "unbindable", "nope", ""),
    "maskedPaths": (["/proc/keys", "/file", "/nope"], ["relative"], ["/link"], ["/loop"], ["/"],
                    ["/etc", "/etc"], ["/proc/self/exe"]),
    "readonlyPaths": (["/etc", "/nope"], ["/"], ["/link"], ["/loop"], [""], ["/proc/self"]),
    "sysctl": ({"net.ipv4.ip_forward": "1"}, {"kernel.msgmax": "8192"}, {"net/ipv4/nope": "1"},
               {"kernel.shmmax": "x"}, {"kernel.msgmax": ""}, {"fs.mqueue.msg_max": "5\n6"},
               {"kernel.core_pattern": "|/x"}, {"net.ipv4.../../kernel/hostname": "x"},
               {"kernel.hostname": "x"}, {"": ""}, {"net.": "1"}, {"vm.swappiness": "1"}),
    "personality": ({"domain": "LINUX"}, {"domain": "LINUX32"}, {"domain": "X"}, {"flags": ["x"]}),
    "memoryPolicy": ({"mode": "MPOL_DEFAULT"}, {"mode": "MPOL_BIND", "nodes": "0"},
                     {"mode": "MPOL_BIND"}, {"mode": "MPOL_X"},
                     {"mode": "MPOL_BIND", "nodes": "99"},
                     {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]}),
    "seccomp": (
        _SECCOMP,
        {"defaultAction": "SCMP_ACT_KILL"},
        {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 9999},
        {"defaultAction": "SCMP_ACT_NOPE"},
        _SECCOMP | {"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_NOPE"]},
        _SECCOMP | {"syscalls": [_FILTER]},
        _SECCOMP | {"syscalls": [_FILTER | {"names": ["nosuchcall"]}]},
        _SECCOMP | {"syscalls": [_FILTER | {"names": []}]},
        _SECCOMP | {"syscalls": [_FILTER | {"args": [_ARGUMENT | {"index": 6}]}]},
        _SECCOMP | {"syscalls": [_FILTER | {"args": [_ARGUMENT | {"value": 2**64 - 1}]}]},
        _SECCOMP | {"syscalls": [_FILTER | {"action": "SCMP_ACT_NOTIFY"}], "listenerPath": "/nope"},
        _SECCOMP | {"flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_X"]},
        _SECCOMP | {"syscalls": [_FILTER] * 500},
    ),
    "intelRdt": ({"closID": "x"}, {"l3CacheSchema": "L3:0=f"}, {}),
    "netDevices": ({"nope0": {"name": "x"}}, {"lo": {}}, {"": {}}),
    "mountLabel": ("", "x"),
}  # fmt: skip

RESOURCES: dict[str, tuple[Any, ...]] = {
    "memory.limit": _SIZES,
    "memory.swap": _SIZES,
    "memory.reservation": _SIZES,
    "memory.kernel": _SIZES,
    "memory.swappiness": (0, 60, 100, 101, 200, -1),
    "memory.disableOOMKiller": (True, False, "x"),
    "memory.checkBeforeUpdate": (True, False),
    "cpu.shares": (0, 1, 2, 1024, 262144, 262145, 2**64 - 1, -1),
    "cpu.quota": (-1, 60000, 100000, 0, 1, -2, 2**63 - 1),
    "cpu.period": (100000, 50000, 0, 1, 1000001, 2**64 - 1),
    "cpu.burst": (0, 1000, 2**63),
    "cpu.cpus": ("0", "0-1", "", "4096", "x", "0-", "1-0", "0,0"),
    "cpu.mems": ("0", "", "99", "x"),
    "cpu.idle": (0, 1, 2, -1),
    "cpu.realtimeRuntime": (0, 1000, -1, 2**62),
    "cpu.realtimePeriod": (1000000, 0, 2**64 - 1),
    "pids.limit": (-1, 0, 1, 100, 2**22, 2**63 - 1, -5),
    "blockIO.weight": (10, 500, 1000, 9, 1001, 0, -1),
    "blockIO.weightDevice": ([{"major": 259, "minor": 99, "weight": 100}], [{"major": 8}]),
    "blockIO.throttleReadBpsDevice": (
        [{"major": 259, "minor": 99, "rate": 1 << 20}], [{"major": -1, "minor": 0, "rate": 1}],
        [{"major": 1, "minor": 3, "rate": 2**64 - 1}], [{}],
    ),
    "hugepageLimits": ([{"pageSize": "2MB", "limit": 0}], [{"pageSize": "3MB", "limit": 0}],
                       [{"pageSize": "../x", "limit": 0}], [{"pageSize": "2MB", "limit": -1}]),
    "network.classID": (0, 1048577, 2**32, -1),
    "network.priorities": ([{"name": "lo", "priority": 1}], [{"name": "x y\n", "priority": 1}]),
    "rdma": ({"mlx5_0": {"hcaHandles": 1}}, {"a b": {}}, {}),
    "unified": ({"memory.high": "1"}, {"../x": "1"}, {"memory.high": "1\n2"}, {"": ""}),
    "devices": ([{"allow": False}], [{"allow": True, "type": "c", "major": 1, "minor": 3}],
                [{"allow": True, "access": "x"}], [{"allow": True, "type": "q"}],
                [{"allow": True, "type": "c", "major": 1}], [{"allow": False, "type": "a"}] * 50),
}  # fmt: skip

ID_PIECES = ("a", "web", "..", ".", "/", "../", "-", "_", "+", " ", "\n", "%00", "~", "~seccomp",
             "a" * 254, "a" * 256, "\x1b", "ü", "{", "}", "%n", "--root", "*", ":")  # fmt: skip

_NUMBERS = ("0", "1", "-1", "100000", "99999999999999999999999", "1e3", "0x10", "", " 1",
            "\u0661", "1k")  # fmt: skip
_RAM = ("4m", "64M", "1g", "-1", "-2", "1.5m", "x", "", "9e99p", "99999999p", "m", "1 m", "\u0663m")
FLAG_VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "exec": {
        "user": ("0", "1:1", "", "root", "-1", "1:", ":1", "4294967296", "1:1:1", " 1", "\u0661"),
        "cwd": ("/", "", "relative", "/nope", "/proc/self/fd/9", "/file", "/loop"),
        "env": ("A=b", "A", "=", "", "A=\n"),
        "cap": ("CAP_KILL", "kill", "CAP_NOPE", ""),
        "additional-gids": ("0", "-1", "x", "4294967295", "", "\u0663"),
        "preserve-fds": ("0", "5", "-1", "x", "99999999", ""),
        "process": ("/nope", "/dev/null", "/proc/self/mem", "/etc"),
        "pid-file": ("/nope/x", "/", ""),
        "cgroup": ("../x", "/", "x", "cpu:y", ""),
        "console-socket": ("/nope", ""),
    },
    "update": {
        **dict.fromkeys(("memory", "memory-reservation", "memory-swap"), _RAM),
        **dict.fromkeys(("cpu-quota",), ("-1", "100000", "0", "x", "")),
        **dict.fromkeys(
            ("cpu-period", "cpu-burst", "cpu-share", "cpu-rt-period", "cpu-rt-runtime", "cpu-idle",
             "pids-limit", "blkio-weight"), _NUMBERS),
        "cpuset-cpus": ("0", "0-1", "99999", "x", "", "0,"),
        "cpuset-mems": ("0", "7", "x", ""),
        "resources": ("/nope", "/dev/null", "/etc", ""),
        "kernel-memory": ("1", "x"),
    },
}  # fmt: skip
