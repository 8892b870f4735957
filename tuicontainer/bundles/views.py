"""What doors see of bundles."""

from __future__ import annotations

from tuicontainer.record import Record


class BundleView(Record):
    """One bundle folder, found in a bundle root."""

    name: str
    path: str
    """Absolute path of the folder that a container is made from (assembled for shipped ones)."""
    description: str = ""
    """Annotation `io.tuicontainer.description`."""
    args: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    terminal: bool = False
    memory_limit: int | None = None
    cpus: float | None = None
    pids_limit: int | None = None
    hooks: int = 0
    """How many hooks it names."""
    shipped: bool = False
    problem: str = ""
    """Why it can't be used, in one line; empty when it can."""
    hint: str = ""
