"""All architectures of a profile as one program.

    load the architecture
    equal to the first?   load the number, search it, return
    equal to the second?  …
    return KILL_THREAD, as libseccomp does for an architecture that the profile doesn't name

The numbers of one architecture are cut into ranges that return the same; neighbours merge, so that
a profile of 350 allowed calls is some 60 ranges, found by a binary search of six comparisons. Only
comparisons that the kernel can evaluate ahead of time are used, so that calls that are allowed
whatever their arguments never run the filter at all (kernel/seccomp.c seccomp_is_const_allow).
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.seccomp.architectures import ARCHITECTURES, X32_BIT
from tuicontainer.runtime.seccomp.conditions import (
    INSTRUCTION,
    JUMP,
    JUMP_EQUAL,
    JUMP_GREATER_EQUAL,
    LOAD_WORD,
    alternatives_code,
    returning,
)
from tuicontainer.runtime.seccomp.returns import default_value
from tuicontainer.runtime.seccomp.rules import rules_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.seccomp.architectures import Architecture
    from tuicontainer.runtime.seccomp.rules import ArchitectureRules
    from tuicontainer.spec.seccomp import Seccomp

    Ranges = list[tuple[int, bytes]]
    """First number of each range with its instructions, ascending, from 0 on."""

MAX_INSTRUCTIONS = 4096
"""BPF_MAXINSNS in the kernel."""

KILL_THREAD = 0
NO_CALL = 0xFFFFFFFF
"""What a tracer sets to have no system call done."""
_END = 0x100000000
_OFFSET_NUMBER = 0
_OFFSET_ARCHITECTURE = 4
_LONGEST_JUMP = 255


def compile_filter(seccomp: Seccomp, native: str) -> bytes:
    """Return the program for a kernel of this architecture.

    Args:
        seccomp: the profile.
        native: the specification's name of the kernel's architecture, which is always included.

    Raises:
        InvalidArgument: the profile is too large for the kernel.
    """
    groups: dict[int, list[Architecture]] = {}
    order = ARCHITECTURES[native].little
    for name in dict.fromkeys((native, *seccomp.architectures)):
        architecture = ARCHITECTURES[name]
        # No process of this kernel can have the other byte order.
        if architecture.little == order:
            groups.setdefault(architecture.audit, []).append(architecture)
    default = default_value(seccomp)
    parts = [INSTRUCTION.pack(LOAD_WORD, 0, 0, _OFFSET_ARCHITECTURE)]
    for audit, architectures in groups.items():
        section = INSTRUCTION.pack(LOAD_WORD, 0, 0, _OFFSET_NUMBER)
        section += search_code(merge(_ranges(seccomp, architectures, default)))
        parts += [_unless(JUMP_EQUAL, audit, section), section]
    program = b"".join((*parts, returning(KILL_THREAD)))
    count = len(program) // INSTRUCTION.size
    if count > MAX_INSTRUCTIONS:
        raise InvalidArgument(
            f"`linux.seccomp` needs a filter of {count} instructions: "
            f"the kernel takes {MAX_INSTRUCTIONS}"
        )
    return program


def _ranges(seccomp: Seccomp, architectures: list[Architecture], default: int) -> Ranges:
    """Return the ranges of architectures that share a place in the filter's data."""
    ranges: Ranges = []
    is_x86_64 = any(each.table in ("x86_64", "x32") for each in architectures)
    for architecture in sorted(architectures, key=lambda each: each.table, reverse=True):
        rules = rules_for(seccomp, architecture)
        first, end = 0, _END
        if is_x86_64:
            first, end = (X32_BIT, _END) if architecture.table == "x32" else (0, X32_BIT)
        ranges += _ranges_of(rules, architecture, first, end)
    if not is_x86_64:
        return ranges
    tables = [each.table for each in architectures]
    if "x86_64" not in tables:
        ranges.insert(0, (0, returning(KILL_THREAD)))
    if "x32" not in tables:
        ranges.append((X32_BIT, returning(KILL_THREAD)))
        ranges.append((NO_CALL, returning(default)))
    return ranges


def _ranges_of(
    rules: ArchitectureRules, architecture: Architecture, first: int, end: int
) -> Ranges:
    default, missing = returning(rules.default), returning(rules.missing)
    codes = {value: returning(value) for value in set(rules.plain.values())}
    leaves = {number: codes[value] for number, value in rules.plain.items()}
    for number, alternatives in rules.conditional.items():
        leaves[number] = alternatives_code(alternatives, rules.default, architecture)
    beyond = end if rules.newest is None else rules.newest + 1
    ranges: Ranges = []
    position = first
    for number in (*sorted(leaves), end):
        if position < min(number, beyond):
            ranges.append((position, default))
        if max(position, beyond) < number:
            ranges.append((max(position, beyond), missing))
        if number < end:
            ranges.append((number, leaves[number]))
        position = number + 1
    return ranges


def merge(ranges: Ranges) -> Ranges:
    """Return the same ranges with equal neighbours made one."""
    merged: Ranges = []
    last = None
    for start, code in ranges:
        if code != last:
            merged.append((start, code))
            last = code
    return merged


def search_code(ranges: Ranges) -> bytes:
    """Return a binary search for the range of the loaded number."""
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    below, above = search_code(ranges[:middle]), search_code(ranges[middle:])
    return _jump_over(JUMP_GREATER_EQUAL, ranges[middle][0], below) + below + above


def _jump_over(operation: int, operand: int, code: bytes) -> bytes:
    """Return instructions that leave out *code* if the comparison holds."""
    distance = len(code) // INSTRUCTION.size
    if distance <= _LONGEST_JUMP:
        return INSTRUCTION.pack(operation, distance, 0, operand)
    return INSTRUCTION.pack(operation, 0, 1, operand) + INSTRUCTION.pack(JUMP, 0, 0, distance)


def _unless(operation: int, operand: int, code: bytes) -> bytes:
    """Return instructions that leave out *code* if the comparison doesn't hold."""
    distance = len(code) // INSTRUCTION.size
    if distance <= _LONGEST_JUMP:
        return INSTRUCTION.pack(operation, 0, distance, operand)
    return INSTRUCTION.pack(operation, 1, 0, operand) + INSTRUCTION.pack(JUMP, 0, 0, distance)
