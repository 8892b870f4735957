"""Gives the host's control groups back the options that criu takes from them.

criu mounts cgroup2 to look at groups, from the host's own cgroup namespace and without options. The
kernel takes that for the options of all: `nsdelegate` and `memory_recursiveprot`, which systemd has
set, would be gone. Source: Documentation/admin-guide/cgroup-v2.rst, "Mounting".
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from tuicontainer.runtime.rootfs.mountinfo import read_mounts
from tuicontainer.syscalls import mount as kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ALWAYS = frozenset({"rw", "ro"})


@contextmanager
def options_kept() -> Iterator[None]:
    """Set the options of the unified hierarchy again if they are others at the end.

    Raises:
        SyscallError: the kernel refused.
    """
    before = _unified()
    try:
        yield
    finally:
        if before is not None and _unified() != before:
            _set(*before)


def _unified() -> tuple[str, tuple[str, ...]] | None:
    """Return where cgroup2 is mounted, and its options."""
    for mount in read_mounts():
        if mount.type == "cgroup2":
            return mount.point, mount.super_options
    return None


def _set(point: str, options: tuple[str, ...]) -> None:
    place = os.open(point, os.O_PATH | os.O_CLOEXEC)
    context = kernel.fspick(place)
    try:
        for word in options:
            if word not in _ALWAYS:
                kernel.fsconfig_flag(context, word)
        kernel.fsconfig_reconfigure(context)
    finally:
        os.close(context)
        os.close(place)
