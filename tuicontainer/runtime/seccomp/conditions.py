"""Comparisons of 64-bit arguments, in a machine that knows 32-bit numbers only.

An argument is compared half by half, the high one first. Each comparison here is a run of
instructions that goes on behind its end if the condition holds, and else jumps forward over a
number of instructions that the caller gives. Sources: seccomp(2) for struct seccomp_data,
kernel Documentation/networking/filter.rst for the instructions.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.runtime.seccomp.architectures import Architecture
    from tuicontainer.runtime.seccomp.rules import Alternative
    from tuicontainer.spec.seccomp import SeccompArgument

INSTRUCTION = struct.Struct("=HBBI")
"""struct sock_filter: code, distance if true, distance if false, operand."""

LOAD_WORD = 0x20
JUMP = 0x05
JUMP_EQUAL = 0x15
JUMP_GREATER = 0x25
JUMP_GREATER_EQUAL = 0x35
AND = 0x54
RETURN = 0x06

_ARGUMENTS = 16
"""Offset of the first argument in struct seccomp_data."""
_LOW = 0xFFFFFFFF

_Comparison = tuple[int, int, int, int]
_NEXT, _HOLDS, _FAILS = -1, -2, -3
"""Where to go, until the distances are known."""


def returning(value: int) -> bytes:
    """Return the instruction that ends the filter with *value*."""
    return INSTRUCTION.pack(RETURN, 0, 0, value)


def alternatives_code(
    alternatives: tuple[Alternative, ...], otherwise: int, architecture: Architecture
) -> bytes:
    """Return instructions that end with the first matching alternative's value.

    Args:
        alternatives: in the order in which they are tried.
        otherwise: the value if none matches.
        architecture: where the halves of the arguments are, and whether there is a high one.
    """
    parts = []
    for alternative in alternatives:
        code = returning(alternative.returned)
        for condition in reversed(alternative.conditions):
            code = _condition_code(condition, len(code) // INSTRUCTION.size, architecture) + code
        parts.append(code)
    return b"".join((*parts, returning(otherwise)))


def _condition_code(condition: SeccompArgument, behind: int, architecture: Architecture) -> bytes:
    """Return the comparison; if it fails, *behind* instructions after its own are left out."""
    first = _ARGUMENTS + 8 * condition.index
    low, high = (first, first + 4) if architecture.little else (first + 4, first)
    steps = _STEPS[condition.operator](condition)
    low_steps = [(LOAD_WORD, _NEXT, _NEXT, low), *steps.low]
    if not architecture.wide:
        return _resolve(low_steps, behind)
    return _resolve([(LOAD_WORD, _NEXT, _NEXT, high), *steps.high, *low_steps], behind)


def _resolve(steps: list[_Comparison], behind: int) -> bytes:
    code = b""
    for index, (operation, true, false, operand) in enumerate(steps):
        left = len(steps) - index - 1
        distances = {_NEXT: 0, _HOLDS: left, _FAILS: left + behind}
        code += INSTRUCTION.pack(operation, distances[true], distances[false], operand)
    return code


class _Steps:
    """The comparisons of the two halves, without their loads."""

    __slots__ = ("high", "low")

    def __init__(self, high: list[_Comparison], low: list[_Comparison]) -> None:
        self.high = high
        self.low = low


def _equal(condition: SeccompArgument) -> _Steps:
    high, low = condition.value >> 32, condition.value & _LOW
    return _Steps([(JUMP_EQUAL, _NEXT, _FAILS, high)], [(JUMP_EQUAL, _NEXT, _FAILS, low)])


def _not_equal(condition: SeccompArgument) -> _Steps:
    high, low = condition.value >> 32, condition.value & _LOW
    return _Steps([(JUMP_EQUAL, _NEXT, _HOLDS, high)], [(JUMP_EQUAL, _FAILS, _NEXT, low)])


def _above(operation: int) -> Callable[[SeccompArgument], _Steps]:
    def steps(condition: SeccompArgument) -> _Steps:
        high, low = condition.value >> 32, condition.value & _LOW
        return _Steps(
            [(JUMP_GREATER, _HOLDS, _NEXT, high), (JUMP_EQUAL, _NEXT, _FAILS, high)],
            [(operation, _NEXT, _FAILS, low)],
        )

    return steps


def _below(operation: int) -> Callable[[SeccompArgument], _Steps]:
    """Compare with what is the opposite of *operation* on the low half."""

    def steps(condition: SeccompArgument) -> _Steps:
        high, low = condition.value >> 32, condition.value & _LOW
        return _Steps(
            [(JUMP_GREATER, _FAILS, _NEXT, high), (JUMP_EQUAL, _NEXT, _HOLDS, high)],
            [(operation, _FAILS, _NEXT, low)],
        )

    return steps


def _masked_equal(condition: SeccompArgument) -> _Steps:
    # Bits outside of the mask are left out on both sides, as libseccomp does.
    mask, wanted = condition.value, condition.value_two & condition.value
    return _Steps(
        [(AND, _NEXT, _NEXT, mask >> 32), (JUMP_EQUAL, _NEXT, _FAILS, wanted >> 32)],
        [(AND, _NEXT, _NEXT, mask & _LOW), (JUMP_EQUAL, _NEXT, _FAILS, wanted & _LOW)],
    )


_STEPS: dict[str, Callable[[SeccompArgument], _Steps]] = {
    "SCMP_CMP_EQ": _equal,
    "SCMP_CMP_NE": _not_equal,
    "SCMP_CMP_GT": _above(JUMP_GREATER),
    "SCMP_CMP_GE": _above(JUMP_GREATER_EQUAL),
    "SCMP_CMP_LT": _below(JUMP_GREATER_EQUAL),
    "SCMP_CMP_LE": _below(JUMP_GREATER),
    "SCMP_CMP_MASKED_EQ": _masked_equal,
}
