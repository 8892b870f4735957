"""Plans the last steps, inside the new root.

Sources: config.md#root (readonly), config-linux.md#masked-paths, #readonly-paths and
#rootfs-mount-propagation.
"""

from __future__ import annotations

from tuicontainer.runtime.rootfs.mounts import MountBind, MountFilesystem
from tuicontainer.runtime.rootfs.options import parse_propagation
from tuicontainer.runtime.rootfs.plan_mounts import normalize
from tuicontainer.runtime.rootfs.protection import (
    CheckFilesystem,
    CloseMounts,
    ClosePath,
    CloseRoot,
    MaskPath,
    SetRootPropagation,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.runtime.rootfs.operations import Operation
    from tuicontainer.spec.config import Config


def plan_protection(config: Config, build: Sequence[Operation]) -> tuple[Operation, ...]:
    """Return the steps after the pivot.

    Args:
        config: the checked configuration.
        build: the steps before it.
    """
    linux = config.linux
    steps: list[Operation] = []
    word = linux.rootfs_propagation
    if word and (mode := parse_propagation(word)) is not None:
        steps.append(SetRootPropagation(word=word, mode=mode[0], recursive=mode[1]))
    mounted = [step for step in build if isinstance(step, (MountFilesystem, MountBind))]
    late = tuple(step.destination for step in mounted if step.read_only_late)
    if late:
        steps.append(CloseMounts(destinations=late))
    if config.root.readonly:
        steps.append(CloseRoot())
    closed = [normalize(path) for path in linux.readonly_paths]
    masked = [normalize(path) for path in linux.masked_paths]
    for path, type_ in (("/proc", "proc"), ("/sys", "sysfs")):
        is_mounted = any(
            isinstance(step, MountFilesystem) and (step.destination, step.type) == (path, type_)
            for step in mounted
        )
        if is_mounted and any(inner.startswith(f"{path}/") for inner in (*closed, *masked)):
            steps.append(CheckFilesystem(path=path, type=type_))
    steps += [ClosePath(path=path) for path in closed]
    steps += [MaskPath(path=path) for path in masked]
    return tuple(steps)
