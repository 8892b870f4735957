"""Which unit a container is, and where systemd puts that unit's control group. Pure.

`linux.cgroupsPath` says `SLICE:PREFIX:NAME`; the unit is the scope `PREFIX-NAME.scope` in that
slice, or the slice NAME if it ends in `.slice`. A dash in a slice's name is a level of the tree:
`a-b.slice` lies in `a.slice`.
Sources: runc docs/systemd.md; systemd.unit(5), systemd.slice(5); systemd src/basic/cgroup-util.c
(cg_needs_escape).
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record

SYSTEM_SLICE, USER_SLICE, ROOT_SLICE = "system.slice", "user.slice", "-.slice"
DEFAULT_PREFIX = "runc"
"""As engines that name nothing know it, from whichever runtime they start."""
LONGEST_NAME = 255

_NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_.\\")
_KERNEL_FILES = frozenset({"notify_on_release", "release_agent", "tasks"})
_CONTROLLERS = frozenset(
    {"blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "hugetlb", "io", "memory", "misc"}
    | {"perf_event", "pids", "rdma"}
)


class Unit(Record):
    """A transient unit of systemd's."""

    name: str
    """Such as `runc-web-1.scope`."""
    slice: str
    """The slice it is in, such as `system.slice`."""
    user: bool = False
    """The user's manager has it, not the system's."""

    @property
    def is_slice(self) -> bool:
        """Whether the unit is itself a slice."""
        return self.name.endswith(".slice")

    @property
    def path(self) -> str:
        """Its control group, from the group of the manager's root."""
        if self.is_slice:
            return slice_path(self.name)
        return f"{slice_path(self.slice).rstrip('/')}/{group_name(self.name)}"


def container_unit(cgroups_path: str | None, *, container_id: str, user: bool = False) -> Unit:
    """Return the unit for a config's `linux.cgroupsPath`.

    Args:
        cgroups_path: `SLICE:PREFIX:NAME`; SLICE may be empty. Without one the container's id is
            the name.
        container_id: whose.
        user: the user's manager makes it.

    Raises:
        InvalidArgument: it isn't in that form, or systemd allows no such name.
    """
    parts = cgroups_path.split(":") if cgroups_path else ["", DEFAULT_PREFIX, container_id]
    if len(parts) != 3:
        raise InvalidArgument(
            'expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got '
            f'"{cgroups_path}" instead',
            hint="let the engine use systemd's control groups too, or leave out `--systemd-cgroup`",
        )
    slice_name, prefix, name = parts
    slice_name = slice_name or (USER_SLICE if user else SYSTEM_SLICE)
    slice_path(slice_name)
    if name.endswith(".slice"):
        slice_path(name)
        return Unit(name=name, slice=slice_name, user=user)
    if not name:
        raise InvalidArgument(f"`linux.cgroupsPath` is `{cgroups_path}`: the name is empty")
    full = escape(f"{prefix}-{name}.scope" if prefix else f"{name}.scope")
    if len(full) > LONGEST_NAME:
        raise InvalidArgument(f"unit name `{full[:40]}…` is longer than {LONGEST_NAME} bytes")
    return Unit(name=full, slice=slice_name, user=user)


def escape(name: str) -> str:
    r"""Write what a unit's name can't hold as systemd does: `a+b` is `a\x2bb`."""
    return "".join(
        letter
        if letter in _NAME_CHARACTERS
        else "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogateescape"))
        for letter in name
    )


def slice_path(name: str) -> str:
    """Return the control group of a slice: `a-b.slice` is at `/a.slice/a-b.slice`.

    Raises:
        InvalidArgument: systemd allows no such slice.
    """
    if name == ROOT_SLICE:
        return "/"
    parts = name.removesuffix(".slice").split("-")
    known = all(part and set(part) <= _NAME_CHARACTERS for part in parts)
    if not name.endswith(".slice") or not known or len(name) > LONGEST_NAME:
        raise InvalidArgument(
            f"invalid slice name: {name}",
            hint="a slice is named like `machine-web.slice`, in `machine.slice`",
        )
    path = ""
    for count in range(1, len(parts) + 1):
        path += "/" + group_name("-".join(parts[:count]) + ".slice")
    return path


def group_name(unit: str) -> str:
    """Return the folder's name for a unit: systemd evades names that the kernel uses itself."""
    first, dot, _ = unit.partition(".")
    taken = unit in _KERNEL_FILES or (dot and first in _CONTROLLERS) or first == "cgroup"
    return f"_{unit}" if taken or unit[0] in "_." else unit
