"""The few instructions that lay the seccomp filter on a process, as its last act but one.

Whatever runs after a filter is loaded must be allowed by it. So the waiter and the entrant load it
themselves, from data behind their instructions, with nothing left to do but the program's execve:
a profile may deny read, write, fcntl and all else that a runtime does, and still works.

    capset(CAPABILITIES)                    only without no_new_privs, see below
    seccomp(SET_MODE_FILTER, FLAGS, &PROGRAM)
    if one failed:
        write(RESULT, &(-errno - 4096), 4)
        exit_group(126)

Without no_new_privs the kernel demands CAP_SYS_ADMIN of who loads a filter. The process then is
executed with this capability in its ambient set, in which it survives; `capset` takes it out of the
inheritable set, and by that out of the ambient one, but leaves it permitted for the next call. The
program's execve removes it for good: root gets what is in the bounding set, others what is ambient
(capabilities(7) "Transformation of capabilities during execve()").

Filters that notify aren't loaded here: their descriptor must reach the listener before the program
runs, see `handover`. `told` says what a failure is told as. Sources: seccomp(2), capget(2); the
instruction sets' manuals.
"""

from __future__ import annotations

import struct

from tuicontainer.record import Record
from tuicontainer.runtime.process.elf import CODE_ADDRESS
from tuicontainer.syscalls.capabilities import pack_capabilities, pack_capability_header
from tuicontainer.syscalls.seccomp import SET_MODE_FILTER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.runtime.process.labelling import Labelling

_ALIGNMENT = 8
_PROGRAM = struct.Struct("<H6xQ")
"""struct sock_fprog on 64-bit architectures."""


class Confinement(Record):
    """What a process does to itself before it executes the program."""

    program: bytes = b""
    """The filter's instructions; empty for no filter."""
    flags: int = 0
    labelling: Labelling | None = None
    """The security labels, which come first, as the filter could deny their writing."""
    capabilities: tuple[int, int, int] | None = None
    """Effective, permitted and inheritable set to take on first; None to leave them."""


def confined(
    machine: str, confinement: Confinement, result: int, assemble: Callable[[bytes], bytes]
) -> bytes:
    """Return a program's code with these instructions in it, and their data behind it.

    Args:
        machine: the kernel's name of the architecture.
        confinement: what to do.
        result: descriptor that gets the errno of a failure.
        assemble: returns the program around these instructions.
    """
    # The places of the data depend on the length of the code, which doesn't depend on them.
    code = assemble(_instructions(machine, confinement, result, 0)[0])
    start = _aligned(len(code))
    instructions, data = _instructions(machine, confinement, result, CODE_ADDRESS + start)
    return assemble(instructions).ljust(start, b"\0") + data


def _instructions(
    machine: str, confinement: Confinement, result: int, address: int
) -> tuple[bytes, bytes]:
    """Return all instructions, and the data that they expect at an address."""
    code = data = b""
    if confinement.program:
        data, places = _data(confinement, address)
        code = _ASSEMBLERS[machine](confinement, places, result)
    if confinement.labelling is None:
        return code, data
    from tuicontainer.runtime.process.labelling import label_data, label_instructions

    data = data.ljust(_aligned(len(data)), b"\0")
    labels = label_instructions(machine, confinement.labelling, result, address + len(data))
    return labels + code, data + label_data(confinement.labelling)


