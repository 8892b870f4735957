"""Device nodes and the links beside them.

A user namespace may not make nodes (mknod(2)), so there the host's are bound; their numbers are
compared with what was asked for.
Sources: config-linux.md#devices and #default-devices, runtime-linux.md "Dev symbolic links".
"""

from __future__ import annotations

import os
import stat
from errno import EPERM

from tuicontainer.errors import InvalidArgument, NotFound, SyscallError
from tuicontainer.record import Record
from tuicontainer.runtime.rootfs.inside import file_in, open_inside, split
from tuicontainer.runtime.rootfs.operations import HostOperation, Operation
from tuicontainer.runtime.rootfs.tree import Tree
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import chown_opened
from tuicontainer.syscalls.paths import RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, openat2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_FORMATS = {"c": stat.S_IFCHR, "b": stat.S_IFBLK, "p": stat.S_IFIFO}


class Node(Record):
    """Which device it is."""

    type: Literal["c", "b", "p"]
    major: int = 0
    minor: int = 0

    def __str__(self) -> str:
        return "fifo" if self.type == "p" else f"{self.type} {self.major}:{self.minor}"

    def is_what(self, status: os.stat_result) -> bool:
        """Tell whether a file with this status is this device."""
        if stat.S_IFMT(status.st_mode) != _FORMATS[self.type]:
            return False
        return self.type == "p" or status.st_rdev == os.makedev(self.major, self.minor)


class BindDevice(HostOperation):
    """Show the host's device of the same path."""

    path: str
    node: Node

    def describe(self) -> str:
        return f"bind device `{self.path}` ({self.node})"

    def hold(self) -> int:
        fd = os.open(self.path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not self.node.is_what(os.fstat(fd)):
                raise NotFound(
                    f"`{self.path}` on the host isn't device {self.node}",
                    hint="in a user namespace, devices are those of the host",
                )
            return kernel.open_tree_clone(fd)
        finally:
            os.close(fd)

    def put(self, tree: Tree, held: int) -> None:
        path, name = split(self.path)
        try:
            place = file_in(tree.folder(path), name)
            try:
                # No mount of a device covers a folder, so the tree may keep the one it has.
                kernel.move_mount(held, place)
            finally:
                os.close(place)
        finally:
            os.close(held)


class MakeDevice(Operation):
    """Make a device node, unless it is there already."""

    path: str
    node: Node
    mode: int = 0o666
    uid: int = 0
    gid: int = 0

    def describe(self) -> str:
        owner = f" {self.uid}:{self.gid}" if self.uid or self.gid else ""
        return f"make device `{self.path}` ({self.node}, {self.mode:04o}{owner})"

    def apply(self, tree: Tree) -> None:
        path, name = split(self.path)
        folder = tree.folder(path)
        try:
            number = os.makedev(self.node.major, self.node.minor)
            os.mknod(name, _FORMATS[self.node.type] | self.mode, number, dir_fd=folder)
        except FileExistsError:
            self._check(folder, name)
        except OSError as error:
            if error.errno != EPERM or self.node.type == "p":
                raise
            # Inside somebody else's user namespace, or without CAP_MKNOD.
            BindDevice(path=self.path, node=self.node).apply(tree)
        else:
            if self.uid or self.gid:
                self._give_away(folder, name)

    def _check(self, folder: int, name: str) -> None:
        """Refuse anything else that is in the way, as config-linux.md#devices demands."""
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not self.node.is_what(status):
            raise InvalidArgument(
                f"`{self.path}` in the root filesystem isn't device {self.node}",
                hint="remove it, or mount a tmpfs on `/dev`",
            )

    def _give_away(self, folder: int, name: str) -> None:
        """Change the owner, of nothing but the node just made (CVE-2026-88265)."""
        made = openat2(folder, name, os.O_PATH, resolve=RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)
        try:
            if self.node.is_what(os.fstat(made)):
                chown_opened(made, self.uid, self.gid)
        finally:
            os.close(made)


class MakeLink(Operation):
    """Make a symbolic link, unless something is there already."""

    path: str
    target: str
    only_if: str = ""
    """Make it only if this path exists in the container."""
    replace_: bool = False
    """Take the place of the file that is there."""

    def describe(self) -> str:
        condition = f" if `{self.only_if}` exists" if self.only_if else ""
        return f"link `{self.path}` to `{self.target}`{condition}"

    def apply(self, tree: Tree) -> None:
        if self.only_if and not _exists(tree.root, self.only_if):
            return
        path, name = split(self.path)
        folder = tree.folder(path)
        try:
            os.symlink(self.target, name, dir_fd=folder)
        except FileExistsError:
            if self.replace_ and not self._is_made(folder, name):
                os.unlink(name, dir_fd=folder)
                os.symlink(self.target, name, dir_fd=folder)

    def _is_made(self, folder: int, name: str) -> bool:
        try:
            return os.readlink(name, dir_fd=folder) == self.target
        except OSError:
            return False


def _exists(root: int, path: str) -> bool:
    try:
        os.close(open_inside(root, path))
    except SyscallError:
        return False
    return True
