"""What the waiter and the entrant do to get their program a security label: more instructions.

    for each label:
        fd = openat2(PROCFS, &PATH, &HOW, sizeof HOW)
        write(fd, &TEXT, length)
        close(fd)
    close(PROCFS)
    if one failed:
        write(RESULT, &(-errno - 8192), 4)
        exit_group(126)

HOW forbids to go over anything mounted in the procfs (see `labels`). Sources: openat2(2),
proc_pid_attr(5); the instruction sets' manuals.
"""

from __future__ import annotations

import os
import struct

from tuicontainer.errors import describe_failure
from tuicontainer.record import Record
from tuicontainer.runtime.process.confine import Confinement
from tuicontainer.runtime.process.labels import (
    label_keys,
    open_containers_procfs,
    write_label,
)
from tuicontainer.runtime.process.procfs import RESOLVE, open_procfs
from tuicontainer.runtime.process.told import LABELLING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.runtime.process.labels import Label
    from tuicontainer.spec.config import Process

_HOW = struct.pack("<QQQ", os.O_WRONLY, 0, RESOLVE)
"""struct open_how: flags, mode, resolve."""


class Labelling(Record):
    """The labels that a process writes before it executes its program."""

    labels: tuple[Label, ...]
    procfs: int
    """Descriptor of the procfs to write them by, closed afterwards."""


def with_labels(
    confinement: Confinement | None, labels: tuple[Label, ...], procfs: int
) -> Confinement:
    """Return what a process does to itself when it writes labels too.

    Args:
        confinement: what it does otherwise, or None.
        labels: what to write.
        procfs: descriptor of the procfs in that process.
    """
    labelling = Labelling(labels=labels, procfs=procfs)
    return (confinement or Confinement()).replace(labelling=labelling)


class ExecLabeller:
    """How the program of an exec gets its security labels.

    The entrant's member writes them by the container's procfs, which knows it. Where the
    interpreter does it, the program's process inherits what was written outside.
    """

    def __init__(
        self, labels: tuple[Label, ...], process: Process, *, in_interpreter: bool
    ) -> None:
        """Begin, with the host in view."""
        self._labels = labels
        if process.selinux_label is not None:
            label_keys(process.selinux_label)
        self._procfs = open_procfs() if in_interpreter else -1

    def open(self) -> int:
        """Return the procfs to write by, in the container's namespaces."""
        return open_containers_procfs() if self._procfs < 0 else self._procfs

    def label_self(self, procfs: int) -> None:
        """Write the labels in the interpreter.

        Raises:
            TuiContainerError: one is refused.
        """
        label_self(procfs, self._labels)


def label_self(procfs: int, labels: Sequence[Label]) -> None:
    """Write the labels of this process, which executes its program itself.

    Raises:
        TuiContainerError: one is refused.
    """
    for label in labels:
        try:
            write_label(procfs, label)
        except OSError as error:
            raise describe_failure(error, while_=f"setting `{label.field}`") from error
    os.close(procfs)


def label_data(labelling: Labelling) -> bytes:
    """Return what the instructions refer to: HOW, then each path, ended by NUL, and text."""
    return _HOW + b"".join(
        label.path.encode() + b"\0" + label.text.encode() for label in labelling.labels
    )


def label_instructions(machine: str, labelling: Labelling, result: int, data: int) -> bytes:
    """Return the instructions for an architecture.

    Args:
        machine: the kernel's name of the architecture.
        labelling: what to write.
        result: descriptor that gets the errno of a failure.
        data: address of what `label_data` returns.
    """
    writes = []
    address = data + len(_HOW)
    for label in labelling.labels:
        text = address + len(label.path.encode()) + 1
        length = len(label.text.encode())
        writes.append((address, text, length))
        address = text + length
    return _ASSEMBLERS[machine](labelling.procfs, writes, result, data)


