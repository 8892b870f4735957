"""What the tabs of the kernel say, and that they fit whatever there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tuicontainer.engine.fake_kernel import pretended_kernel
from tuicontainer.observe.container import KernelView
from tuicontainer.observe.drift import KINDS, Drift
from tuicontainer.observe.groups import GroupView
from tuicontainer.observe.mounts import MountView
from tuicontainer.observe.namespaces import IdMap
from tuicontainer.supervise.views import ContainerView, Event
from tuicontainer.tui.kernel.drift import drift_lines
from tuicontainer.tui.kernel.groups import group_lines, limit_meaning
from tuicontainer.tui.kernel.layout import tree_marks
from tuicontainer.tui.kernel.mounts import mount_lines
from tuicontainer.tui.kernel.namespaces import namespace_lines
from tuicontainer.tui.kernel.processes import process_lines
from tuicontainer.tui.kernel.security import security_lines
from tuicontainer.tui.kernel.timeline import find_phases, timeline_lines
from tuicontainer.tui.spans import Line, plain, width_of

SECOND = 1_000_000_000


def seen(pid: int = 500) -> KernelView:
    view = ContainerView(
        id="web", status="running", pid=pid, bundle="/b", created_ns=1, args=("/bin/web", "-x"),
        rootfs="/srv/web",
    )  # fmt: skip
    return pretended_kernel(view)


def texts(lines: list[Line]) -> list[str]:
    return [plain(line).rstrip() for line in lines]


def tones(lines: list[Line], text: str) -> set[str]:
    return {tone for line in lines for part, tone in line if text in part}


@pytest.mark.parametrize(("depths", "marks"), [
    ([0, 1, 1], ["", "├ ", "└ "]),
    ([0, 1, 2, 2, 1], ["", "├ ", "│ ├ ", "│ └ ", "└ "]),
    ([0, 1, 2, 0, 1], ["", "└ ", "  └ ", "", "└ "]),
    ([], []),
])  # fmt: skip
def test_tree_marks(depths: list[int], marks: list[str]) -> None:
    assert tree_marks(depths) == marks


def test_processes_stand_below_their_parents_with_both_pids() -> None:
    kernel = seen()
    first = kernel.processes[0]
    child = first.replace(pid=502, inner_pid=7, parent=500, args=("cat",), uid=1000, state="R")
    zombie = first.replace(pid=501, inner_pid=6, parent=500, args=(), name="gone", state="Z")
    lines = process_lines(kernel.replace(processes=(first, zombie, child)), 100)
    shown = texts(lines)
    assert shown[0].split() == [
        "PID", "INSIDE", "STATE", "USER", "THREADS", "MEMORY", "CPU", "TIME", "COMMAND",
    ]  # fmt: skip
    assert shown[1].split()[:3] == ["500", "1", "sleeps"]
    assert shown[1].endswith("/bin/web -x")
    assert "├ (gone)" in shown[2]
    assert "zombie" in shown[2]
    assert shown[3].endswith("└ cat")
    assert tones(lines, "0") >= {"bad"}, "root is marked"


def test_mounts_say_what_was_asked_and_what_is_missing() -> None:
    root = seen().mounts[0]
    proc = MountView(
        mount_id=3, parent_id=2, depth=1, target="/proc", type="proc", source="proc", root="/",
        options=("rw", "nosuid"), super_options=("rw",), propagation="shared:5", hidden=False,
    )  # fmt: skip
    config = {"mounts": [
        {"destination": "/proc", "type": "proc", "options": ["ro", "nosuid"]},
        {"destination": "/data", "type": "bind", "options": ["rbind"]},
    ]}  # fmt: skip
    lines = mount_lines(seen().replace(mounts=(root, proc)), config, 160)
    shown = texts(lines)
    assert shown[1].split()[:2] == ["/", "ext4"]
    assert "the root" in shown[1]
    assert "└ /proc" in shown[2]
    assert "proc ro nosuid" in shown[2]
    assert "shared:5" in shown[2]
    assert "missing" in shown[3]
    assert tones(lines, "/data") == {"bad"}
    assert "warning" in tones(lines, "rw"), "ro was asked for"


def test_security_names_sets_filters_and_what_is_powerful() -> None:
    kernel = seen()
    shown = texts(security_lines(kernel, {}, 100))
    assert shown[0].startswith("1 web  user 0, group 0")
    assert "no_new_privs on" in shown
    assert any(line.startswith("kill") and "●    ●    ·    ●    ·" in line for line in shown)
    assert "System call profile  the configuration has none" in shown
    first = kernel.processes[0]
    weak = first.replace(
        pid=501,
        inner_pid=2,
        no_new_privileges=False,
        seccomp="filter",
        seccomp_filters=2,
        capabilities={"bounding": ("CAP_SYS_ADMIN",)},
    )
    lines = security_lines(kernel.replace(processes=(first, weak)), {}, 100)  # fmt: skip
    shown = texts(lines)
    assert any("off: setuid programs" in line for line in shown)
    assert any("filtered, 2 filters" in line for line in shown)
    assert any(line.startswith("sys_admin") and "reaches beyond" in line for line in shown)
    same = kernel.replace(processes=(first, first.replace(pid=501, inner_pid=2, name="cat")))
    assert texts(security_lines(same, {}, 100))[0].startswith("1 web, 2 cat")


def test_a_seccomp_profile_is_read_by_action_and_subject() -> None:
    profile = {
        "defaultAction": "SCMP_ACT_ERRNO",
        "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [
            {"names": ["read", "socket", "frobnicate"], "action": "SCMP_ACT_ALLOW"},
            {"names": ["ptrace"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
            {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0}]},
        ],
    }
    shown = texts(security_lines(seen(), {"linux": {"seccomp": profile}}, 80))
    at = shown.index("System call profile  what isn't named here: refused")
    assert shown[at + 1 :] == [
        "architectures X86_64",
        "",
        "allowed: 3 system calls",
        "  files (1): read",
        "  network (1): socket",
        "  other (1): frobnicate",
        "",
        "refused with errno 1: 1 system call",
        "  processes (1): ptrace",
        "",
        "allowed, for some arguments: 1 system call",
        "  processes (1): clone",
    ]


def test_groups_are_a_tree_with_limits_in_words() -> None:
    def group(path: str, depth: int, **limits: str) -> GroupView:
        named = {name.replace("_", "."): text for name, text in limits.items()}
        return GroupView(hierarchy="v2", path=path, depth=depth, processes=1,
                         controllers=("cpu", "memory"), limits=named)  # fmt: skip

    shown = texts(group_lines([group("/c/web", 0, memory_max="67108864", cpu_max="50000 100000"),
                               group("/c/web/in", 1, pids_max="max")], 90))  # fmt: skip
    assert shown[0] == "version 2  cpu memory"
    assert shown[1] == "/c/web  1 process"
    assert shown[2].split() == ["memory.max", "64.0", "MiB", "67108864"]
    assert shown[3].split() == ["cpu.max", "0.5", "core", "50000", "100000"]
    assert shown[4] == "└ in  1 process"
    assert "no limit" in shown[5]
    assert "no control group" in texts(group_lines([], 60))[0]


@pytest.mark.parametrize(("file", "text", "meaning"), [
    ("cpu.cfs_quota_us", "-1", "no limit"), ("cpu.cfs_quota_us", "150000", "1.5 cores"),
    ("memory.limit_in_bytes", "9223372036854771712", "no limit"),
    ("memory.high", "max", "no limit"),
    ("cpu.cfs_period_us", "100000", ""), ("cpuset.cpus", "0-1", "0-1"), ("pids.max", "64", "64"),
])  # fmt: skip
def test_limits_in_words(file: str, text: str, meaning: str) -> None:
    assert limit_meaning(file, text) == meaning


def test_the_namespace_map_says_who_shares_what() -> None:
    one, two = seen(), seen(600)
    others = tuple(
        each.replace(inode=each.inode + 100) if each.type == "pid" else each
        for each in two.namespaces
    )
    shown = texts(namespace_lines("b", {"a": one, "b": two.replace(namespaces=others)}, 120))
    assert shown[0].split() == [
        "CONTAINER", "user", "mount", "pid", "network", "ipc", "uts", "cgroup", "time",
    ]  # fmt: skip
    assert shown[1].split()[:3] == ["b", "host", "31835+1"]
    assert "+" not in shown[1].split()[3], "its pid namespace is its own"
    assert any(line.startswith("network") and "shared with a" in line for line in shown)
    assert any(line.startswith("pid") and "its own" in line for line in shown)
    assert any("root inside is root outside" in line for line in shown)
    mapped = one.replace(uid_map=(IdMap(container_id=0, host_id=100000, size=65536),))
    assert "users    0-65535 are 100000-165535 of the host" in texts(
        namespace_lines("a", {"a": mapped}, 120)
    )


def events(*told: tuple[str, int], **details: Any) -> list[Event]:
    return [
        Event(cursor=number, time_ns=at * SECOND, type=what, id="web", instance=1, details=details)
        for number, (what, at) in enumerate(told)
    ]


def test_the_timeline_shows_states_and_how_long_they_lasted() -> None:
    told = events(("created", 0), ("started", 2), ("paused", 5), ("resumed", 6), ("exited", 10),
                  status=3)  # fmt: skip
    phases = find_phases(told, 99 * SECOND)
    assert [(phase.name, (phase.to_ns - phase.from_ns) // SECOND) for phase in phases] == [
        ("created", 2), ("running", 3), ("paused", 1), ("running", 4),
    ]  # fmt: skip
    shown = texts(timeline_lines(told, 99 * SECOND, 62))
    assert "10.0s in all" in shown[0]
    bars = [line[21:] for line in shown[1:5]]
    assert [bar.count("━") for bar in bars] == [8, 12, 4, 16]
    assert [bar.index("━") for bar in bars] == [0, 8, 20, 24]
    assert "exited" in shown[9]
    assert "status=3" in shown[9]
    still = find_phases(told[:2], 20 * SECOND)
    assert still[-1].to_ns == 20 * SECOND, "it goes on"
    assert "holds nothing" in texts(timeline_lines([], 0, 60))[0]


def test_drift_says_what_it_means_and_its_source() -> None:
    found = Drift(kind="seccomp-missing", where="linux.seccomp", wanted="filter", found="disabled")
    shown = texts(drift_lines([found], 80))
    assert shown == [
        "▲ seccomp-missing",
        "  No system call filter is loaded",
        "  asked  filter  in linux.seccomp",
        "  has    disabled",
        "  source config-linux.md#seccomp",
    ]
    assert "the kernel has what config.json asked for" in texts(drift_lines([], 80))[0]
    assert all(kind in " ".join(texts(drift_lines([], 60))) for kind in KINDS)


@pytest.mark.parametrize("width", [20, 40, 56, 74, 200])
@pytest.mark.parametrize("make", [
    lambda width: process_lines(seen(), width),
    lambda width: mount_lines(seen(), {"mounts": [{"destination": "/x" * 40}]}, width),
    lambda width: namespace_lines("a", {"a": seen(), "b" * 60: seen()}, width),
    lambda width: timeline_lines(events(("created", 0), ("exited", 3), note="x" * 90), 5, width),
])  # fmt: skip
def test_no_line_of_a_table_is_wider_than_the_pane(
    make: Callable[[int], list[Line]], width: int
) -> None:
    assert max(width_of(line) for line in make(width)) <= max(width, 44)
