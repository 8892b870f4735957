"""The container's tree of mounts while it is built."""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.rootfs.inside import make_file, make_folder
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import PROC_SUPER_MAGIC, file_system_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.rootfs.masks import Masks


class Tree:
    """The root's descriptor, and what later steps need of earlier ones."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.read_only_later: list[int] = []
        """Mounts that become read-only after everything has been made in them."""
        self.masks: Masks | None = None
        self._folder = ("", -1)

    def folder(self, path: str) -> int:
        """Return a descriptor of the folder at *path*, made if missing; the tree keeps it.

        It is looked up again only after a mount, which may have covered it.

        Raises:
            SyscallError: it can't be made.
            InvalidArgument: a symbolic link is in the way.
        """
        if self._folder[0] != path:
            self._forget_folder()
            self._folder = path, make_folder(self.root, path)
        return self._folder[1]

    def put(self, mount: int, place: int) -> None:
        """Put a mount on what *place* has open.

        Raises:
            SyscallError: the kernel refused.
        """
        self._forget_folder()
        kernel.move_mount(mount, place)

    def replace_root(self, mount: int) -> None:
        """Go on with *mount*, which has been put on the root, as the root."""
        self._forget_folder()
        old, self.root = self.root, os.dup(mount)
        os.close(old)

    def place(self, destination: str, *, folder: bool, links: bool = True) -> int:
        """Open the mount point at *destination*, made if missing.

        Raises:
            InvalidArgument: the way there leads onto procfs, where only destinations below
                `/proc` may be (CVE-2019-16884), or over links where they are forbidden.
            SyscallError: it can't be made.
        """
        make = make_folder if folder else make_file
        place = make(self.root, destination, links=links)
        below_proc = f"{destination}/".startswith("/proc/")
        if not below_proc and file_system_type(place) == PROC_SUPER_MAGIC:
            os.close(place)
            raise InvalidArgument(
                f"`{destination}` leads to a file of procfs, where nothing may be mounted"
            )
        return place

    def _forget_folder(self) -> None:
        if self._folder[1] >= 0:
            os.close(self._folder[1])
            self._folder = "", -1

    def close(self) -> None:
        """Close all descriptors."""
        self._forget_folder()
        if self.masks is not None:
            self.masks.close()
            self.masks = None
        while self.read_only_later:
            os.close(self.read_only_later.pop())
        if self.root >= 0:
            os.close(self.root)
            self.root = -1
