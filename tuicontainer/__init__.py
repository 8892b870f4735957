"""tuicontainer: a terminal container manager with its own OCI runtime inside.

The public Python API is `open_engine`; everything else is reached through the two
commands `tuicontainer` and `tuicontainer-runtime`. ARCHITECTURE.md shows the rooms.

This module imports nothing when it is loaded, because every door pays for what it imports.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.engine import open_engine as open_engine

__version__ = "0.1.0"

__all__ = ["__version__", "open_engine"]


def __getattr__(name: str) -> object:
    if name == "open_engine":
        from tuicontainer.engine import open_engine

        return open_engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
