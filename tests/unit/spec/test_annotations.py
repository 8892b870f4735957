"""crun's annotations: which are fields, which are refused, and that others mean nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tuicontainer.errors import InvalidArgument, Unsupported
from tuicontainer.spec.config import TimeOffset
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document

NOTIFYING = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}],
}


def annotated(annotations: dict[str, str], **linux: Any) -> dict[str, Any]:
    document = default_document()
    document["linux"] |= linux
    return {**document, "annotations": annotations}


@pytest.mark.parametrize("clock", ["monotonic", "1"])
def test_offsets_of_the_time_namespace(clock: str) -> None:
    namespaces = [*default_document()["linux"]["namespaces"], {"type": "time"}]
    annotation = {"run.oci.timens_offset": f"{clock} -86400 5\nboottime 3 4"}
    document = annotated(annotation, namespaces=namespaces)
    before = copy.deepcopy(document)
    config = decode_config(document)
    assert config.linux.time_offsets == {
        "monotonic": TimeOffset(secs=-86400, nanosecs=5),
        "boottime": TimeOffset(secs=3, nanosecs=4),
    }
    assert document == before
    assert config.document["linux"]["timeOffsets"]["boottime"] == {"secs": 3, "nanosecs": 4}
    # The specification's own field wins.
    document["linux"]["timeOffsets"] = {"boottime": {"secs": 9}}
    assert decode_config(document).linux.time_offsets == {"boottime": TimeOffset(secs=9)}


@pytest.mark.parametrize("value", ["realtime 1 2", "monotonic", "monotonic 1 2 3", "monotonic x 1"])
def test_offsets_that_say_nothing(value: str) -> None:
    with pytest.raises(InvalidArgument, match="timens_offset"):
        decode_config(annotated({"run.oci.timens_offset": value}))


def test_receiver_of_a_seccomp_listener() -> None:
    annotations = {"run.oci.seccomp.receiver": "/run/agent"}
    seccomp = decode_config(annotated(annotations, seccomp=NOTIFYING)).linux.seccomp
    assert seccomp is not None
    assert seccomp.listener_path == "/run/agent"
    own = {**NOTIFYING, "listenerPath": "/run/own"}
    seccomp = decode_config(annotated(annotations, seccomp=own)).linux.seccomp
    assert seccomp is not None
    assert seccomp.listener_path == "/run/own"
    # Without a listener there is nothing to receive.
    quiet = {"defaultAction": "SCMP_ACT_ALLOW"}
    seccomp = decode_config(annotated(annotations, seccomp=quiet)).linux.seccomp
    assert seccomp is not None
    assert seccomp.listener_path is None


def test_switches() -> None:
    names = ("run.oci.keep_original_groups", "run.oci.seccomp_fail_unknown_syscall")
    for value, on in (("1", True), ("", True), ("0", False)):
        document = annotated(dict.fromkeys(names, value), seccomp=NOTIFYING | {"syscalls": []})
        config = decode_config(document)
        assert config.process is not None
        assert config.linux.seccomp is not None
        assert config.process.user.keep_groups is on
        assert config.linux.seccomp.known_calls_only is on


@pytest.mark.parametrize("name", ["handler", "seccomp.plugins", "seccomp_bpf_data"])
def test_what_would_change_the_isolation_is_refused(name: str) -> None:
    with pytest.raises(Unsupported, match=f"run.oci.{name}"):
        decode_config(annotated({f"run.oci.{name}": "x"}))


@pytest.mark.parametrize("name", ["run.oci.later", "run.oci.systemd.force_cgroup_v1", "other"])
def test_the_others_mean_nothing(name: str) -> None:
    config = decode_config(annotated({name: "x"}))
    assert config.replace(annotations={}, document={}) == decode_config(annotated({})).replace(
        document={}
    )
