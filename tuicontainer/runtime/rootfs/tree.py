"""The container's tree of mounts while it is built."""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.rootfs.inside import make_file, make_folder, open_inside
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

    def place(self, destination: str, *, folder: bool, links: bool = True) -> int:
        """Open the mount point at *destination*, made if missing.

        Raises:
            InvalidArgument: the way there leads onto procfs, where only destinations below
                `/proc` may be (CVE-2019-16884), or over links where they are forbidden.
            SyscallError: it can't be made.
        """
        if folder:
            place = make_folder(self.root, destination, links=links)
        elif links:
            place = make_file(self.root, destination)
        else:
            place = open_inside(self.root, destination, links=False)
        below_proc = f"{destination}/".startswith("/proc/")
        if not below_proc and file_system_type(place) == PROC_SUPER_MAGIC:
            os.close(place)
            raise InvalidArgument(
                f"`{destination}` leads to a file of procfs, where nothing may be mounted"
            )
        return place

    def close(self) -> None:
        """Close all descriptors."""
        if self.masks is not None:
            self.masks.close()
            self.masks = None
        while self.read_only_later:
            os.close(self.read_only_later.pop())
        if self.root >= 0:
            os.close(self.root)
            self.root = -1
