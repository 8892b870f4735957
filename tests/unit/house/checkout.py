"""Where the checkout is, and which Python files belong to it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))


def python_files(*folders: str) -> Iterator[str]:
    """Yield the Python files below *folders*, relative to the checkout, in a stable order."""
    for top in folders:
        for folder, folders_below, names in os.walk(os.path.join(CHECKOUT, top)):
            folders_below[:] = sorted(name for name in folders_below if name != "__pycache__")
            for name in sorted(names):
                if name.endswith(".py"):
                    yield os.path.relpath(os.path.join(folder, name), CHECKOUT)


def read(path: str) -> str:
    """Return the text of a file of the checkout."""
    with open(os.path.join(CHECKOUT, path), encoding="utf-8") as file:
        return file.read()
