"""The architectures of the specification, as the kernel's filter sees them.

Sources: include/uapi/linux/audit.h (AUDIT_ARCH_…), include/uapi/linux/elf-em.h; libseccomp
include/seccomp.h.in for which of the two SuperH byte orders is which name.
"""

from __future__ import annotations

from tuicontainer.record import Record

_WIDE = 0x80000000
_LITTLE = 0x40000000
_MIPS_N32 = 0x20000000

X32_BIT = 0x40000000
"""Set in the numbers of x32, which shares x86-64's place in the filter's data."""


class Architecture(Record):
    """One way in which programs make system calls."""

    audit: int
    """What the filter finds in `seccomp_data.arch`; shared by x86-64 and x32."""
    table: str
    """Name of its table of system call numbers."""
    wide: bool
    """Whether arguments have 64 bits; else only the low 32 are compared."""
    little: bool
    """Byte order, which decides where the low half of an argument is."""


def _architecture(machine: int, table: str, *, wide: bool, little: bool) -> Architecture:
    audit = machine | (_WIDE if wide else 0) | (_LITTLE if little else 0)
    return Architecture(audit=audit, table=table, wide=wide, little=little)


def _narrow(machine: int, table: str, *, little: bool) -> Architecture:
    """Return an architecture with 32-bit pointers on a 64-bit kernel interface."""
    wide = _architecture(machine | _WIDE, table, wide=True, little=little)
    return wide.replace(wide=False)


ARCHITECTURES = {
    "SCMP_ARCH_X86": _architecture(3, "x86", wide=False, little=True),
    "SCMP_ARCH_X86_64": _architecture(62, "x86_64", wide=True, little=True),
    "SCMP_ARCH_X32": _narrow(62, "x32", little=True),
    "SCMP_ARCH_ARM": _architecture(40, "arm", wide=False, little=True),
    "SCMP_ARCH_AARCH64": _architecture(183, "aarch64", wide=True, little=True),
    "SCMP_ARCH_LOONGARCH64": _architecture(258, "loongarch64", wide=True, little=True),
    "SCMP_ARCH_M68K": _architecture(4, "m68k", wide=False, little=False),
    "SCMP_ARCH_MIPS": _architecture(8, "mips", wide=False, little=False),
    "SCMP_ARCH_MIPS64": _architecture(8, "mips64", wide=True, little=False),
    "SCMP_ARCH_MIPS64N32": _narrow(8 | _MIPS_N32, "mips64n32", little=False),
    "SCMP_ARCH_MIPSEL": _architecture(8, "mips", wide=False, little=True),
    "SCMP_ARCH_MIPSEL64": _architecture(8, "mips64", wide=True, little=True),
    "SCMP_ARCH_MIPSEL64N32": _narrow(8 | _MIPS_N32, "mips64n32", little=True),
    "SCMP_ARCH_PPC": _architecture(20, "ppc", wide=False, little=False),
    "SCMP_ARCH_PPC64": _architecture(21, "ppc64", wide=True, little=False),
    "SCMP_ARCH_PPC64LE": _architecture(21, "ppc64", wide=True, little=True),
    "SCMP_ARCH_S390": _architecture(22, "s390", wide=False, little=False),
    "SCMP_ARCH_S390X": _architecture(22, "s390x", wide=True, little=False),
    "SCMP_ARCH_SH": _architecture(42, "sh", wide=False, little=True),
    "SCMP_ARCH_SHEB": _architecture(42, "sh", wide=False, little=False),
    "SCMP_ARCH_PARISC": _architecture(15, "parisc", wide=False, little=False),
    "SCMP_ARCH_PARISC64": _architecture(15, "parisc64", wide=True, little=False),
    "SCMP_ARCH_RISCV64": _architecture(243, "riscv64", wide=True, little=True),
}
"""By the specification's name."""

NATIVE = {
    "x86_64": "SCMP_ARCH_X86_64",
    "i386": "SCMP_ARCH_X86",
    "i486": "SCMP_ARCH_X86",
    "i586": "SCMP_ARCH_X86",
    "i686": "SCMP_ARCH_X86",
    "aarch64": "SCMP_ARCH_AARCH64",
    "armv5tel": "SCMP_ARCH_ARM",
    "armv6l": "SCMP_ARCH_ARM",
    "armv7l": "SCMP_ARCH_ARM",
    "armv8l": "SCMP_ARCH_ARM",
    "loongarch64": "SCMP_ARCH_LOONGARCH64",
    "m68k": "SCMP_ARCH_M68K",
    "parisc": "SCMP_ARCH_PARISC",
    "parisc64": "SCMP_ARCH_PARISC64",
    "ppc": "SCMP_ARCH_PPC",
    "ppc64": "SCMP_ARCH_PPC64",
    "ppc64le": "SCMP_ARCH_PPC64LE",
    "riscv64": "SCMP_ARCH_RISCV64",
    "s390": "SCMP_ARCH_S390",
    "s390x": "SCMP_ARCH_S390X",
}
"""By the kernel's name (uname(2)); MIPS and SuperH don't tell their byte order there."""


def native_architecture(machine: str, byte_order: str) -> str | None:
    """Return the specification's name of this host's architecture, or None if it has none.

    Args:
        machine: the kernel's name.
        byte_order: `little` or `big`.
    """
    if machine in ("mips", "mips64"):
        little = "EL" if byte_order == "little" else ""
        return f"SCMP_ARCH_MIPS{little}{machine.removeprefix('mips')}"
    if machine.startswith("sh"):
        return "SCMP_ARCH_SH" if byte_order == "little" else "SCMP_ARCH_SHEB"
    return NATIVE.get(machine)
