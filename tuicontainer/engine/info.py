"""Facts about the host and this engine. Reads a few files of /proc and /sys."""

from __future__ import annotations

import os

from tuicontainer import __version__
from tuicontainer.engine.api import EngineInfo
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.spec.state import OCI_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.locations import Locations


def gather_info(
    locations: Locations, bundle_roots: Sequence[str], *, read_only: bool
) -> EngineInfo:
    """Return what is true now."""
    hierarchies = read_hierarchies()
    return EngineInfo(
        version=__version__,
        state_root=locations.state_root,
        data_root=locations.data_root,
        root=os.geteuid() == 0,
        read_only=read_only,
        cgroup_mode=hierarchies.mode,
        controllers=hierarchies.controllers,
        kernel=os.uname().release,
        pressure=_has_pressure(),
        bundle_roots=tuple(bundle_roots),
        oci_version=OCI_VERSION,
    )


def _has_pressure() -> bool:
    """Whether PSI is on; with `psi=0` the file exists but can't be opened (accounting/psi.rst)."""
    try:
        os.close(os.open("/proc/pressure/cpu", os.O_RDONLY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
