"""The program that decides in a v2 group whether a device may be used: an assembler, pure.

The kernel calls it with the address of three 32-bit words in r1: the access wanted (mknod 1, read
2, write 4) in the upper half and the type of device (block 1, char 2) in the lower half of the
first, then major and minor. It returns 1 to allow. Ours walks the rules from the last to the
first and keeps in r2 the accesses that no rule has decided yet:

    r3 = type; r2 = access; r4 = major; r5 = minor
    for each rule, last one first:
        unless type, major and minor are the rule's: next
        deny:   if r2 has one of the rule's accesses: deny
        allow:  take the rule's accesses out of r2; if none is left: allow
    deny (or allow, if the first rule is for everything and allows)

So an open for reading and writing passes if one rule allows reading and another one writing, as
the specification's "last match" says, which a list of exceptions doesn't do by itself.
Sources: include/uapi/linux/bpf.h (struct bpf_cgroup_dev_ctx, struct bpf_insn),
Documentation/bpf/standardization/instruction-set.rst.
"""

from __future__ import annotations

import struct

from tuicontainer.runtime.cgroups.device_rules import is_for_everything

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.spec.config import DeviceRule

# Operation codes: class | operation | source (K: immediate, X: register).
LOAD_WORD = 0x61  # BPF_LDX | BPF_MEM | BPF_W
MOVE = 0xB7  # BPF_ALU64 | BPF_MOV | BPF_K
MOVE_REGISTER = 0xBF  # BPF_ALU64 | BPF_MOV | BPF_X
AND = 0x57  # BPF_ALU64 | BPF_AND | BPF_K
SHIFT_RIGHT = 0x77  # BPF_ALU64 | BPF_RSH | BPF_K
JUMP = 0x05  # BPF_JMP | BPF_JA
JUMP_IF_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
JUMP_IF_COMMON_BITS = 0x45  # BPF_JMP | BPF_JSET | BPF_K
JUMP_UNLESS_EQUAL = 0x55  # BPF_JMP | BPF_JNE | BPF_K
EXIT = 0x95  # BPF_JMP | BPF_EXIT

TYPES = {"b": 1, "c": 2}
ACCESSES = {"m": 1, "r": 2, "w": 4}

# The byte that holds two register numbers: destination in the low half on little-endian machines.
NATIVE = struct.Struct("=BBhi")


def assemble_device_filter(rules: Sequence[DeviceRule], byteorder: str) -> bytes:
    """Return the program for these rules.

    Args:
        rules: as `device_rules.effective_rules` returns them.
        byteorder: the machine's, `sys.byteorder`.
    """
    program = _Program()
    program.add(LOAD_WORD, 3, source=1, offset=0)
    program.add(MOVE_REGISTER, 2, source=3)
    program.add(AND, 3, value=0xFFFF)
    program.add(SHIFT_RIGHT, 2, value=16)
    program.add(LOAD_WORD, 4, source=1, offset=4)
    program.add(LOAD_WORD, 5, source=1, offset=8)
    otherwise = "deny"
    for number, rule in reversed(list(enumerate(rules))):
        if is_for_everything(rule):
            otherwise = "allow" if rule.allow else "deny"
            break
        _add_rule(program, rule, following=f"after rule {number}")
    program.end(otherwise)
    return program.encode(byteorder)


def _add_rule(program: _Program, rule: DeviceRule, *, following: str) -> None:
    if rule.type != "a":
        program.jump(JUMP_UNLESS_EQUAL, 3, TYPES[rule.type], following)
    if rule.major is not None:
        program.jump(JUMP_UNLESS_EQUAL, 4, rule.major, following)
    if rule.minor is not None:
        program.jump(JUMP_UNLESS_EQUAL, 5, rule.minor, following)
    bits = sum(ACCESSES[letter] for letter in set(rule.access))
    if rule.allow:
        program.add(AND, 2, value=~bits)
        program.jump(JUMP_IF_EQUAL, 2, 0, "allow")
    else:
        program.jump(JUMP_IF_COMMON_BITS, 2, bits, "deny")
    program.label(following)


class _Program:
    """Instructions with jumps to names, which become distances at the end."""

    def __init__(self) -> None:
        self._instructions: list[tuple[int, int, int, int | str, int]] = []
        self._labels: dict[str, int] = {}

    def add(
        self, code: int, target: int = 0, *, source: int = 0, offset: int = 0, value: int = 0
    ) -> None:
        self._instructions.append((code, target, source, offset, value))

    def jump(self, code: int, register: int, value: int, label: str) -> None:
        self._instructions.append((code, register, 0, label, value))

    def label(self, name: str) -> None:
        self._labels[name] = len(self._instructions)

    def end(self, otherwise: str) -> None:
        """Add the two exits; the verifier refuses one that nothing leads to."""
        other = "deny" if otherwise == "allow" else "allow"
        used = {offset for _, _, _, offset, _ in self._instructions}
        for name in (otherwise, other):
            if name == otherwise or name in used:
                self.label(name)
                self.add(MOVE, 0, value=int(name == "allow"))
                self.add(EXIT)

    def encode(self, byteorder: str) -> bytes:
        encoded = []
        for index, (code, target, source, offset, value) in enumerate(self._instructions):
            if isinstance(offset, str):
                offset = self._labels[offset] - index - 1  # noqa: PLW2901  a name becomes a distance
            low, high = (target, source) if byteorder == "little" else (source, target)
            encoded.append(NATIVE.pack(code, low | high << 4, offset, value))
        return b"".join(encoded)
