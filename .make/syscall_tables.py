"""Writes the tables of system call numbers that the package ships.

    .make/syscall_tables.py HEADERS…

Run by a developer when the kernel has new system calls; nothing else needs it. Sources:

- libseccomp.so.2 of this machine, asked for the name of every number (seccomp_syscall_resolve_…);
- for architectures it lacks, the kernel's headers, each given as NAME=PATH:
  `m68k=…/asm/unistd_32.h sh=…/asm/unistd_32.h`, in Debian's packages linux-libc-dev-m68k-cross and
  linux-libc-dev-sh4-cross;
- loongarch64 has the generic table (`asm-generic/unistd.h`), as aarch64 has, but for `WITHOUT`;
- `NEWER`, what the kernel got after those, from its `scripts/syscall.tbl`. Since 424 a new system
  call has the same number on all architectures, but for an offset.

A table is a text file of names and numbers, sorted by number.
"""

from __future__ import annotations

import ctypes
import re
import sys
from pathlib import Path

TABLES = Path(__file__).parent.parent / "tuicontainer/runtime/seccomp/tables"

X32_BIT = 0x40000000
MIPS_O32, MIPS_64, MIPS_N32 = 4000, 5000, 6000
FIRST_NEWER = 451

LIBSECCOMP = {
    "aarch64": 0xC00000B7,
    "arm": 0x40000028,
    "mips": 0x00000008,
    "mips64": 0x80000008,
    "mips64n32": 0xA0000008,
    "parisc": 0x0000000F,
    "parisc64": 0x8000000F,
    "ppc": 0x00000014,
    "ppc64": 0x80000015,
    "riscv64": 0xC00000F3,
    "s390": 0x00000016,
    "s390x": 0x80000016,
    "x32": 0x4000003E,
    "x86": 0x40000003,
    "x86_64": 0xC000003E,
}
"""Its tokens; that of x32 is its own invention."""
OFFSETS = {"x32": X32_BIT, "mips": MIPS_O32, "mips64": MIPS_64, "mips64n32": MIPS_N32}
ARM_PRIVATE = 0x0F0000

NEWER = (
    "cachestat",
    "fchmodat2",
    "map_shadow_stack",
    "futex_wake",
    "futex_wait",
    "futex_requeue",
    "statmount",
    "listmount",
    "lsm_get_self_attr",
    "lsm_set_self_attr",
    "lsm_list_modules",
    "mseal",
    "setxattrat",
    "getxattrat",
    "listxattrat",
    "removexattrat",
    "open_tree_attr",
    "file_getattr",
    "file_setattr",
    "listns",
)
"""From 451 on, in order (Linux 6.5 to 6.19)."""
OWN = {
    "x86_64": {"uretprobe": 335, "uprobe": 336},
    "riscv64": {"riscv_hwprobe": 258, "riscv_flush_icache": 259},
}
WITHOUT = ("renameat", "getrlimit", "setrlimit")
"""What the generic table has only for architectures that had it before (`__ARCH_WANT_…`)."""


def main() -> None:
    """Write all tables."""
    tables = {name: from_libseccomp(name, token) for name, token in LIBSECCOMP.items()}
    generic = tables["aarch64"].items()
    tables["loongarch64"] = {name: number for name, number in generic if name not in WITHOUT}
    for argument in sys.argv[1:]:
        name, _, path = argument.partition("=")
        tables[name] = from_header(Path(path).read_text())
    for name, table in tables.items():
        offset = OFFSETS.get(name, 0)
        newer = {each: FIRST_NEWER + index + offset for index, each in enumerate(NEWER)}
        whole = newer | OWN.get(name, {}) | table
        lines = (f"{each} {number}" for each, number in sorted(whole.items(), key=by_number))
        (TABLES / f"{name}.txt").write_text("\n".join(lines) + "\n")
        print(f"{name}: {len(whole)}")


def by_number(entry: tuple[str, int]) -> tuple[int, str]:
    """Sort by number; two names of one number by name."""
    return entry[1], entry[0]


def from_libseccomp(name: str, token: int) -> dict[str, int]:
    """Ask for every number that the architecture may have."""
    library = ctypes.CDLL("libseccomp.so.2")
    resolve = library.seccomp_syscall_resolve_num_arch
    resolve.argtypes, resolve.restype = (ctypes.c_uint32, ctypes.c_int), ctypes.c_void_p
    free = ctypes.CDLL(None).free
    free.argtypes = (ctypes.c_void_p,)
    first = OFFSETS.get(name, 0)
    numbers = [*range(first, first + 1000)]
    if name == "arm":
        numbers += range(ARM_PRIVATE, ARM_PRIVATE + 16)
    table = {}
    for number in numbers:
        found = resolve(token, number)
        if found:
            table[ctypes.string_at(found).decode()] = number
            free(found)
    return table


def from_header(text: str) -> dict[str, int]:
    """Read `#define __NR_name number` of an architecture's generated header."""
    return {
        name: int(number)
        for name, number in re.findall(r"^#define __NR_(\w+)\s+(\d+)\s*$", text, re.MULTILINE)
    }


if __name__ == "__main__":
    main()
