"""The three kinds of mounts a configuration asks for: a new file system, a bind, a remount.

Source: config.md#mounts.
"""

from __future__ import annotations

import os
import stat
from errno import EINVAL, ENODEV, EPERM

from tuicontainer.errors import (
    FailedPrecondition,
    InvalidArgument,
    PermissionDenied,
    SyscallError,
    Unsupported,
)
from tuicontainer.runtime.rootfs.inside import open_inside
from tuicontainer.runtime.rootfs.operations import HostOperation, Operation
from tuicontainer.runtime.rootfs.options import MountOptions
from tuicontainer.runtime.rootfs.tree import Tree
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import PROC_SUPER_MAGIC, file_system_type

_PROC_ROOT_INODE = 1

# What a user namespace needs of its own before it may mount these (user_namespaces(7)).
_OWN_NAMESPACE = {
    "proc": "a PID namespace of its own, and a /proc on the host with nothing mounted over it",
    "sysfs": "a network namespace of its own",
    "mqueue": "an IPC namespace of its own",
    "cgroup": "a cgroup namespace of its own",
    "cgroup2": "a cgroup namespace of its own",
}


_LONGEST_TYPE = 24
"""Characters of a file system's type in the timeline; the kernel's own are shorter."""


class MountFilesystem(Operation):
    """Mount a new file system."""

    destination: str
    type: str
    source: str
    options: MountOptions
    read_only_late: bool = False
    """Writable until the end, as mount points have to be made in it."""

    @property
    def group(self) -> str:
        return f"mount {self.type[:_LONGEST_TYPE]}"

    def describe(self) -> str:
        return f"mount {self.type} on `{self.destination}`{_words(self)}"

    def apply(self, tree: Tree) -> None:
        options = self.options.writable() if self.read_only_late else self.options
        if self.type == "tmpfs" and not any(word.startswith("mode=") for word in options.data):
            options = options.replace(data=(*options.data, *_covered_mode(tree, self.destination)))
        mount = self._make(options)
        try:
            self.fill(tree, mount)
            # A link here could move the file system that protects the others (CVE-2019-19921).
            links = self.type not in ("proc", "sysfs")
            _put(tree, mount, self.destination, folder=True, links=links)
            _propagate(mount, options)
            if self.read_only_late:
                tree.read_only_later.append(os.dup(mount))
        finally:
            os.close(mount)

    def fill(self, tree: Tree, mount: int) -> None:
        """Make what the new file system begins with, before it has its place: nothing.

        Raises:
            OSError, TuiContainerError: it can't be made.
        """

    def _make(self, options: MountOptions) -> int:
        try:
            context = kernel.fsopen(self.type)
        except SyscallError as error:
            raise self._explain(error) from None
        try:
            kernel.fsconfig_string(context, "source", self.source)
            _configure(context, options)
            kernel.fsconfig_create(context)
            attributes = options.attributes.set_ | options.tree_attributes.set_
            return kernel.fsmount(context, attributes)
        except SyscallError as error:
            raise self._explain(error, kernel.read_log(context)) from None
        finally:
            os.close(context)

    def _explain(self, error: SyscallError, log: str = "") -> Exception:
        if error.errno == ENODEV:
            return Unsupported(f"this kernel has no file system `{self.type}`", errno=ENODEV)
        if error.errno == EINVAL:
            return InvalidArgument(log or str(error), errno=EINVAL)
        if error.errno == EPERM and self.type in _OWN_NAMESPACE:
            return PermissionDenied(
                str(error),
                hint=f"in a user namespace, {self.type} needs {_OWN_NAMESPACE[self.type]}; "
                "else bind the host's",
                errno=EPERM,
            )
        return error


