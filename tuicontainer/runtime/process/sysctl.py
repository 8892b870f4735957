"""Kernel parameters of the container's namespaces, written by its first process.

They are written through a procfs of our own that is mounted nowhere: what is at /proc, of the
container as of the host, may be covered by something else at that moment, and the write would go
to another file (CVE-2025-52881; CVE-2019-16884 for labels). Sources: config-linux.md#sysctl;
fsopen(2), openat2(2); proc_sys(5).
"""

from __future__ import annotations

import os
from errno import EINVAL, ENOENT, EPERM

from tuicontainer.errors import FailedPrecondition, SyscallError, describe_failure
from tuicontainer.runtime.process.namespaces import PROC_NAMES
from tuicontainer.spec.sysctl import DOMAINNAME, owner, shared, to_name
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import PROC_SUPER_MAGIC, file_system_type
from tuicontainer.syscalls.hostname import setdomainname
from tuicontainer.syscalls.paths import (
    RESOLVE_BENEATH,
    RESOLVE_NO_MAGICLINKS,
    RESOLVE_NO_SYMLINKS,
    RESOLVE_NO_XDEV,
    openat2,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.spec.config import Linux

_RESOLVE = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
_PROC_ROOT_INODE = 1  # PROC_ROOT_INO, include/linux/proc_ns.h


def refuse_shared_parameters(linux: Linux) -> None:
    """Check that no parameter belongs to a namespace joined by its path that is our own.

    Raises:
        InvalidArgument: one does.
        NotFound: a namespace's path is wrong.
    """
    for path in linux.sysctl:
        type_ = owner(path)
        namespace = None if type_ is None else linux.namespace(type_)
        if type_ is None or namespace is None or namespace.path is None:
            continue
        try:
            same = os.path.samefile(namespace.path, f"/proc/self/ns/{PROC_NAMES[type_]}")
        except OSError as error:
            raise describe_failure(error, while_=f"looking at the {type_} namespace") from error
        if same:
            raise shared(path, type_)


def set_parameters(values: Mapping[str, str]) -> None:
    """Write parameters, by their path below /proc/sys, of the calling process's namespaces.

    Call it with the container's namespaces all entered and the host's mounts in view.

    Raises:
        TuiContainerError: names the parameter that can't be set, and why.
    """
    procfs = -1
    try:
        for path, value in values.items():
            if path == DOMAINNAME:
                # The file is only for the host's root, the call for the namespace's too.
                setdomainname(value)
                continue
            if procfs < 0:
                procfs = _open_procfs()
            _write(procfs, path, value)
    except OSError as error:
        what = f"setting the sysctl `{to_name(path)}`"
        failure = describe_failure(error, while_=what)
        if error.errno == ENOENT:
            failure.hint = "this kernel has no such parameter in that namespace"
        elif error.errno == EINVAL:
            failure.hint = f"the kernel doesn't take the value `{value}`"
        raise failure from error
    finally:
        if procfs >= 0:
            os.close(procfs)


def _write(procfs: int, path: str, value: str) -> None:
    fd = openat2(procfs, f"sys/{path}", os.O_WRONLY | os.O_NOFOLLOW, resolve=_RESOLVE)
    try:
        # One write: a second one at an offset is ignored or an error (sysctl_writes_strict). The
        # end of the line makes even an empty value a write.
        os.write(fd, os.fsencode(value) + b"\n")
    finally:
        os.close(fd)


def _open_procfs() -> int:
    try:
        return _make_procfs()
    except SyscallError as error:
        # Whoever isn't root of the PID namespace's user namespace can't make a procfs of it.
        if error.errno != EPERM:
            raise
    return _open_own_procfs()


def _make_procfs() -> int:
    context = kernel.fsopen("proc")
    try:
        kernel.fsconfig_create(context)
        return kernel.fsmount(context, 0)
    finally:
        os.close(context)


def _open_own_procfs() -> int:
    """Open /proc as the host has it, and make sure that it is the root of a procfs.

    Nothing else can be reached from there: no link is followed and no mount on it entered.
    """
    fd = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if file_system_type(fd) == PROC_SUPER_MAGIC and os.fstat(fd).st_ino == _PROC_ROOT_INODE:
        return fd
    os.close(fd)
    raise FailedPrecondition("the host's `/proc` isn't a procfs")
