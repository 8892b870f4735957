"""Device rules: one meaning, and two ways to tell the kernel, checked against it."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tuicontainer.errors import Unsupported
from tuicontainer.runtime.cgroups.device_filter import assemble_device_filter
from tuicontainer.runtime.cgroups.device_rules import (
    DEFAULT_RULES,
    describe_rule,
    effective_rules,
    v1_commands,
)
from tuicontainer.spec.config import DeviceRule

NUMBERS = st.one_of(st.none(), st.integers(0, 2))
ACCESSES = st.sampled_from(["r", "w", "m", "rw", "rm", "wm", "rwm"])
RULES = st.lists(
    st.builds(
        DeviceRule,
        allow=st.booleans(),
        type=st.sampled_from(["a", "b", "c"]),
        major=NUMBERS,
        minor=NUMBERS,
        access=ACCESSES,
    ),
    max_size=8,
)
REQUESTS = [
    (kind, major, minor, access)
    for kind in "bc"
    for major in range(3)
    for minor in range(3)
    for access in ("r", "w", "m", "rw", "rwm")
]


def means(rules: Sequence[DeviceRule], kind: str, major: int, minor: int, access: str) -> bool:
    """The specification's words: for each access the last rule that names it decides."""
    for letter in access:
        verdict = False
        for rule in rules:
            if (
                rule.type in ("a", kind)
                and rule.major in (None, major)
                and rule.minor in (None, minor)
                and letter in rule.access
            ):
                verdict = rule.allow
        if not verdict:
            return False
    return True


def run(program: bytes, kind: str, major: int, minor: int, access: str) -> bool:
    """Interpret the eBPF program as the kernel would."""
    bits = sum({"m": 1, "r": 2, "w": 4}[letter] for letter in access)
    context = {0: bits << 16 | {"b": 1, "c": 2}[kind], 4: major, 8: minor}
    registers = [0] * 11
    mask, at = 2**64 - 1, 0
    for _ in range(10_000):
        code, both, offset, value = struct.unpack_from("<BBhi", program, at * 8)
        to, source = both & 15, both >> 4
        at += 1
        if code == 0x61:
            assert source == 1
            registers[to] = context[offset]
        elif code == 0xB7:
            registers[to] = value & mask
        elif code == 0xBF:
            registers[to] = registers[source]
        elif code == 0x57:
            registers[to] &= value & mask
        elif code == 0x77:
            registers[to] >>= value
        elif code == 0x15:
            at += offset if registers[to] == value & mask else 0
        elif code == 0x45:
            at += offset if registers[to] & value & mask else 0
        elif code == 0x55:
            at += offset if registers[to] != value & mask else 0
        elif code == 0x95:
            return registers[0] == 1
        else:
            raise AssertionError(f"unknown operation {code:#x}")
    raise AssertionError("the program doesn't end")


def ask_v1(commands: list[tuple[str, str]], kind: str, numbers: list[int], access: str) -> bool:
    """Answer as the kernel's device controller does for these writes."""
    (first, everything), *others = commands
    assert everything == "a"
    allowed = first == "devices.allow"
    for file, line in others:
        assert file != first
        type_, number, letters = line.split()
        matches = type_ == kind and all(
            have in ("*", str(want)) for have, want in zip(number.split(":"), numbers, strict=True)
        )
        if matches and not allowed and set(access) <= set(letters):
            return True
        if matches and allowed and set(access) & set(letters):
            return False
    return allowed


@given(RULES)
def test_the_program_means_what_the_rules_say(rules: list[DeviceRule]) -> None:
    program = assemble_device_filter(rules, "little")
    for request in REQUESTS:
        assert run(program, *request) == means(rules, *request), request


@given(RULES)
def test_v1_exceptions_mean_what_the_rules_say_or_are_refused(rules: list[DeviceRule]) -> None:
    try:
        commands = v1_commands(rules)
    except Unsupported:
        # Only a rule that takes something away may be one that v1 can't express.
        assume(False)
    for kind, major, minor, access in REQUESTS:
        expected = means(rules, kind, major, minor, access)
        assert ask_v1(commands, kind, [major, minor], access) == expected


@given(RULES)
def test_default_devices_are_always_allowed(rules: list[DeviceRule]) -> None:
    effective = effective_rules(rules)
    for rule in DEFAULT_RULES:
        major = 200 if rule.major is None else rule.major
        minor = 200 if rule.minor is None else rule.minor
        assert means(effective, rule.type, major, minor, rule.access)


def test_without_rules_only_the_default_devices_are_allowed() -> None:
    assert v1_commands(effective_rules(())) == [
        ("devices.deny", "a"),
        ("devices.allow", "c *:* m"),
        ("devices.allow", "b *:* m"),
        ("devices.allow", "c 1:3 rwm"),
        ("devices.allow", "c 1:5 rwm"),
        ("devices.allow", "c 1:7 rwm"),
        ("devices.allow", "c 1:8 rwm"),
        ("devices.allow", "c 1:9 rwm"),
        ("devices.allow", "c 5:0 rwm"),
        ("devices.allow", "c 5:2 rwm"),
        ("devices.allow", "c 136:* rwm"),
    ]


def test_a_rule_for_everything_makes_earlier_ones_void() -> None:
    early = DeviceRule(allow=True, type="c", major=10, minor=200)
    everything = DeviceRule(allow=False)
    assert effective_rules((early, everything)) == (everything, *DEFAULT_RULES)


def test_v1_refuses_a_hole_and_names_the_rule() -> None:
    rules = (
        DeviceRule(allow=True, type="c", major=10),
        DeviceRule(allow=False, type="c", major=10, minor=200, access="rw"),
    )
    with pytest.raises(Unsupported, match=r"deny c 10:200 rw.*c 10:\* rwm"):
        v1_commands(rules)


def test_both_byte_orders_differ_only_in_the_registers() -> None:
    little = assemble_device_filter(effective_rules(()), "little")
    big = assemble_device_filter(effective_rules(()), "big")
    assert len(little) == len(big)
    assert little[1] == 0x13
    assert big[1] == 0x31


def test_rules_can_say_themselves() -> None:
    assert describe_rule(DeviceRule(allow=False, type="b", major=8)) == "deny b 8:* rwm"
