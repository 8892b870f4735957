"""The smallest file that the kernel executes: two headers, then instructions, in a sealed memfd.

Sources: elf(5), memfd_create(2).
"""

from __future__ import annotations

import struct

from tuicontainer.syscalls.memfd import sealed_memfd

EM_X86_64 = 62
EM_AARCH64 = 183

_LOAD_ADDRESS = 0x400000
_PAGE_ALIGNMENT = 0x10000
_FILE_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
CODE_ADDRESS = _LOAD_ADDRESS + _FILE_HEADER.size + _SEGMENT.size
"""Where in memory the first byte of the code is."""


def elf_image(machine: int, code: bytes) -> bytes:
    """Return a static little-endian 64-bit program that begins at the first byte of *code*."""
    headers = _FILE_HEADER.size + _SEGMENT.size
    size = headers + len(code)
    identification = b"\x7fELF\x02\x01\x01" + bytes(9)
    # type=EXEC machine version entry phoff shoff flags, then sizes and counts of the tables
    header = _FILE_HEADER.pack(
        identification,
        2,
        machine,
        1,
        _LOAD_ADDRESS + headers,
        _FILE_HEADER.size,
        0,
        0,
        _FILE_HEADER.size,
        _SEGMENT.size,
        1,
        0,
        0,
        0,
    )
    # One segment: type=LOAD flags=R+X offset vaddr paddr filesz memsz align
    segment = _SEGMENT.pack(1, 5, 0, _LOAD_ADDRESS, _LOAD_ADDRESS, size, size, _PAGE_ALIGNMENT)
    return header + segment + code


def open_program(name: str, image: bytes | None) -> int | None:
    """Return a close-on-exec descriptor to execute, or None if there is none for this host.

    That is without an image for the architecture, and where executable memory files are forbidden
    (vm.memfd_noexec=2 gives EACCES).

    Raises:
        OSError: the kernel refused for another reason.
    """
    if image is None:
        return None
    try:
        return sealed_memfd(name, image, executable=True)
    except PermissionError:
        return None
