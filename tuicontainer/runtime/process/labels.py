"""Security labels: the AppArmor profile and the SELinux context that a program runs in.

A process names the label of its next exec by writing to a file of its own in procfs. The next exec
here is the waiter's or the entrant's, which no profile has to allow; so these write the label, as
almost the last thing before the program (see `labelling`). What they write is tried out beforehand
in a process of the runtime, so that a profile that isn't loaded makes `create` fail, not `start`.
The container's own /proc may be a forgery (CVE-2019-16884, CVE-2025-52881): `create` has a procfs
of its own for this, with nothing in it but processes; `exec` takes the container's, but goes over
nothing that is mounted in it.
Sources: config.md#linux-process; proc_pid_attr(5), apparmor.d(5), setexeccon(3),
setkeycreatecon(3).
"""

from __future__ import annotations

import os
from errno import EACCES, EINVAL, ENOENT, EPERM

from tuicontainer.errors import (
    FailedPrecondition,
    InvalidArgument,
    PermissionDenied,
    SyscallError,
    Unsupported,
    describe_failure,
)
from tuicontainer.record import Record
from tuicontainer.runtime.process.procfs import mount_procfs, open_procfs, write_below
from tuicontainer.runtime.rootfs.inside import open_inside
from tuicontainer.syscalls.clone import clone3
from tuicontainer.syscalls.filesystem import (
    PROC_SUPER_MAGIC,
    SELINUX_MAGIC,
    file_system_type,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from tuicontainer.spec.config import Process

_APPARMOR_ENABLED = "/sys/module/apparmor/parameters/enabled"
_SELINUXFS = "/sys/fs/selinux"
_ATTRIBUTES = "thread-self/attr"


class Label(Record):
    """What a process writes into which file to get its label at the next exec."""

    field: str
    """Of the configuration, for error texts."""
    path: str
    """Below a procfs."""
    text: str


def plan_labels(process: Process) -> tuple[Label, ...]:
    """Return what has to be written for a process, tried out.

    Raises:
        Unsupported: the kernel has no such security module, or it is switched off.
        InvalidArgument: the profile isn't loaded, or the context is none.
        PermissionDenied: this process may not go over to the label.
    """
    labels = []
    profile, context = process.apparmor_profile, process.selinux_label
    if profile is not None:
        require_apparmor(profile)
        own = f"{_ATTRIBUTES}/apparmor/exec"
        shared = not os.path.exists(f"/proc/{own}")
        path = f"{_ATTRIBUTES}/exec" if shared else own
        labels.append(Label(field="process.apparmorProfile", path=path, text=f"exec {profile}"))
    if context is not None:
        require_selinux("process.selinuxLabel", context)
        path = f"{_ATTRIBUTES}/exec"
        labels.append(Label(field="process.selinuxLabel", path=path, text=context))
    if labels:
        _try(labels)
    return tuple(labels)


def require_apparmor(profile: str) -> None:
    """Make sure that AppArmor is there to apply a profile.

    Raises:
        Unsupported: it isn't.
    """
    if not apparmor_is_enabled():
        raise Unsupported(
            f"`process.apparmorProfile` is `{profile}`, but AppArmor isn't enabled in this kernel",
            hint="remove the field, or boot with `apparmor=1 security=apparmor`",
        )


def require_selinux(field: str, context: str) -> None:
    """Make sure that SELinux is there to know a context.

    Raises:
        Unsupported: it isn't; with runc's text, which callers look for.
    """
    if not selinux_is_enabled():
        raise Unsupported(
            f"`{field}` is `{context}`: selinux label is specified in config, "
            "but selinux is disabled or not supported",
            hint="remove the field, or boot with `security=selinux`",
        )


def apparmor_is_enabled() -> bool:
    """Tell whether the kernel has AppArmor and it is switched on."""
    try:
        with open(_APPARMOR_ENABLED, "rb") as file:
            return file.read(1) == b"Y"
    except OSError:
        return False


def selinux_is_enabled() -> bool:
    """Tell whether the kernel has SELinux with a policy, which then shows itself in selinuxfs."""
    try:
        fd = os.open(_SELINUXFS, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return file_system_type(fd) == SELINUX_MAGIC
    finally:
        os.close(fd)


def open_private_procfs() -> int:
    """Return a new procfs of this process's PID namespace that nobody else sees, processes only.

    Raises:
        TuiContainerError: it can't be mounted; in a user namespace that takes a PID namespace of
            its own.
    """
    try:
        return mount_procfs(processes_only=True)
    except OSError as error:
        failure = describe_failure(error, while_="mounting a procfs to set security labels by")
        if error.errno == EPERM:
            failure.hint = "a container with a user namespace needs a PID namespace of its own"
        raise failure from error


def open_containers_procfs() -> int:
    """Return /proc of the container that this process has joined, which must be a procfs.

    Raises:
        FailedPrecondition: it is something else.
    """
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        procfs = open_inside(root, "/proc", os.O_PATH | os.O_DIRECTORY, links=False)
    except SyscallError as error:
        raise _no_procfs(str(error)) from None
    finally:
        os.close(root)
    if file_system_type(procfs) != PROC_SUPER_MAGIC:
        os.close(procfs)
        raise _no_procfs("another file system is there")
    return procfs


def write_label(procfs: int, label: Label) -> None:
    """Write one label of this process.

    Raises:
        SyscallError: the file isn't there, or something is mounted on the way to it.
        OSError: the security module refuses the label.
    """
    write_below(procfs, label.path, label.text.encode())


def label_keys(context: str) -> None:
    """Give the keys that this process makes until its next exec an SELinux context.

    Called with the host in view.

    Raises:
        TuiContainerError: SELinux refuses it.
    """
    label = Label(field="process.selinuxLabel", path=f"{_ATTRIBUTES}/keycreate", text=context)
    procfs = open_procfs()
    try:
        write_label(procfs, label)
    except OSError as error:
        raise describe_failure(error, while_=f"labelling keys with `{context}`") from error
    finally:
        os.close(procfs)


def _no_procfs(reason: str) -> FailedPrecondition:
    return FailedPrecondition(
        f"a process with a security label needs a procfs on the container's `/proc`: {reason}",
        hint='add {"destination": "/proc", "type": "proc"} to `mounts`',
    )


def _try(labels: list[Label]) -> None:
    """Have a child write the labels, as one can't be taken back."""
    procfs = open_procfs()
    try:
        for label in labels:
            number = _errno_of(procfs, label)
            if number:
                raise _refusal(label, number)
    finally:
        os.close(procfs)


def _errno_of(procfs: int, label: Label) -> int:
    pid, pidfd = clone3(0)
    if pid == 0:
        _write_and_end(procfs, label)
    os.close(pidfd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _write_and_end(procfs: int, label: Label) -> NoReturn:
    status = EINVAL
    try:
        write_label(procfs, label)
        status = 0
    except OSError as error:
        status = error.errno or EINVAL
    finally:
        os._exit(status)


def _refusal(label: Label, number: int) -> Exception:
    what = f"`{label.field}` is `{label.text.removeprefix('exec ')}`"
    if number in (ENOENT, EINVAL):
        return InvalidArgument(
            f"{what}: the kernel knows no such profile or context",
            hint="load AppArmor profiles with `apparmor_parser`",
            errno=number,
        )
    if number in (EACCES, EPERM):
        return PermissionDenied(f"{what}: this process may not go over to it", errno=number)
    return FailedPrecondition(f"{what}: {os.strerror(number).lower()}", errno=number)
