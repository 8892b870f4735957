"""`linux.seccomp`: every rule of config-linux.md#seccomp."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.spec.seccomp import (
    ACTIONS,
    ARCHITECTURES,
    FLAGS,
    OPERATORS,
    Seccomp,
    SeccompArgument,
    SeccompRule,
)

ALLOW, ERRNO, NOTIFY = "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_NOTIFY"


def decode(**profile: Any) -> Seccomp:
    document = default_document()
    document["linux"]["seccomp"] = {"defaultAction": ALLOW, **profile}
    seccomp = decode_config(document).linux.seccomp
    assert seccomp is not None
    return seccomp


def rule(**changes: Any) -> dict[str, Any]:
    return {"names": ["read"], "action": ERRNO, **changes}


def condition(**changes: Any) -> dict[str, Any]:
    return {"index": 0, "value": 1, "op": "SCMP_CMP_EQ", **changes}


def test_a_whole_profile() -> None:
    seccomp = decode(
        defaultAction=ERRNO,
        defaultErrnoRet=38,
        architectures=["SCMP_ARCH_X86_64"],
        flags=["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"],
        listenerPath="/run/agent.sock",
        listenerMetadata="m",
        syscalls=[
            rule(errnoRet=0, args=[condition(index=5, value=2**64 - 1, valueTwo=3)]),
            {"names": ["a", "b"], "action": NOTIFY},
        ],
    )
    argument = SeccompArgument(index=5, operator="SCMP_CMP_EQ", value=2**64 - 1, value_two=3)
    assert seccomp == Seccomp(
        default_action="SCMP_ACT_ERRNO",
        default_errno_ret=38,
        architectures=("SCMP_ARCH_X86_64",),
        flags=("SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"),
        listener_path="/run/agent.sock",
        listener_metadata="m",
        rules=(
            SeccompRule(
                names=("read",), action="SCMP_ACT_ERRNO", errno_ret=0, arguments=(argument,)
            ),
            SeccompRule(names=("a", "b"), action="SCMP_ACT_NOTIFY"),
        ),
    )
    assert seccomp.notifies()


def test_no_flags_differ_from_none_given() -> None:
    assert decode().flags is None
    assert decode(flags=[]).flags == ()
    assert decode(flags=list(FLAGS)).flags == FLAGS


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("operator", OPERATORS)
def test_all_actions_and_operators(action: str, operator: str) -> None:
    entry = rule(action=action, args=[condition(op=operator)])
    (decoded,) = decode(syscalls=[entry], listenerPath="/a").rules
    assert (decoded.action, decoded.arguments[0].operator) == (action, operator)


def test_all_architectures() -> None:
    assert len(ARCHITECTURES) == 23
    assert decode(architectures=list(ARCHITECTURES)).architectures == ARCHITECTURES


INVALID: list[tuple[dict[str, Any], str]] = [
    ({"defaultAction": None}, "`linux.seccomp.defaultAction` is missing"),
    ({"defaultAction": "ALLOW"}, "`linux.seccomp.defaultAction` is `ALLOW`: must be one of"),
    ({"defaultErrnoRet": 1}, "`linux.seccomp.defaultErrnoRet` is `1`: must not be set with"),
    ({"architectures": ["x86_64"]}, "`linux.seccomp.architectures` is `x86_64`"),
    ({"flags": ["TSYNC"]}, "`linux.seccomp.flags` is `TSYNC`"),
    ({"listenerMetadata": "x"}, "without `listenerPath`"),
    ({"defaultAction": NOTIFY}, "`linux.seccomp.listenerPath` is missing"),
    ({"syscalls": [rule(action=NOTIFY)]}, "`linux.seccomp.listenerPath` is missing"),
    ({"syscalls": [rule(names=[])]}, "`linux.seccomp.syscalls[0].names` is empty"),
    ({"syscalls": [rule(names=[""])]}, "must not hold an empty name"),
    ({"syscalls": [rule(action=None)]}, "`linux.seccomp.syscalls[0].action` is missing"),
    ({"syscalls": [rule(action="SCMP_ACT_KILL", errnoRet=0)]}, "which has no errno"),
    ({"syscalls": [rule(errnoRet=4096)]}, "must be from 0 to 4095"),
    ({"syscalls": [rule(errnoRet="EPERM")]}, "must be an integer"),
    ({"syscalls": [rule(args=[condition(index=6)])]}, "must be from 0 to 5"),
    ({"syscalls": [rule(args=[condition(value=2**64)])]}, "args[0].value"),
    ({"syscalls": [rule(args=[condition(value=None)])]}, "args[0].value` is missing"),
    ({"syscalls": [rule(args=[condition(op="EQ")])]}, "args[0].op` is `EQ`"),
    ({"syscalls": {}}, "`linux.seccomp.syscalls` is an object: must be a list"),
]


@pytest.mark.parametrize(("profile", "text"), INVALID, ids=lambda value: str(value)[:60])
def test_a_broken_rule_is_named(profile: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        decode(**profile)
    assert text in caught.value.message
