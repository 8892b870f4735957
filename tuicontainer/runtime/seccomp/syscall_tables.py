"""The numbers of system calls, one text file an architecture, read when a profile names it.

`.make/syscall_tables.py` of the source tree writes the files and says where the numbers are from.
"""

from __future__ import annotations

import os

_FOLDER = os.path.join(os.path.dirname(__file__), "tables")

ARM_PRIVATE = 0x0F0000
"""From here on are calls that only 32-bit ARM has (cacheflush, set_tls …)."""


def syscall_numbers(table: str) -> dict[str, int]:
    """Return the numbers by name.

    Args:
        table: `Architecture.table`.

    Raises:
        OSError: the file isn't there; the installation is broken.
    """
    with open(os.path.join(_FOLDER, f"{table}.txt"), "rb", buffering=0) as file:
        words = file.read().decode("ascii").split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))