def _x86_64(procfs: int, writes: Sequence[tuple[int, int, int]], result: int, how: int) -> bytes:
    """Assemble for x86-64: system call number in rax, arguments in rdi, rsi, rdx, r10."""

    def word(value: int) -> bytes:
        return struct.pack("<I", value)

    failed = (
        b"\x2d" + word(LABELLING),  #        sub  eax, 8192
        b"\x89\x04\x24",  #                  mov  [rsp], eax
        b"\xb8\x01\x00\x00\x00",  #          mov  eax, 1                 write
        b"\xbf" + word(result),  #           mov  edi, RESULT
        b"\x48\x89\xe6",  #                  mov  rsi, rsp
        b"\xba\x04\x00\x00\x00",  #          mov  edx, 4
        b"\x0f\x05",  #                      syscall
        b"\xb8\xe7\x00\x00\x00",  #          mov  eax, 231               exit_group
        b"\xbf\x7e\x00\x00\x00",  #          mov  edi, 126
        b"\x0f\x05",  #                      syscall
    )
    failure = b"".join(failed)
    # The failure's place comes first, so that each jump to it has a known, negative distance.
    code = b"\xe9" + word(len(failure)) + failure  # jmp over it
    place = len(code) - len(failure)

    def unless_failed(code: bytes) -> bytes:
        distance = place - (len(code) + 8)
        return code + b"\x85\xc0\x0f\x88" + struct.pack("<i", distance)  # test eax, eax; js

    for path, text, length in writes:
        code += b"".join(
            (
                b"\xb8\xb5\x01\x00\x00",  #  mov  eax, 437               openat2
                b"\xbf" + word(procfs),  #   mov  edi, PROCFS
                b"\xbe" + word(path),  #     mov  esi, &PATH
                b"\xba" + word(how),  #      mov  edx, &HOW
                b"\x41\xba" + word(len(_HOW)),  #  mov  r10d, sizeof HOW
                b"\x0f\x05",  #              syscall
            )
        )
        code = unless_failed(code)
        code += b"".join(
            (
                b"\x89\xc5",  #              mov  ebp, eax
                b"\xb8\x01\x00\x00\x00",  #  mov  eax, 1                 write
                b"\x89\xef",  #              mov  edi, ebp
                b"\xbe" + word(text),  #     mov  esi, &TEXT
                b"\xba" + word(length),  #   mov  edx, length
                b"\x0f\x05",  #              syscall
            )
        )
        code = unless_failed(code)
        code += b"\xb8\x03\x00\x00\x00\x89\xef\x0f\x05"  # close(ebp)
    return code + b"\xb8\x03\x00\x00\x00\xbf" + word(procfs) + b"\x0f\x05"  # close(PROCFS)


def _aarch64(procfs: int, writes: Sequence[tuple[int, int, int]], result: int, how: int) -> bytes:
    """Assemble for 64-bit ARM: system call number in x8, arguments in x0 to x3."""

    def movz(register: int, value: int) -> int:
        return 0xD2800000 | value << 5 | register

    def address(register: int, value: int) -> tuple[int, int]:
        high = 0xF2A00000 | value >> 16 << 5 | register
        return movz(register, value & 0xFFFF), high

    svc = 0xD4000001  #                         svc  #0
    failed = (
        0xD1400800,  #                          sub  x0, x0, #8192
        0xB90003E0,  #                          str  w0, [sp]
        movz(8, 64),  #                         mov  x8, #64               write
        movz(0, result),  #                     mov  x0, #RESULT
        0x910003E1,  #                          mov  x1, sp
        movz(2, 4),  #                          mov  x2, #4
        svc,
        movz(8, 94),  #                         mov  x8, #94               exit_group
        movz(0, 126),  #                        mov  x0, #126
        svc,
    )
    words = [0x14000000 | len(failed) + 1, *failed]  # b over it

    def unless_failed() -> int:
        distance = 1 - len(words)
        return 0xB7F80000 | (distance & 0x3FFF) << 5  # tbnz x0, #63, failed

    for path, text, length in writes:
        words += [
            movz(8, 437),  #                    mov  x8, #437              openat2
            movz(0, procfs),  #                 mov  x0, #PROCFS
            *address(1, path),  #               mov  x1, #&PATH
            *address(2, how),  #                mov  x2, #&HOW
            movz(3, len(_HOW)),  #              mov  x3, #sizeof HOW
            svc,
        ]
        words.append(unless_failed())
        words += [
            0xAA0003F5,  #                      mov  x21, x0
            movz(8, 64),  #                     mov  x8, #64               write
            *address(1, text),  #               mov  x1, #&TEXT
            movz(2, length),  #                 mov  x2, #length
            svc,
        ]
        words.append(unless_failed())
        words += [movz(8, 57), 0xAA1503E0, svc]  # close(x21)
    words += [movz(8, 57), movz(0, procfs), svc]  # close(PROCFS)
    return struct.pack(f"<{len(words)}I", *words)


_ASSEMBLERS = {"x86_64": _x86_64, "aarch64": _aarch64}
