"""Imports, once in the spawner, everything that a monitor will need after the fork.

A module imported here costs each monitor nothing; one imported after the fork costs each its own
pages and its own milliseconds. Nothing here may start a thread or an event loop.
"""

from __future__ import annotations

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
from tuicontainer.errors import TuiContainerError
from tuicontainer.runtime.cgroups.open import open_cgroup
from tuicontainer.runtime.process.identity import boot_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations


def load_for_host(locations: Locations) -> None:
    """Import what depends on the host: its control groups' driver and sampler, the engine's in."""
    boot_id()
    try:
        open_cgroup(locations.engine_cgroup).open_sampler().close()
    except TuiContainerError:
        # No control groups, or none of ours.
        return
