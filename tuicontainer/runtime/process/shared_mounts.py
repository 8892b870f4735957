"""A container in a mount namespace that others use too: one given by a path, or the runtime's own.

It gets its root file system as every container does, in a namespace made for it, and only then goes
over, with a copy of that tree as its root which belongs to no namespace. So nothing is mounted in
the shared one that a failure or `delete` would have to find again, its members keep their root
(pivot_root(2) would take it from all of them), and no path or import of ours ever goes through
mounts that somebody else has arranged. The kernel frees the tree with its last process. Its mounts
can't be changed from inside, as mount(2) demands a mount of the caller's namespace.
Sources: config-linux.md#namespaces; mount_namespaces(7), setns(2), open_tree(2), chroot(2).
"""

from __future__ import annotations

import os
from errno import EINVAL, EPERM

from tuicontainer.errors import describe_failure
from tuicontainer.runtime.process.namespaces import check_kind
from tuicontainer.syscalls.mount import AT_FDCWD, open_tree_clone
from tuicontainer.syscalls.namespaces import CLONE_NEWNS, setns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Linux

_OWN = "/proc/self/ns/mnt"


def open_mount_namespace(linux: Linux) -> int:
    """Return the descriptor of the namespace that the container goes over to.

    Raises:
        TuiContainerError: NotFound, no such file; InvalidArgument, it is no mount namespace.
    """
    namespace = linux.namespace("mount")
    path = _OWN if namespace is None or namespace.path is None else namespace.path
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise describe_failure(error, while_="opening the mount namespace to join") from error
    try:
        check_kind(fd, "mount", path)
    except BaseException:
        os.close(fd)
        raise
    return fd


def enter_mount_namespace(namespace: int) -> None:
    """Go over to a namespace and take along, as root, what is the root now.

    Raises:
        TuiContainerError: the kernel refused.
    """
    try:
        tree = open_tree_clone(AT_FDCWD, "/", recursive=True)
        try:
            setns(namespace, CLONE_NEWNS)
            enter_root(tree)
        finally:
            os.close(tree)
    except OSError as error:
        failure = describe_failure(error, while_="joining the mount namespace")
        if error.errno == EPERM:
            failure.hint = "it must belong to the container's own user namespace"
        elif error.errno == EINVAL:
            failure.hint = "an unbindable root can't be taken along: set another rootfsPropagation"
        raise failure from error


def enter_root(folder: int) -> None:
    """Make an open folder the root and the working folder.

    Raises:
        OSError: the kernel refused.
    """
    os.fchdir(folder)
    os.chroot(".")
