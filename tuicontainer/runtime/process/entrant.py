"""The few instructions that carry an exec across the border of the container's PID namespace.

A process that joins a container must not be this interpreter when the container's members can see
it: /proc/PID/exe would be the host's python (CVE-2019-5736), its memory and descriptors would be
the runtime's (CVE-2016-9962). So an intermediate outside the PID namespace does all the work, then
executes this static ELF file from a sealed memfd, which makes the member as its own sibling:

    fcntl(RESULT, F_SETFD, FD_CLOEXEC)      the exec that succeeds closes it
    child = clone(CLONE_PARENT)             born inside the namespace that was joined for children
    if child is not 0:                      in the intermediate
        write(RESULT, &child, 4)            the pid as the runtime sees it, or -errno
        exit_group(0)
    setsid()
    ioctl(0, TIOCSCTTY, 0)                  only for a terminal
    read(RESULT, &word, 4)                  only if it is held: the runtime sets what a clone would
                                            lose; without a word, exit_group(127)
    the instructions of `confine`, if there is a seccomp profile
    execve(argv[0], argv + 1, envp)
    write(RESULT, &-errno, 4)
    exit_group(127)

Sources: as in `waiter`; clone(2) for the order of arguments, which differs by architecture.
"""

from __future__ import annotations

import struct

from tuicontainer.runtime.process.elf import EM_AARCH64, EM_X86_64, elf_image, open_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.process.confine import Confinement

NAME = "tuicontainer-entrant"

_MESSAGE = struct.Struct("=i")


def _x86_64(result: int, confining: bytes, *, terminal: bool, held: bool) -> bytes:
    """Assemble for x86-64: system call number in rax, arguments in rdi, rsi, rdx, r10, r8."""
    word = struct.pack("<I", result)
    write = (
        b"\xb8\x01\x00\x00\x00",  #          mov  eax, 1                 write
        b"\xbf" + word,  #                   mov  edi, RESULT
        b"\x48\x89\xe6",  #                  mov  rsi, rsp
        b"\xba\x04\x00\x00\x00",  #          mov  edx, 4
        b"\x0f\x05",  #                      syscall
    )
    control = (
        b"\xb8\x10\x00\x00\x00",  #          mov  eax, 16                ioctl
        b"\x31\xff",  #                      xor  edi, edi
        b"\xbe\x0e\x54\x00\x00",  #          mov  esi, 0x540e            TIOCSCTTY
        b"\x31\xd2",  #                      xor  edx, edx
        b"\x0f\x05",  #                      syscall
    )
    wait = (
        b"\x31\xc0",  #                      xor  eax, eax               read
        b"\xbf" + word,  #                   mov  edi, RESULT
        b"\x48\x89\xe6",  #                  mov  rsi, rsp
        b"\xba\x04\x00\x00\x00",  #          mov  edx, 4
        b"\x0f\x05",  #                      syscall
        b"\x85\xc0",  #                      test eax, eax
        b"\x75\x0c",  #                      jnz  over the next three
        b"\xb8\xe7\x00\x00\x00",  #          mov  eax, 231               exit_group
        b"\xbf\x7f\x00\x00\x00",  #          mov  edi, 127
        b"\x0f\x05",  #                      syscall
    )
    parts = (
        b"\x48\x8b\x1c\x24",  #              mov  rbx, [rsp]             argc
        b"\xb8\x48\x00\x00\x00",  #          mov  eax, 72                fcntl
        b"\xbf" + word,  #                   mov  edi, RESULT
        b"\xbe\x02\x00\x00\x00",  #          mov  esi, 2                 F_SETFD
        b"\xba\x01\x00\x00\x00",  #          mov  edx, 1                 FD_CLOEXEC
        b"\x0f\x05",  #                      syscall
        b"\xb8\x38\x00\x00\x00",  #          mov  eax, 56                clone
        b"\xbf\x00\x80\x00\x00",  #          mov  edi, 0x8000            CLONE_PARENT
        b"\x31\xf6",  #                      xor  esi, esi
        b"\x31\xd2",  #                      xor  edx, edx
        b"\x45\x31\xd2",  #                  xor  r10d, r10d
        b"\x45\x31\xc0",  #                  xor  r8d, r8d
        b"\x0f\x05",  #                      syscall
        b"\x85\xc0",  #                      test eax, eax
        b"\x74\x20",  #                      jz   child
        b"\x89\x04\x24",  #                  mov  [rsp], eax
        *write,
        b"\xb8\xe7\x00\x00\x00",  #          mov  eax, 231               exit_group
        b"\x31\xff",  #                      xor  edi, edi
        b"\x0f\x05",  #                      syscall
        b"\xb8\x70\x00\x00\x00",  #   child: mov  eax, 112               setsid
        b"\x0f\x05",  #                      syscall
        *(control if terminal else ()),
        *(wait if held else ()),
        confining,
        b"\xb8\x3b\x00\x00\x00",  #          mov  eax, 59                execve
        b"\x48\x8b\x7c\x24\x08",  #          mov  rdi, [rsp+8]           argv[0]
        b"\x48\x8d\x74\x24\x10",  #          lea  rsi, [rsp+16]          argv + 1
        b"\x48\x8d\x54\xdc\x10",  #          lea  rdx, [rsp+rbx*8+16]    envp
        b"\x0f\x05",  #                      syscall
        b"\x89\x04\x24",  #                  mov  [rsp], eax             -errno
        *write,
        b"\xb8\xe7\x00\x00\x00",  #          mov  eax, 231               exit_group
        b"\xbf\x7f\x00\x00\x00",  #          mov  edi, 127
        b"\x0f\x05",  #                      syscall
        b"\x0f\x0b",  #                      ud2                         if a filter denied that
    )
    return b"".join(parts)


