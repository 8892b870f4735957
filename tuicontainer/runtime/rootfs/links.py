"""Bind mounts that have to do with symbolic links as such, by crun's mount options.

    copy-symlink    a source that is a link is made anew in the container, instead of bound
    src-nofollow    a source that is a link is bound itself, not what it points to
    dest-nofollow   a destination that is a link is covered itself, not what it points to

Source: crun src/libcrun/linux.c.
"""

from __future__ import annotations

import os
import stat
from errno import EEXIST, ENOENT

from tuicontainer.errors import AlreadyExists, InvalidArgument, SyscallError
from tuicontainer.runtime.rootfs.inside import open_inside, split
from tuicontainer.runtime.rootfs.mounts import MountBind
from tuicontainer.runtime.rootfs.options import COPY_SYMLINK, DEST_NOFOLLOW, SRC_NOFOLLOW
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import PROC_SUPER_MAGIC, file_system_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.rootfs.tree import Tree


def plan_link_bind(bind: MountBind) -> MountBind:
    """Return the step for a bind mount with some of these options.

    Raises:
        InvalidArgument: they contradict each other.
    """
    words = bind.options.links
    if COPY_SYMLINK not in words:
        return MountBindUnfollowed(
            **dict(bind.items()),
            follow_source=SRC_NOFOLLOW not in words,
            follow_destination=DEST_NOFOLLOW not in words,
        )
    if len(words) > 1:
        raise InvalidArgument(f"options `{words[0]}` and `{words[1]}` exclude each other")
    return CopyLinkOrBind(**dict(bind.items()))


class CopyLinkOrBind(MountBind):
    """Make a link as the source is one, or bind the source if it is none."""

    def describe(self) -> str:
        return f"copy the link `{self.source}` to `{self.destination}`, or {super().describe()}"

    def hold(self) -> int:
        source = os.open(self.source, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        if _is_link(source):
            return source
        os.close(source)
        return super().hold()

    def put(self, tree: Tree, held: int) -> None:
        if not _is_link(held):
            super().put(tree, held)
            return
        try:
            target = os.readlink("", dir_fd=held)
        finally:
            os.close(held)
        path, name = split(self.destination)
        folder = tree.folder(path)
        try:
            os.symlink(target, name, dir_fd=folder)
        except FileExistsError:
            if _target(folder, name) != target:
                raise AlreadyExists(
                    f"`{self.destination}` is there already and isn't a link to `{target}`",
                    errno=EEXIST,
                ) from None


class MountBindUnfollowed(MountBind):
    """Show a link itself, or cover one."""

    follow_source: bool
    follow_destination: bool

    def hold(self) -> int:
        if self.follow_source:
            return super().hold()
        return kernel.open_tree_clone(
            kernel.AT_FDCWD, self.source, recursive=self.options.recursive, follow=False
        )

    def place(self, tree: Tree, *, folder: bool) -> int:
        if not self.follow_destination:
            path, name = split(self.destination)
            try:
                found = open_inside(tree.folder(path), name, os.O_PATH | os.O_NOFOLLOW)
            except SyscallError as error:
                if error.errno != ENOENT:
                    raise
            else:
                if _is_link(found) and file_system_type(found) != PROC_SUPER_MAGIC:
                    return found
                os.close(found)
        return super().place(tree, folder=folder)


def _is_link(fd: int) -> bool:
    return stat.S_ISLNK(os.fstat(fd).st_mode)


def _target(folder: int, name: str) -> str | None:
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError:
        return None
