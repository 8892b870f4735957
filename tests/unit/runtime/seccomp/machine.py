"""The kernel's classic BPF machine, as far as seccomp filters may use it, and its checks.

Sources: kernel net/core/filter.c bpf_check_classic(), kernel/seccomp.c seccomp_check_filter().
"""

from __future__ import annotations

import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LITTLE = sys.byteorder == "little"

LOAD, AND, JUMP, RETURN = 0x20, 0x54, 0x05, 0x06
STORE_MEMORY, LOAD_MEMORY = 0x02, 0x60
COMPARISONS = {
    0x15: lambda a, k: a == k,
    0x25: lambda a, k: a > k,
    0x35: lambda a, k: a >= k,
    0x45: lambda a, k: bool(a & k),
}


class Program:
    """A filter, checked as the kernel checks it when it is loaded."""

    def __init__(self, code: bytes, *, little: bool = LITTLE) -> None:
        self.instructions = list(struct.iter_unpack("<HBBI" if little else ">HBBI", code))
        count = len(self.instructions)
        assert 0 < count <= 4096
        assert self.instructions[-1][0] == RETURN
        for at, (operation, true, false, operand) in enumerate(self.instructions):
            if operation == LOAD:
                assert operand % 4 == 0
                assert operand < 64
            elif operation == JUMP:
                assert at + 1 + operand < count
            elif operation in COMPARISONS:
                assert at + 1 + max(true, false) < count
            else:
                assert operation in {AND, RETURN, STORE_MEMORY, LOAD_MEMORY}, hex(operation)

    def run(
        self, audit: int, number: int, args: Sequence[int] = (), *, little: bool = LITTLE
    ) -> int:
        """Return what the filter returns for one system call."""
        order = "<" if little else ">"
        padded = [*args, 0, 0, 0, 0, 0, 0][:6]
        data = struct.pack(f"{order}IIQ6Q", number, audit, 0x1234, *padded)
        accumulator, at, memory = 0, 0, [0] * 16
        while True:
            operation, true, false, operand = self.instructions[at]
            at += 1
            if operation == LOAD:
                (accumulator,) = struct.unpack_from(f"{order}I", data, operand)
            elif operation == AND:
                accumulator &= operand
            elif operation == JUMP:
                at += operand
            elif operation == RETURN:
                return int(operand)
            elif operation == STORE_MEMORY:
                memory[operand] = accumulator
            elif operation == LOAD_MEMORY:
                accumulator = memory[operand]
            else:
                at += true if COMPARISONS[operation](accumulator, operand) else false
