"""From names to bits, and what of them the kernel's rules allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.runtime.process.capabilities import (
    NAMES,
    CapabilityMasks,
    grantable,
    to_masks,
    unknown_names,
)
from tuicontainer.spec.config import Capabilities
from tuicontainer.syscalls.capabilities import pack_capabilities, unpack_capabilities

SETS = st.integers(0, 2**41 - 1)


@pytest.mark.parametrize(
    ("name", "number"),
    [("CAP_CHOWN", 0), ("CAP_KILL", 5), ("CAP_SYS_ADMIN", 21), ("CAP_AUDIT_READ", 37),
     ("CAP_CHECKPOINT_RESTORE", 40)],
)  # fmt: skip
def test_numbers_are_the_kernels(name: str, number: int) -> None:
    assert NAMES.index(name) == number
    assert to_masks(Capabilities(bounding=(name,))).bounding == 1 << number


def test_without_a_configuration_everything_is_dropped() -> None:
    assert to_masks(None) == CapabilityMasks()


def test_unknown_names_are_reported_once_and_not_granted() -> None:
    sets = Capabilities(bounding=("CAP_MOON", "CAP_KILL"), permitted=("CAP_MOON", "CAP_ASH"))
    assert unknown_names(sets) == ["CAP_ASH", "CAP_MOON"]
    assert to_masks(sets).bounding == 1 << 5
    assert unknown_names(None) == []


@given(SETS, SETS, SETS, SETS, SETS)
def test_what_is_granted_obeys_the_kernels_rules(
    effective: int, permitted: int, inheritable: int, ambient: int, held: int
) -> None:
    wanted = CapabilityMasks(
        effective=effective, permitted=permitted, inheritable=inheritable, ambient=ambient
    )
    sets = grantable(wanted, held)
    assert sets.permitted & ~held == 0
    assert sets.effective & ~sets.permitted == 0
    assert sets.ambient & ~(sets.permitted & sets.inheritable) == 0
    for name in ("effective", "permitted", "inheritable", "ambient"):
        assert getattr(sets, name) & ~getattr(wanted, name) == 0


@given(SETS, SETS, SETS)
def test_words_go_there_and_back(effective: int, permitted: int, inheritable: int) -> None:
    packed = pack_capabilities(effective, permitted, inheritable)
    assert len(packed) == 24
    assert unpack_capabilities(packed) == (effective, permitted, inheritable)
