"""Which namespaces the init is born into: made by its clone, joined before, or made late.

Most are flags of the clone. Three cases need an intermediate process, which joins or makes them
first and then clones the init as its own sibling, so that the runtime stays the parent:
namespaces given by a path, a time namespace with offsets (they can be set only while nobody is
inside), and both PID and time namespaces in general take effect on children only. Two are made by
the init itself: the control group namespace, because its root is the group its maker is in, and in
a user namespace the IPC one, because the folder of message queues belongs to its maker.
Sources: config-linux.md#namespaces, namespaces(7), time_namespaces(7), cgroup_namespaces(7).
"""

from __future__ import annotations

import os
from errno import EPERM

from tuicontainer.errors import InvalidArgument, describe_failure
from tuicontainer.record import Record
from tuicontainer.syscalls.namespaces import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWTIME,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    namespace_kind,
    setns,
    unshare,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.spec.config import Linux, NamespaceType, TimeOffset

FLAGS: dict[NamespaceType, int] = {
    "user": CLONE_NEWUSER,
    "pid": CLONE_NEWPID,
    "network": CLONE_NEWNET,
    "ipc": CLONE_NEWIPC,
    "uts": CLONE_NEWUTS,
    "time": CLONE_NEWTIME,
    "cgroup": CLONE_NEWCGROUP,
    "mount": CLONE_NEWNS,
}
"""Clone flag by the specification's name."""

PROC_NAMES: dict[NamespaceType, str] = {
    "user": "user",
    "pid": "pid",
    "network": "net",
    "ipc": "ipc",
    "uts": "uts",
    "time": "time",
    "cgroup": "cgroup",
    "mount": "mnt",
}
"""File below /proc/PID/ns by the specification's name."""

# The user namespace last, for it takes away the privileges over those that our own user namespace
# owns.
_JOIN_ORDER: tuple[NamespaceType, ...] = (
    "pid",
    "network",
    "ipc",
    "uts",
    "time",
    "cgroup",
    "user",
)


class NamespacePlan(Record):
    """What is made when; flags are CLONE_NEW… bits."""

    clone: int = 0
    """Made by the clone of the init."""
    late: int = 0
    """Made by the init once it is in its group, and root of its user namespace."""
    join: tuple[tuple[NamespaceType, str], ...] = ()
    """Type and path, in the order of joining."""
    time_offsets: Mapping[str, TimeOffset] = {}

    @property
    def staged(self) -> bool:
        """Whether an intermediate process is needed."""
        return bool(self.join or self.time_offsets)

    def describe(self) -> list[str]:
        """Return one line a step, in order."""
        lines = [f"join the {type_} namespace `{path}`" for type_, path in self.join]
        if self.time_offsets:
            lines.append(f"make a time namespace with {encode_offsets(self.time_offsets)!r}")
        made = [type_ for type_, flag in FLAGS.items() if self.clone & flag]
        lines.append(f"clone the init into new namespaces: {' '.join(made) or 'none'}")
        lines += [
            f"make a new {type_} namespace" for type_, flag in FLAGS.items() if self.late & flag
        ]
        return lines


def plan_namespaces(linux: Linux) -> NamespacePlan:
    """Compute the plan; pure."""
    paths = {each.type: each.path for each in linux.namespaces}
    offsets = linux.time_offsets if "time" in paths and paths["time"] is None else {}
    # Its root file system is built in one of its own, wherever it goes then: see `shared_mounts`.
    clone, late = CLONE_NEWNS, 0
    for type_, path in paths.items():
        if path is not None or type_ == "mount" or (type_ == "time" and offsets):
            continue
        if type_ == "cgroup" or (type_ == "ipc" and "user" in paths):
            late |= FLAGS[type_]
        else:
            clone |= FLAGS[type_]
    return NamespacePlan(
        clone=clone,
        late=late,
        join=tuple((type_, path) for type_ in _JOIN_ORDER if (path := paths.get(type_))),
        time_offsets=offsets,
    )


def open_joined(plan: NamespacePlan) -> list[tuple[NamespaceType, int]]:
    """Open every namespace that the plan joins; the caller owns the descriptors.

    Done before anything is entered, so that all paths mean the runtime's.

    Raises:
        TuiContainerError: NotFound, no such file; InvalidArgument, it is no namespace, or of
            another type (config-linux.md#namespaces: must be an error).
    """
    opened: list[tuple[NamespaceType, int]] = []
    try:
        for type_, path in plan.join:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            opened.append((type_, fd))
            check_kind(fd, type_, path)
    except OSError as error:
        close_all(opened)
        raise describe_failure(error, while_="opening a namespace to join") from error
    except InvalidArgument:
        close_all(opened)
        raise
    return opened


def close_all(opened: list[tuple[NamespaceType, int]]) -> None:
    """Close what `open_joined` opened."""
    for _, fd in opened:
        os.close(fd)


def enter(plan: NamespacePlan, opened: list[tuple[NamespaceType, int]]) -> None:
    """In the intermediate: join what is joined and make the time namespace.

    A user namespace that is this process's own already is no error: setns refuses it with EINVAL,
    as it would grant the capabilities anew. Those that only the joined user namespace gives us the
    right to join come after it.

    Raises:
        TuiContainerError: the kernel refused; names the namespace.
    """
    if plan.time_offsets:
        unshare(CLONE_NEWTIME)
        write_offsets(plan.time_offsets)
    joins_user = any(type_ == "user" for type_, _ in opened)
    postponed = []
    for type_, fd in opened:
        if type_ == "user" and _is_own(fd, "user"):
            continue
        try:
            setns(fd, FLAGS[type_])
        except OSError as error:
            if error.errno == EPERM and joins_user and type_ != "user":
                postponed.append((type_, fd))
                continue
            raise describe_failure(error, while_=f"joining the {type_} namespace") from error
    for type_, fd in postponed:
        try:
            setns(fd, FLAGS[type_])
        except OSError as error:
            raise describe_failure(error, while_=f"joining the {type_} namespace") from error


def encode_offsets(offsets: Mapping[str, TimeOffset]) -> str:
    """Return the lines of timens_offsets: clock, seconds, nanoseconds."""
    return "".join(f"{clock} {each.secs} {each.nanosecs}\n" for clock, each in offsets.items())


def write_offsets(offsets: Mapping[str, TimeOffset]) -> None:
    """Set the clocks of the time namespace that this process's children will be born into.

    Raises:
        TuiContainerError: InvalidArgument, an offset puts the clock below zero or too far.
    """
    # Not for every container: it costs an import.
    from tuicontainer.runtime.process.procfs import write_process_file

    try:
        write_process_file("self", "timens_offsets", encode_offsets(offsets).encode())
    except OSError as error:
        raise describe_failure(error, while_="writing the time offsets") from error


def check_kind(fd: int, type_: NamespaceType, path: str) -> None:
    """Make sure that a descriptor is a namespace of this type.

    Raises:
        InvalidArgument: it is something else; names *path*.
    """
    try:
        kind = namespace_kind(fd)
    except OSError:
        kind = 0
    if kind != FLAGS[type_]:
        raise InvalidArgument(f"`{path}` is not a namespace of type `{type_}`")


def _is_own(fd: int, name: str) -> bool:
    theirs, ours = os.fstat(fd), os.stat(f"/proc/self/ns/{name}")
    return (theirs.st_dev, theirs.st_ino) == (ours.st_dev, ours.st_ino)
