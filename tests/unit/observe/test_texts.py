"""Id maps, limits and mounts from the texts of /proc."""

from __future__ import annotations

import os

import pytest

from tuicontainer.observe.container import observe_container, parse_limits
from tuicontainer.observe.mounts import mount_tree
from tuicontainer.observe.namespaces import IdMap, observe_namespaces, parse_id_map
from tuicontainer.runtime.rootfs.mountinfo import parse_mounts

LIMITS = """Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 524288               files
Max of tomorrow           1                    2                    things
"""
MOUNTINFO = r"""10 1 8:1 /roots/a / rw,relatime master:3 - ext4 /dev/sda1 rw
11 10 0:5 / /proc rw,nosuid - proc proc rw
13 10 0:7 / /data rw - tmpfs one rw,size=4k
14 13 0:8 / /data ro shared:9 - tmpfs two rw
12 11 0:6 /sys /proc/sys ro - proc proc rw
"""


def test_id_maps() -> None:
    assert parse_id_map("         0     100000      65536\n     70000          5          1\n") == (
        IdMap(container_id=0, host_id=100000, size=65536),
        IdMap(container_id=70000, host_id=5, size=1),
    )


def test_limits() -> None:
    assert parse_limits(LIMITS) == {
        "RLIMIT_CPU": (None, None),
        "RLIMIT_NOFILE": (1024, 524288),
    }


def test_the_tree_of_mounts() -> None:
    views = mount_tree(parse_mounts(MOUNTINFO))
    assert [(view.target, view.depth, view.source) for view in views] == [
        ("/", 0, "/dev/sda1"),
        ("/proc", 1, "proc"),
        ("/proc/sys", 2, "proc"),
        ("/data", 1, "one"),
        ("/data", 2, "two"),
    ]
    assert [view.propagation for view in views] == [
        "master:3", "private", "private", "private", "shared:9"
    ]  # fmt: skip
    assert [view.source for view in views if view.hidden] == ["one"]
    assert views[0].root == "/roots/a"


def test_ourselves() -> None:
    view = observe_container(os.getpid(), [os.getppid()])
    assert view.process is not None
    assert {namespace.host for namespace in view.namespaces} == {True}
    assert {"user", "mount", "pid", "network"} <= {each.type for each in view.namespaces}
    assert view.mounts[0].depth == 0
    assert view.rlimits["RLIMIT_NOFILE"][0] is not None
    with open("/proc/self/oom_score_adj") as file:
        assert view.oom_score_adj == int(file.read())


def test_nobody() -> None:
    with pytest.raises(ProcessLookupError):
        observe_namespaces(2**22 + 1)
    with pytest.raises(ProcessLookupError):
        observe_container(2**22 + 1, [])
