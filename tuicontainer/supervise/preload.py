"""Imports, once in the spawner, everything that a monitor will need after the fork.

A module imported here costs each monitor nothing; one imported after the fork costs each its own
pages and its own milliseconds. Nothing here may start a thread or an event loop.
"""

from __future__ import annotations


def load() -> None:
    """Import what monitors and exec sessions use."""
    # First, and without the runtime: the objects that monitors touch lie on fewer pages.
    import tuicontainer.supervise.monitor  # noqa: I001

    import tuicontainer.bundles.load
    import tuicontainer.runtime.create
    import tuicontainer.runtime.delete
    import tuicontainer.runtime.exec
    import tuicontainer.runtime.kill
    import tuicontainer.runtime.pause
    import tuicontainer.runtime.processes
    import tuicontainer.runtime.start
    import tuicontainer.spec.decode
    import tuicontainer.spec.overrides
    import tuicontainer.supervise.exec_session
    import tuicontainer.supervise.operations
    import tuicontainer.supervise.takeover  # noqa: F401
    from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
    from tuicontainer.runtime.cgroups.open import open_cgroup
    from tuicontainer.runtime.process.identity import boot_id

    boot_id()
    if read_hierarchies().mode != "none":
        # Brings in the driver of this host's kind.
        open_cgroup("/tuicontainer")
