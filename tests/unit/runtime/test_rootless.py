"""Who is rootless, and what such a one is refused before anything is made."""

from __future__ import annotations

import pytest

from tuicontainer.errors import Unsupported
from tuicontainer.runtime.cgroups.hierarchies import Hierarchies, HierarchyMount
from tuicontainer.runtime.process.identity_maps import is_own_id
from tuicontainer.runtime.rootless import delegated_parent, is_user_namespace, refuse_limits
from tuicontainer.spec.config import DeviceRule, IdMapping, Pids, Resources


@pytest.mark.parametrize(
    ("uid_map", "expected"),
    [
        ("         0          0 4294967295\n", False),
        ("         0       1000          1\n", True),
        ("0 0 4294967294\n", True),
        ("", True),
    ],
)
def test_a_user_namespace_is_told_by_its_map(uid_map: str, expected: bool) -> None:
    assert is_user_namespace(uid_map) == expected


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([(0, 1000, 1)], True),
        ([(7, 1000, 1)], True),
        ([(0, 1000, 2)], False),
        ([(0, 1001, 1)], False),
        ([(0, 1000, 1), (1, 100000, 10)], False),
    ],
)
def test_ones_own_id(ranges: list[tuple[int, int, int]], expected: bool) -> None:
    mappings = [
        IdMapping(container_id=inside, host_id=outside, size=size)
        for inside, outside, size in ranges
    ]
    assert is_own_id(mappings, 1000) == expected


@pytest.mark.parametrize(
    ("own", "expected"),
    [("/user.slice/user@7.service/app.slice/x.scope", "/user.slice/user@7.service/app.slice"),
     ("/one", ""), ("/", "")],
)  # fmt: skip
def test_containers_go_beside_their_maker(own: str, expected: str) -> None:
    mount = HierarchyMount(controllers=(), mountpoint="/sys/fs/cgroup", version=2, own=own)
    assert delegated_parent(Hierarchies(mode="v2", mounts=(mount,))) == expected


def test_nothing_is_delegated_beside_version_1() -> None:
    mount = HierarchyMount(controllers=(), mountpoint="/unified", version=2, own="/a/b")
    assert delegated_parent(Hierarchies(mode="hybrid", mounts=(mount,))) is None


def test_limits_are_refused_by_name() -> None:
    with pytest.raises(Unsupported, match=r"limits \(pids\)"):
        refuse_limits(Resources(pids=Pids(limit=5)), hint="")


def test_device_rules_limit_nothing() -> None:
    refuse_limits(Resources(devices=(DeviceRule(allow=False),)), hint="")