def _aarch64(result: int, confining: bytes, *, terminal: bool, held: bool) -> bytes:
    """Assemble for 64-bit ARM: system call number in x8, arguments in x0 to x4."""

    def movz(register: int, value: int) -> int:
        return 0xD2800000 | value << 5 | register

    svc = 0xD4000001  #           svc  #0
    write = (
        movz(8, 64),  #           mov  x8, #64               write
        movz(0, result),  #       mov  x0, #RESULT
        0x910003E1,  #            mov  x1, sp
        movz(2, 4),  #            mov  x2, #4
        svc,
    )
    control = (
        movz(8, 29),  #           mov  x8, #29               ioctl
        movz(0, 0),  #            mov  x0, #0
        movz(1, 0x540E),  #       mov  x1, #TIOCSCTTY
        movz(2, 0),  #            mov  x2, #0
        svc,
    )
    wait = (
        movz(8, 63),  #           mov  x8, #63               read
        movz(0, result),  #       mov  x0, #RESULT
        0x910003E1,  #            mov  x1, sp
        movz(2, 4),  #            mov  x2, #4
        svc,
        0xB5000080,  #            cbnz x0, over the next three
        movz(8, 94),  #           mov  x8, #94               exit_group
        movz(0, 127),  #          mov  x0, #127
        svc,
    )
    words = (
        0xF94003F3,  #            ldr  x19, [sp]             argc
        movz(8, 25),  #           mov  x8, #25               fcntl
        movz(0, result),  #       mov  x0, #RESULT
        movz(1, 2),  #            mov  x1, #2                F_SETFD
        movz(2, 1),  #            mov  x2, #1                FD_CLOEXEC
        svc,
        movz(8, 220),  #          mov  x8, #220              clone
        movz(0, 0x8000),  #       mov  x0, #CLONE_PARENT
        movz(1, 0),  #            mov  x1, #0
        movz(2, 0),  #            mov  x2, #0
        movz(3, 0),  #            mov  x3, #0
        movz(4, 0),  #            mov  x4, #0
        svc,
        0xB4000140,  #            cbz  x0, child
        0xB90003E0,  #            str  w0, [sp]
        *write,
        movz(8, 94),  #           mov  x8, #94               exit_group
        movz(0, 0),  #            mov  x0, #0
        svc,
        movz(8, 157),  #   child: mov  x8, #157              setsid
        svc,
        *(control if terminal else ()),
        *(wait if held else ()),
        *struct.unpack(f"<{len(confining) // 4}I", confining),
        movz(8, 221),  #          mov  x8, #221              execve
        0xF94007E0,  #            ldr  x0, [sp, #8]          argv[0]
        0x910043E1,  #            add  x1, sp, #16           argv + 1
        0x8B130C22,  #            add  x2, x1, x19, lsl #3   envp
        svc,
        0xB90003E0,  #            str  w0, [sp]              -errno
        *write,
        movz(8, 94),  #           mov  x8, #94               exit_group
        movz(0, 127),  #          mov  x0, #127
        svc,
        0x00000000,  #            udf  #0                    if a filter denied that
    )
    return struct.pack(f"<{len(words)}I", *words)


_ASSEMBLERS = {"x86_64": (EM_X86_64, _x86_64), "aarch64": (EM_AARCH64, _aarch64)}


def entrant_image(
    machine: str,
    result: int,
    *,
    terminal: bool,
    held: bool = False,
    confinement: Confinement | None = None,
) -> bytes | None:
    """Return the ELF file for this architecture, or None if we have no instructions for it.

    Args:
        machine: the kernel's name of the architecture.
        result: descriptor that gets the pid, and a negative errno where something failed.
        terminal: whether descriptor 0 becomes the controlling terminal.
        held: whether the member waits for a word on *result*, a socket, before it goes on.
        confinement: what the member does before it executes the program.
    """
    if machine not in _ASSEMBLERS:
        return None
    kind, assemble = _ASSEMBLERS[machine]
    if confinement is None:
        return elf_image(kind, assemble(result, b"", terminal=terminal, held=held))
    from tuicontainer.runtime.process.confine import confined

    return elf_image(
        kind,
        confined(
            machine,
            confinement,
            result,
            lambda confining: assemble(result, confining, terminal=terminal, held=held),
        ),
    )


def open_entrant(
    machine: str,
    result: int,
    *,
    terminal: bool,
    held: bool = False,
    confinement: Confinement | None = None,
) -> int | None:
    """Return a close-on-exec descriptor to execute, or None where the interpreter must do it.

    Raises:
        OSError: the kernel refused to make a memory file.
    """
    image = entrant_image(machine, result, terminal=terminal, held=held, confinement=confinement)
    return open_program(NAME, image)


def decode_result(told: bytes) -> tuple[int, int]:
    """Return pid and errno from everything the entrant wrote, 0 for what it didn't.

    The two processes write independently, so a failure may come before the pid.
    """
    pid = errno = 0
    for (value,) in _MESSAGE.iter_unpack(told):
        if value > 0:
            pid = value
        else:
            errno = -value
    return pid, errno
