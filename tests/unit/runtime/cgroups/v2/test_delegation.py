"""Which containers get their own group to manage, and which files that takes."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.runtime.cgroups.v2.delegation import files_to_give, group_owner
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document

GROUPS = {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup"}


def owner(
    *,
    mounts: list[dict[str, Any]],
    namespaces: tuple[dict[str, str], ...] = ({"type": "cgroup"},),
    uid: int = 1000,
    mappings: list[dict[str, int]] | None = None,
) -> int | None:
    document = default_document()
    document["mounts"] = mounts
    document["process"]["user"] = {"uid": uid, "gid": 0}
    document["linux"]["namespaces"] = [{"type": "mount"}, {"type": "uts"}, *namespaces]
    if mappings is not None:
        document["linux"]["namespaces"].append({"type": "user"})
        document["linux"] |= {"uidMappings": mappings, "gidMappings": mappings}
    return group_owner(decode_config(document))


def test_the_programs_user_gets_the_group() -> None:
    assert owner(mounts=[GROUPS | {"options": ["rw"]}]) == 1000
    assert owner(mounts=[GROUPS | {"destination": "/sys/fs/cgroup/"}]) == 1000


@pytest.mark.parametrize(
    "changed",
    [
        {"mounts": []},
        {"mounts": [GROUPS | {"options": ["nosuid", "ro"]}]},
        {"mounts": [GROUPS, GROUPS | {"options": ["ro"]}]},
        {"mounts": [GROUPS, GROUPS | {"type": "tmpfs"}]},
        {"namespaces": ()},
        {"namespaces": ({"type": "cgroup", "path": "/proc/1/ns/cgroup"},)},
    ],
)
def test_without_one_of_the_conditions_nobody_gets_it(changed: dict[str, Any]) -> None:
    assert owner(**({"mounts": [GROUPS]} | changed)) is None


@pytest.mark.parametrize(("uid", "expected"), [(0, 100_000), (999, 100_999), (1000, 5)])
def test_the_user_is_told_by_the_hosts_id(uid: int, expected: int | None) -> None:
    mappings = [
        {"containerID": 0, "hostID": 100_000, "size": 1000},
        {"containerID": 1000, "hostID": 5, "size": 1},
    ]
    assert owner(mounts=[GROUPS], uid=uid, mappings=mappings) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads")),
        ("cgroup.procs\nmemory.oom.group\n", ("cgroup.procs", "memory.oom.group")),
    ],
)
def test_files(text: str | None, expected: tuple[str, ...]) -> None:
    assert files_to_give(text) == expected
