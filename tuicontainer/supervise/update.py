"""`update` in a monitor's child: other limits for a container, now and for its next instances."""

from __future__ import annotations

import os

from tuicontainer.runtime.processes import sample
from tuicontainer.runtime.update import update
from tuicontainer.spec.config import Resources
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.limits import merge_limits
from tuicontainer.spec.overrides import apply_overrides
from tuicontainer.supervise.files import remove_file, sync_folder, write_json
from tuicontainer.supervise.instances import read_snapshot
from tuicontainer.supervise.records import config_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.spec.limits import Limits

_FIELDS = {"memory": "memory", "cpu": "cpu", "pids": "pids", "blockIO": "block_io"}


def change_limits(
    locations: Locations, container_id: str, limits: Limits, *, live: bool
) -> dict[str, Any] | None:
    """Change the limits in the container's snapshot and, with *live*, in the kernel.

    Returns:
        What the kernel has now (see `limits_in_force`); None for a container without a process.

    Raises:
        InvalidArgument: a value breaks a rule, or the kernel refuses it.
        FailedPrecondition: the container has no control group, or uses more memory than that.
        Unsupported: this host's control groups can't express a value.
        OSError: the snapshot couldn't be written. After any failure all is as before.
    """
    document = read_snapshot(locations, container_id).document
    merged = apply_overrides(document, limits=limits)
    wanted = decode_config(merged).linux.resources
    path = config_path(locations, container_id)
    # On disk before the kernel is asked, in place after it has agreed: neither can be undone by
    # the other's failure, because a rename needs no space.
    fresh = f"{path}.next"
    write_json(fresh, merged, durable=True)
    try:
        if live:
            names = merge_limits(document.get("linux", {}).get("resources", {}), limits)
            changed = {_FIELDS[name]: getattr(wanted, _FIELDS[name]) for name in names}
            update(locations.state_root, container_id, Resources(**changed))
        os.rename(fresh, path)
    except BaseException:
        remove_file(fresh)
        raise
    sync_folder(os.path.dirname(path))
    return limits_in_force(locations, container_id) if live else None


def limits_in_force(locations: Locations, container_id: str) -> dict[str, Any]:
    """Return the limits that the kernel shows for a container; None is no limit or not told.

    Keys: `memory`, `swap` (bytes), `cpu_quota_us` and `cpu_period_us` (CPU time
    in each period, microseconds), `pids` (tasks).
    """
    now = sample(locations.state_root, container_id)
    return {
        "memory": now.memory.limit,
        "swap": now.memory.swap_limit,
        "cpu_quota_us": now.cpu.quota_us,
        "cpu_period_us": now.cpu.period_us,
        "pids": now.pids.limit,
    }