def _aligned(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT


def _data(confinement: Confinement, address: int) -> tuple[bytes, tuple[int, int, int]]:
    """Return the data, and the addresses of the structures that system calls take."""
    header = pack_capability_header()
    sets = pack_capabilities(*(confinement.capabilities or (0, 0, 0)))
    header_place = address + _PROGRAM.size
    sets_place = header_place + len(header)
    program = _PROGRAM.pack(len(confinement.program) // 8, sets_place + len(sets))
    data = b"".join((program, header, sets, confinement.program))
    return data, (address, header_place, sets_place)


def _x86_64(confinement: Confinement, places: tuple[int, int, int], result: int) -> bytes:
    """Assemble for x86-64: system call number in rax, arguments in rdi, rsi, rdx."""
    program, header, sets = (struct.pack("<I", place) for place in places)
    failed = (
        b"\x2d\x00\x10\x00\x00",  #          sub  eax, 4096
        b"\x89\x04\x24",  #                  mov  [rsp], eax
        b"\xb8\x01\x00\x00\x00",  #          mov  eax, 1                 write
        b"\xbf" + struct.pack("<I", result),  #  mov  edi, RESULT
        b"\x48\x89\xe6",  #                  mov  rsi, rsp
        b"\xba\x04\x00\x00\x00",  #          mov  edx, 4
        b"\x0f\x05",  #                      syscall
        b"\xb8\xe7\x00\x00\x00",  #          mov  eax, 231               exit_group
        b"\xbf\x7e\x00\x00\x00",  #          mov  edi, 126
        b"\x0f\x05",  #                      syscall
    )
    load = (
        b"\xb8\x3d\x01\x00\x00",  #          mov  eax, 317               seccomp
        b"\xbf" + struct.pack("<I", SET_MODE_FILTER),  #  mov  edi, 1
        b"\xbe" + struct.pack("<I", confinement.flags),  #  mov  esi, FLAGS
        b"\xba" + program,  #                mov  edx, &PROGRAM
        b"\x0f\x05",  #                      syscall
        b"\x85\xc0",  #                      test eax, eax
        b"\x74" + bytes([_size(failed)]),  # jz   done
    )
    capabilities = (
        b"\xb8\x7e\x00\x00\x00",  #          mov  eax, 126               capset
        b"\xbf" + header,  #                 mov  edi, &HEADER
        b"\xbe" + sets,  #                   mov  esi, &SETS
        b"\x0f\x05",  #                      syscall
        b"\x85\xc0",  #                      test eax, eax
        b"\x75" + bytes([_size(load)]),  #   jnz  failed
    )
    parts = load + failed if confinement.capabilities is None else capabilities + load + failed
    return b"".join(parts)


def _aarch64(confinement: Confinement, places: tuple[int, int, int], result: int) -> bytes:
    """Assemble for 64-bit ARM: system call number in x8, arguments in x0, x1, x2."""
    program, header, sets = places
    svc = 0xD4000001  #                         svc  #0
    failed = (
        0xD1400400,  #                          sub  x0, x0, #4096
        0xB90003E0,  #                          str  w0, [sp]
        _movz(8, 64),  #                        mov  x8, #64               write
        _movz(0, result),  #                    mov  x0, #RESULT
        0x910003E1,  #                          mov  x1, sp
        _movz(2, 4),  #                         mov  x2, #4
        svc,
        _movz(8, 94),  #                        mov  x8, #94               exit_group
        _movz(0, 126),  #                       mov  x0, #126
        svc,
    )
    load = (
        _movz(8, 277),  #                       mov  x8, #277              seccomp
        _movz(0, SET_MODE_FILTER),  #           mov  x0, #1
        _movz(1, confinement.flags),  #         mov  x1, #FLAGS
        *_address(2, program),  #               mov  x2, #&PROGRAM
        svc,
        0xB4000000 | (len(failed) + 1) << 5,  # cbz  x0, done
    )
    capabilities = (
        _movz(8, 91),  #                        mov  x8, #91               capset
        *_address(0, header),  #                mov  x0, #&HEADER
        *_address(1, sets),  #                  mov  x1, #&SETS
        svc,
        0xB5000000 | (len(load) + 1) << 5,  #   cbnz x0, failed
    )
    words = load + failed if confinement.capabilities is None else capabilities + load + failed
    return struct.pack(f"<{len(words)}I", *words)


def _movz(register: int, value: int) -> int:
    return 0xD2800000 | value << 5 | register


def _address(register: int, value: int) -> tuple[int, int]:
    """Return the two instructions that load 32 bits."""
    high = 0xF2A00000 | value >> 16 << 5 | register
    return _movz(register, value & 0xFFFF), high


def _size(parts: tuple[bytes, ...]) -> int:
    return sum(map(len, parts))


_ASSEMBLERS = {"x86_64": _x86_64, "aarch64": _aarch64}
