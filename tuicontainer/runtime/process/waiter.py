"""The few instructions that stand in for the container's program between `create` and `start`.

Until the program runs, the container's first process must be something. Were it this interpreter,
the container's members could reach through /proc/PID for its memory and its executable, the host's
python (CVE-2019-5736), and 8 MB would be charged to a container that may have 4. So the init's last
step is to execute a static ELF file of some two hundred bytes from a sealed memfd. It is given the
path of the program before the program's own arguments and does this, on every architecture:

    fcntl(RESULT, F_SETFD, FD_CLOEXEC)      the exec that succeeds closes it: start sees the end
    read(GATE, stack, 1), again if EINTR
    if it didn't read 1 byte: exit_group(126)
    close(GATE)
    the instructions of `confine`, if there is a seccomp profile
    execve(argv[0], argv + 1, envp)
    write(RESULT, &errno, 4)                start says why
    exit_group(127 if errno is ENOENT, else 126)

The kernel's initial stack (System V ABI: argc, argv…, NULL, envp…, NULL) is all it reads, and it
writes nothing but the word that held argc. `tests/kernel/runtime/test_waiter.py` runs it.
Sources: elf(5), execve(2); linux/arch/*/syscall tables; the instruction sets' manuals.
"""

from __future__ import annotations

import struct

from tuicontainer.runtime.process.elf import EM_AARCH64, EM_X86_64, elf_image, open_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.process.confine import Confinement

NAME = "tuicontainer-waiter"
EXIT_NOT_FOUND = 127
EXIT_NOT_EXECUTABLE = 126


def _x86_64(gate: int, result: int, confining: bytes) -> bytes:
    """Assemble for x86-64: system call number in rax, arguments in rdi, rsi, rdx."""
    gate_word, result_word = struct.pack("<I", gate), struct.pack("<I", result)
    parts = (
        b"\x48\x8b\x1c\x24",  #              mov  rbx, [rsp]             argc
        b"\xb8\x48\x00\x00\x00",  #          mov  eax, 72                fcntl
        b"\xbf" + result_word,  #            mov  edi, RESULT
        b"\xbe\x02\x00\x00\x00",  #          mov  esi, 2                 F_SETFD
        b"\xba\x01\x00\x00\x00",  #          mov  edx, 1                 FD_CLOEXEC
        b"\x0f\x05",  #                      syscall
        b"\x31\xc0",  #                again: xor  eax, eax              read
        b"\xbf" + gate_word,  #              mov  edi, GATE
        b"\x48\x89\xe6",  #                  mov  rsi, rsp
        b"\xba\x01\x00\x00\x00",  #          mov  edx, 1
        b"\x0f\x05",  #                      syscall
        b"\x48\x83\xf8\xfc",  #              cmp  rax, -4                -EINTR
        b"\x74\xe9",  #                      je   again
        b"\x48\x83\xf8\x01",  #              cmp  rax, 1
        b"\x74\x0c",  #                      je   go
        b"\xb8\xe7\x00\x00\x00",  #          mov  eax, 231               exit_group
        b"\xbf\x7e\x00\x00\x00",  #          mov  edi, 126
        b"\x0f\x05",  #                      syscall
        b"\xb8\x03\x00\x00\x00",  #      go: mov  eax, 3                 close
        b"\xbf" + gate_word,  #              mov  edi, GATE
        b"\x0f\x05",  #                      syscall
        confining,
        b"\xb8\x3b\x00\x00\x00",  #          mov  eax, 59                execve
        b"\x48\x8b\x7c\x24\x08",  #          mov  rdi, [rsp+8]           argv[0]
        b"\x48\x8d\x74\x24\x10",  #          lea  rsi, [rsp+16]          argv + 1
        b"\x48\x8d\x54\xdc\x10",  #          lea  rdx, [rsp+rbx*8+16]    envp
        b"\x0f\x05",  #                      syscall
        b"\xf7\xd8",  #                      neg  eax                    errno
        b"\x89\x04\x24",  #                  mov  [rsp], eax
        b"\xbd\x7e\x00\x00\x00",  #          mov  ebp, 126
        b"\x83\xf8\x02",  #                  cmp  eax, 2                 ENOENT
        b"\x75\x02",  #                      jne  tell
        b"\xff\xc5",  #                      inc  ebp
        b"\xb8\x01\x00\x00\x00",  #    tell: mov  eax, 1                 write
        b"\xbf" + result_word,  #            mov  edi, RESULT
        b"\x48\x89\xe6",  #                  mov  rsi, rsp
        b"\xba\x04\x00\x00\x00",  #          mov  edx, 4
        b"\x0f\x05",  #                      syscall
        b"\xb8\xe7\x00\x00\x00",  #          mov  eax, 231               exit_group
        b"\x89\xef",  #                      mov  edi, ebp
        b"\x0f\x05",  #                      syscall
        b"\x0f\x0b",  #                      ud2                         if a filter denied that
    )
    return b"".join(parts)


