"""Profiles by hypothesis: any names, actions and conditions, with numbers close together."""

from __future__ import annotations

from hypothesis import strategies as st

from tuicontainer.spec.seccomp import ACTIONS, OPERATORS, Seccomp, SeccompArgument, SeccompRule

NAMES = ("read", "write", "ioctl", "clone", "clone3", "personality", "openat2", "no_such_call")
NUMBERS = st.one_of(
    st.integers(0, 8),
    st.integers(2**32 - 3, 2**32 + 3),
    st.integers(2**64 - 3, 2**64 - 1),
    st.integers(0, 2**64 - 1),
)
ARGUMENTS = st.lists(NUMBERS, min_size=6, max_size=6)

conditions = st.builds(
    SeccompArgument,
    index=st.integers(0, 5),
    operator=st.sampled_from(OPERATORS),
    value=NUMBERS,
    value_two=NUMBERS,
)
"""Conditions; `value_two` matters to one operator only."""


@st.composite
def rules(draw: st.DrawFn, *, actions: tuple[str, ...] = ACTIONS) -> SeccompRule:
    action = draw(st.sampled_from(actions))
    with_errno = action in {"SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"}
    return SeccompRule(
        names=tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))),
        action=action,
        errno_ret=draw(st.none() | st.integers(0, 4095)) if with_errno else None,
        arguments=tuple(draw(st.lists(conditions, max_size=3))),
    )


@st.composite
def profiles(draw: st.DrawFn, *, architectures: tuple[str, ...] = ()) -> Seccomp:
    return Seccomp(
        default_action=draw(st.sampled_from(ACTIONS)),
        architectures=architectures,
        rules=tuple(draw(st.lists(rules(), max_size=6))),
    )


@st.composite
def profiles_of_one_action(draw: st.DrawFn) -> Seccomp:
    """Draw a profile whose rules can't contradict each other."""
    return Seccomp(
        default_action="SCMP_ACT_ERRNO",
        rules=tuple(draw(st.lists(rules(actions=("SCMP_ACT_ALLOW",)), max_size=6))),
    )