class MountBind(HostOperation):
    """Show a folder or file of the host."""

    destination: str
    source: str
    """Absolute path on the host."""
    options: MountOptions
    read_only_late: bool = False

    @property
    def group(self) -> str:
        return "bind mounts"

    def describe(self) -> str:
        return f"bind `{self.source}` on `{self.destination}`{_words(self)}"

    def hold(self) -> int:
        try:
            return kernel.open_tree_clone(
                kernel.AT_FDCWD, self.source, recursive=self.options.recursive
            )
        except SyscallError as error:
            if error.errno == EINVAL and not self.options.recursive:
                raise FailedPrecondition(
                    str(error),
                    hint="the source is unbindable, or has mounts in it that a user namespace may "
                    "not uncover; `rbind` takes them along",
                    errno=EINVAL,
                ) from None
            raise

    def put(self, tree: Tree, held: int) -> None:
        options = self.options.writable() if self.read_only_late else self.options
        try:
            status = os.fstat(held)
            if self.destination == "/proc":
                self._check_proc(held, status)
            _set_attributes(held, options)
            folder = stat.S_ISDIR(status.st_mode)
            place = self.place(tree, folder=folder)
            try:
                tree.put(held, place)
            finally:
                os.close(place)
            if self.destination == "/":
                tree.replace_root(held)
            _propagate(held, options)
            if self.read_only_late:
                tree.read_only_later.append(os.dup(held))
        finally:
            os.close(held)

    def place(self, tree: Tree, *, folder: bool) -> int:
        """Open the mount point, made if missing.

        Raises:
            SyscallError, InvalidArgument: as `Tree.place`.
        """
        links = not f"{self.destination}/".startswith("/proc/")
        return tree.place(self.destination, folder=folder, links=links)

    def _check_proc(self, held: int, status: os.stat_result) -> None:
        """Refuse what could pass for procfs: labels are written to its files (CVE-2019-16884)."""
        whole = status.st_ino == _PROC_ROOT_INODE
        if not (whole and file_system_type(held) == PROC_SUPER_MAGIC):
            raise InvalidArgument("only procfs may be mounted on `/proc`")


class Remount(Operation):
    """Change the flags of what is mounted already."""

    destination: str
    options: MountOptions

    @property
    def group(self) -> str:
        return "remounts"

    def describe(self) -> str:
        return f"remount `{self.destination}`{_words(self)}"

    def apply(self, tree: Tree) -> None:
        options = self.options
        place = open_inside(tree.root, self.destination)
        try:
            if not options.bind and (options.super_block or options.data):
                context = kernel.fspick(place)
                try:
                    _configure(context, options)
                    kernel.fsconfig_reconfigure(context)
                except SyscallError as error:
                    if error.errno != EINVAL:
                        raise
                    raise InvalidArgument(
                        kernel.read_log(context) or str(error), errno=EINVAL
                    ) from None
                finally:
                    os.close(context)
            _set_attributes(place, options)
            _propagate(place, options)
        finally:
            os.close(place)


class MountFirstPossible(Operation):
    """Mount a file system, or where this process may not, bind the host's."""

    filesystem: MountFilesystem
    bind: MountBind

    @property
    def group(self) -> str:
        return self.filesystem.group

    def describe(self) -> str:
        return f"{self.filesystem.describe()}, or {self.bind.describe()}"

    def apply(self, tree: Tree) -> None:
        try:
            self.filesystem.apply(tree)
        except PermissionDenied:
            self.bind.apply(tree)


def _words(operation: MountFilesystem | MountBind | Remount) -> str:
    words = [word for word in operation.options.words if word not in ("bind", "remount")]
    if isinstance(operation, (MountFilesystem, MountBind)) and operation.read_only_late:
        words = ["ro (at the end)" if word == "ro" else word for word in words]
    return f": {', '.join(words)}" if words else ""


def _configure(context: int, options: MountOptions) -> None:
    for word in options.super_block:
        kernel.fsconfig_flag(context, word)
    for word in options.data:
        name, equals, value = word.partition("=")
        if equals:
            kernel.fsconfig_string(context, name, value)
        else:
            kernel.fsconfig_flag(context, name)


def _put(tree: Tree, mount: int, destination: str, *, folder: bool, links: bool) -> None:
    place = tree.place(destination, folder=folder, links=links)
    try:
        tree.put(mount, place)
    finally:
        os.close(place)
    if destination == "/":
        tree.replace_root(mount)


def _covered_mode(tree: Tree, destination: str) -> tuple[str, ...]:
    """Return the option by which a tmpfs gets the mode of the folder it covers, as with runc.

    Images say by it who may write: /tmp is everybody's, /run is root's. Nothing for a folder that
    isn't there yet.
    """
    try:
        place = open_inside(tree.root, destination, os.O_PATH | os.O_DIRECTORY)
    except SyscallError:
        return ()
    try:
        return (f"mode={stat.S_IMODE(os.fstat(place).st_mode):o}",)
    finally:
        os.close(place)


def _set_attributes(mount: int, options: MountOptions) -> None:
    if options.attributes:
        kernel.mount_setattr(mount, set_=options.attributes.set_, clear=options.attributes.clear)
    if options.tree_attributes:
        kernel.mount_setattr(
            mount,
            set_=options.tree_attributes.set_,
            clear=options.tree_attributes.clear,
            recursive=True,
        )


def _propagate(mount: int, options: MountOptions) -> None:
    """Set the propagation, only once the mount has its place: a shared parent changes it."""
    for mode, recursive in options.propagation:
        kernel.mount_setattr(mount, propagation=mode, recursive=recursive)
