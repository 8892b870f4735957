"""Running without the host's root: who we are, and what a container can't have then.

    unprivileged   not user 0. Everything is done in a user namespace that the container brings.
    nested         user 0 of a user namespace that somebody made around us (rootless Podman).

Both are rootless: the host's control groups are somebody else's, unless one was delegated.
Sources: user_namespaces(7), cgroups(7) "Cgroups delegation"; runc rootless_linux.go and
libcontainer/configs/validate/rootless.go.
"""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument, PermissionDenied, Unsupported
from tuicontainer.runtime.cgroups.files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.hierarchies import Hierarchies
    from tuicontainer.spec.config import Config, Resources

_WHOLE = ["0", "0", "4294967295"]


def is_rootless() -> bool:
    """Tell whether we are somebody else than the host's root."""
    return os.geteuid() != 0 or in_user_namespace()


def in_user_namespace() -> bool:
    """Tell whether we are in another user namespace than the first."""
    return is_user_namespace(read_file("/proc/self/uid_map"))


def is_user_namespace(uid_map: str) -> bool:
    """Tell the same from the text of /proc/self/uid_map."""
    return uid_map.split() != _WHOLE


def check_unprivileged(config: Config) -> None:
    """Refuse what a user who isn't root can't be given.

    Raises:
        PermissionDenied: the container has no user namespace, in which he would be root.
        Unsupported: a setting that comes before the user namespace.
        InvalidArgument: groups that the kernel won't let him add.
    """
    linux = config.linux
    user = linux.namespace("user")
    if user is None:
        raise PermissionDenied(
            "rootless container requires user namespaces",
            hint='add {"type": "user"} to `linux.namespaces` and map your own id, as '
            "`tuicontainer-runtime spec --rootless` does; or be root",
        )
    if linux.time_offsets:
        raise Unsupported(
            "`linux.timeOffsets` needs root: the clocks are set before the container has its user "
            "namespace"
        )
    pid = linux.namespace("pid")
    if linux.seccomp is not None and linux.seccomp.listener_path and (pid is None or pid.path):
        # Who takes the listener over must trace the process; here that would open it to others.
        raise Unsupported(
            "`linux.seccomp.listenerPath` needs root, or a PID namespace of the container's own"
        )
    if user.path is not None or config.process is None:
        return
    from tuicontainer.runtime.process.identity_maps import is_own_id

    if config.process.user.additional_gids and is_own_id(linux.gid_mappings, os.getegid()):
        raise InvalidArgument(
            "`process.user.additionalGids`: cannot set any additional groups in a rootless "
            "container that maps only its user's own group",
            hint="map a range of groups that /etc/subgid grants",
        )


def can_group(path: str, hierarchies: Hierarchies) -> bool:
    """Tell whether a container's control group can be made at *path* and filled by us.

    Who isn't the host's root can do so only in a delegated part of the unified hierarchy: he must
    be able to write to the folder that the first missing group is to be made in, and to the
    `cgroup.procs` of the group that holds both him and the container. Hierarchies of version 1
    can't be delegated safely (cgroups(7)).

    Args:
        path: of the group, from the hierarchies' root.
        hierarchies: the host's.
    """
    if not is_rootless():
        return True
    unified = hierarchies.unified
    if hierarchies.mode != "v2" or unified is None:
        return False
    nearest = os.path.dirname(path)
    while nearest != "/" and not os.path.isdir(unified.mountpoint + nearest):
        nearest = os.path.dirname(nearest)
    shared = os.path.commonpath((unified.own, path))
    return _is_writable(unified.mountpoint + nearest) and _is_writable(
        os.path.join(unified.mountpoint + shared, "cgroup.procs")
    )


def delegated_parent(hierarchies: Hierarchies) -> str | None:
    """Return the group beside ours, in which a user's containers go unless he says otherwise.

    Ours holds us and so can't hand controllers down. None where the host has no unified hierarchy
    alone.
    """
    unified = hierarchies.unified
    if hierarchies.mode != "v2" or unified is None:
        return None
    return os.path.dirname(unified.own).rstrip("/")


def refuse_limits(resources: Resources, *, hint: str) -> None:
    """Check that nothing is to be limited; device rules, which every engine writes, don't count.

    Raises:
        Unsupported: names the limits.
    """
    asked = [name for name, value in resources.replace(devices=()).items() if value]
    if asked:
        raise Unsupported(
            f"`linux.resources` has limits ({', '.join(asked)}), which need a control group",
            hint=hint,
        )


def _is_writable(path: str) -> bool:
    return os.access(path, os.W_OK, effective_ids=True)