def _aarch64(gate: int, result: int, confining: bytes) -> bytes:
    """Assemble for 64-bit ARM: system call number in x8, arguments in x0, x1, x2."""

    def movz(register: int, value: int) -> int:
        return 0xD2800000 | value << 5 | register

    words = (
        0xF94003F3,  #            ldr  x19, [sp]             argc
        movz(8, 25),  #           mov  x8, #25               fcntl
        movz(0, result),  #       mov  x0, #RESULT
        movz(1, 2),  #            mov  x1, #2                F_SETFD
        movz(2, 1),  #            mov  x2, #1                FD_CLOEXEC
        0xD4000001,  #            svc  #0
        movz(8, 63),  #    again: mov  x8, #63               read
        movz(0, gate),  #         mov  x0, #GATE
        0x910003E1,  #            mov  x1, sp
        movz(2, 1),  #            mov  x2, #1
        0xD4000001,  #            svc  #0
        0xB100101F,  #            cmn  x0, #4                -EINTR
        0x54FFFF40,  #            b.eq again
        0xF100041F,  #            cmp  x0, #1
        0x54000080,  #            b.eq go
        movz(8, 94),  #           mov  x8, #94               exit_group
        movz(0, 126),  #          mov  x0, #126
        0xD4000001,  #            svc  #0
        movz(8, 57),  #       go: mov  x8, #57               close
        movz(0, gate),  #         mov  x0, #GATE
        0xD4000001,  #            svc  #0
        *struct.unpack(f"<{len(confining) // 4}I", confining),
        movz(8, 221),  #          mov  x8, #221              execve
        0xF94007E0,  #            ldr  x0, [sp, #8]          argv[0]
        0x910043E1,  #            add  x1, sp, #16           argv + 1
        0x8B130C22,  #            add  x2, x1, x19, lsl #3   envp
        0xD4000001,  #            svc  #0
        0x4B0003E3,  #            neg  w3, w0                errno
        0xB90003E3,  #            str  w3, [sp]
        movz(20, 126),  #         mov  x20, #126
        0x7100087F,  #            cmp  w3, #2                ENOENT
        0x9A941694,  #            cinc x20, x20, eq
        movz(8, 64),  #           mov  x8, #64               write
        movz(0, result),  #       mov  x0, #RESULT
        0x910003E1,  #            mov  x1, sp
        movz(2, 4),  #            mov  x2, #4
        0xD4000001,  #            svc  #0
        movz(8, 94),  #           mov  x8, #94               exit_group
        0xAA1403E0,  #            mov  x0, x20
        0xD4000001,  #            svc  #0
        0x00000000,  #            udf  #0                    if a filter denied that
    )
    return struct.pack(f"<{len(words)}I", *words)


_ASSEMBLERS = {"x86_64": (EM_X86_64, _x86_64), "aarch64": (EM_AARCH64, _aarch64)}


def waiter_image(
    machine: str, gate: int, result: int, confinement: Confinement | None = None
) -> bytes | None:
    """Return the ELF file for this architecture, or None if we have no instructions for it.

    Args:
        machine: the kernel's name of the architecture.
        gate: descriptor to read one byte from.
        result: descriptor that gets the errno of a failed exec, four bytes in native order.
        confinement: what to do before the exec; needs these descriptors no more.
    """
    if machine not in _ASSEMBLERS:
        return None
    kind, assemble = _ASSEMBLERS[machine]
    if confinement is None:
        return elf_image(kind, assemble(gate, result, b""))
    from tuicontainer.runtime.process.confine import confined

    return elf_image(
        kind,
        confined(machine, confinement, result, lambda confining: assemble(gate, result, confining)),
    )


def open_waiter(
    machine: str, gate: int, result: int, confinement: Confinement | None = None
) -> int | None:
    """Return a close-on-exec descriptor to execute, or None where only the interpreter can wait.

    None on other architectures, and on hosts that forbid executable memory files
    (vm.memfd_noexec=2 gives EACCES).

    Raises:
        OSError: the kernel refused for another reason.
    """
    return open_program(NAME, waiter_image(machine, gate, result, confinement))
