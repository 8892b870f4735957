"""Which namespaces are made when."""

from __future__ import annotations

import os

import pytest

from tuicontainer.errors import InvalidArgument, NotFound
from tuicontainer.runtime.process.identity_maps import encode_mappings
from tuicontainer.runtime.process.namespaces import (
    FLAGS,
    NamespacePlan,
    encode_offsets,
    open_joined,
    plan_namespaces,
)
from tuicontainer.spec.config import IdMapping, Linux, Namespace, TimeOffset


def plan(*types: str, **paths: str) -> NamespacePlan:
    entries = [Namespace(type=type_) for type_ in types]  # type: ignore[arg-type]
    entries += [Namespace(type=type_, path=path) for type_, path in paths.items()]  # type: ignore[arg-type]
    return plan_namespaces(Linux(namespaces=tuple(entries)))


def test_most_are_flags_of_the_clone() -> None:
    made = plan("pid", "network", "ipc", "uts", "mount", "time")
    assert made.clone == sum(FLAGS.values()) - FLAGS["cgroup"] - FLAGS["user"]
    assert not made.staged
    assert not made.late


def test_the_cgroup_namespace_is_made_late() -> None:
    made = plan("cgroup", "mount")
    assert made.late == FLAGS["cgroup"]
    assert made.clone == FLAGS["mount"]
    assert not made.staged


@pytest.mark.parametrize("paths", [{}, {"user": "/u"}])
def test_the_ipc_namespace_is_made_by_root_of_a_user_namespace(paths: dict[str, str]) -> None:
    made = plan("ipc", "mount", *([] if paths else ["user"]), **paths)
    assert made.late == FLAGS["ipc"]
    assert not made.clone & FLAGS["ipc"]
    assert made.describe()[-1] == "make a new ipc namespace"


def test_joining_needs_a_stage_and_leaves_the_user_namespace_for_last() -> None:
    made = plan("mount", user="/u", pid="/p", network="/n")
    assert made.staged
    assert made.join == (("pid", "/p"), ("network", "/n"), ("user", "/u"))
    assert made.clone == FLAGS["mount"]


def test_time_offsets_need_a_stage() -> None:
    linux = Linux(
        namespaces=(Namespace(type="time"), Namespace(type="mount")),
        time_offsets={"monotonic": TimeOffset(secs=5, nanosecs=7)},
    )
    made = plan_namespaces(linux)
    assert made.staged
    assert made.clone == FLAGS["mount"]
    assert encode_offsets(made.time_offsets) == "monotonic 5 7\n"
    assert made.describe() == [
        "make a time namespace with 'monotonic 5 7\\n'",
        "clone the init into new namespaces: mount",
    ]


@pytest.mark.parametrize("made", [plan(), plan(mount="/m")])
def test_a_mount_namespace_to_build_in_is_always_made(made: NamespacePlan) -> None:
    assert made.describe() == ["clone the init into new namespaces: mount"]


def test_a_namespace_of_another_type_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="not a namespace of type `network`"):
        open_joined(plan(network="/proc/self/ns/uts"))
    with pytest.raises(InvalidArgument, match="not a namespace"):
        open_joined(plan(network="/dev/null"))


def test_a_missing_namespace_is_refused_and_nothing_stays_open() -> None:
    before = os.listdir("/proc/self/fd")
    with pytest.raises(NotFound, match="/nope"):
        open_joined(plan(pid="/proc/self/ns/pid", uts="/nope"))
    assert os.listdir("/proc/self/fd") == before


def test_id_mappings() -> None:
    ranges = (
        IdMapping(container_id=0, host_id=1000, size=1),
        IdMapping(container_id=1, host_id=100_000, size=65536),
    )
    assert encode_mappings(ranges) == b"0 1000 1\n1 100000 65536\n"
    with pytest.raises(InvalidArgument, match="341"):
        encode_mappings([ranges[0]] * 341)
