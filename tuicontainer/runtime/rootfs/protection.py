"""The last steps, inside the new root: what the container may not change or see.

Sources: config.md#root (readonly), config-linux.md#masked-paths, #readonly-paths and
#rootfs-mount-propagation.
"""

from __future__ import annotations

import os
from errno import ENOENT, ENOTDIR

from tuicontainer.errors import FailedPrecondition, SyscallError
from tuicontainer.runtime.rootfs.inside import open_inside
from tuicontainer.runtime.rootfs.operations import Operation
from tuicontainer.runtime.rootfs.tree import Tree
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import PROC_SUPER_MAGIC, SYSFS_MAGIC, file_system_type

_MAGIC = {"proc": PROC_SUPER_MAGIC, "sysfs": SYSFS_MAGIC}


class CheckFilesystem(Operation):
    """Make sure that what protects paths below a mount will protect that mount.

    Another container with the same root filesystem could have moved the mount's place away
    meanwhile and put a folder there (CVE-2023-27561).
    """

    path: str
    type: str

    def describe(self) -> str:
        return f"check that `{self.path}` is {self.type}"

    def apply(self, tree: Tree) -> None:
        place = open_inside(tree.root, self.path, links=False)
        try:
            if file_system_type(place) != _MAGIC[self.type]:
                raise FailedPrecondition(
                    f"`{self.path}` was {self.type} and isn't any more: "
                    "somebody changes the root filesystem"
                )
        finally:
            os.close(place)


class SetRootPropagation(Operation):
    """Set how mounts on the container's root spread."""

    word: str
    mode: int
    recursive: bool

    def describe(self) -> str:
        return f"make `/` {self.word}"

    def apply(self, tree: Tree) -> None:
        kernel.mount_setattr(tree.root, propagation=self.mode, recursive=self.recursive)


class CloseMounts(Operation):
    """Make those mounts read-only that had to be writable until now."""

    destinations: tuple[str, ...]

    def describe(self) -> str:
        return f"make {', '.join(f'`{path}`' for path in self.destinations)} read-only"

    def apply(self, tree: Tree) -> None:
        # By the descriptors they were made with, as paths are the container's (CVE-2026-115521).
        for mount in tree.read_only_later:
            kernel.mount_setattr(mount, set_=kernel.MOUNT_ATTR_RDONLY)


class CloseRoot(Operation):
    """Make the root read-only; mounts below keep their own mode."""

    def describe(self) -> str:
        return "make `/` read-only"

    def apply(self, tree: Tree) -> None:
        kernel.mount_setattr(tree.root, set_=kernel.MOUNT_ATTR_RDONLY)


class ClosePath(Operation):
    """Make one path read-only; mounts below it keep their own mode. A missing one is ignored."""

    path: str

    def describe(self) -> str:
        return f"make `{self.path}` read-only"

    def apply(self, tree: Tree) -> None:
        place = _open_if_there(tree, self.path)
        if place is None:
            return
        try:
            copy = kernel.open_tree_clone(place, recursive=True)
            try:
                kernel.mount_setattr(copy, set_=kernel.MOUNT_ATTR_RDONLY)
                kernel.move_mount(copy, place)
            finally:
                os.close(copy)
        finally:
            os.close(place)


class MaskPath(Operation):
    """Hide one path. A missing one is ignored."""

    path: str

    def describe(self) -> str:
        return f"mask `{self.path}`"

    def apply(self, tree: Tree) -> None:
        assert tree.masks is not None
        place = _open_if_there(tree, self.path)
        if place is None:
            return
        try:
            tree.masks.put(place)
        finally:
            os.close(place)


def _open_if_there(tree: Tree, path: str) -> int | None:
    try:
        return open_inside(tree.root, path)
    except SyscallError as error:
        if error.errno in (ENOENT, ENOTDIR):
            return None
        raise
