"""Who the program is: user, groups, capabilities, no_new_privs, working folder, umask.

The order is forced by the kernel: the bounding set can be cut only while privileged, groups change
only before the user, and the user's change would empty the permitted set without "keep
capabilities". Sources: capabilities(7), credentials(7), config.md#process.
"""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition, InvalidArgument, describe_failure
from tuicontainer.runtime.process.capabilities import (
    apply_capabilities,
    limit_bounding_set,
    to_masks,
)
from tuicontainer.runtime.process.descriptors import is_null_device
from tuicontainer.syscalls.capabilities import get_capabilities, set_capabilities
from tuicontainer.syscalls.process import (
    set_dumpable,
    set_keep_capabilities,
    set_no_new_privileges,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.errors import TuiContainerError
    from tuicontainer.spec.config import Process, User

_EINVAL = 22
_UMASK = 0o022


def become_root_inside(*, keep_groups: bool = False) -> None:
    """Take id 0 of the user namespace entered, as which its mounts are made.

    Args:
        keep_groups: don't give up the supplementary groups yet.

    Raises:
        InvalidArgument: the namespace doesn't map id 0.
    """
    try:
        if not keep_groups:
            _set_groups(())
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
    except OSError as error:
        if error.errno == _EINVAL:
            raise InvalidArgument(
                "the user namespace maps no id 0",
                hint="the container's files are made as its root: map containerID 0",
            ) from error
        raise describe_failure(error, while_="becoming root of the user namespace") from error


def become(process: Process, kept: int = 0) -> None:
    """Take on the program's credentials, working folder and umask, for good.

    Args:
        process: says which.
        kept: mask of capabilities to keep beside the program's and through the next exec, in the
            ambient set. Who keeps some gives them up before the program's exec.

    Raises:
        TuiContainerError: names the step that the kernel refused.
    """
    masks = to_masks(process.capabilities)
    try:
        if process.no_new_privileges:
            set_no_new_privileges()
        if kept:
            masks = masks.keeping(kept)
            # Nothing becomes inheritable that is no longer in the bounding set.
            effective, permitted, inheritable = get_capabilities()
            set_capabilities(effective, permitted, inheritable | kept)
        limit_bounding_set(masks.bounding)
        set_keep_capabilities(keep=True)
    except OSError as error:
        raise describe_failure(error, while_="giving up privileges") from error
    reached = _try_enter_folder(process.cwd)
    _become_user(process.user)
    # The change of ids made it what fs.suid_dumpable says, and our memory is the runtime's still.
    set_dumpable(dumpable=False)
    try:
        set_keep_capabilities(keep=False)
        apply_capabilities(masks)
    except OSError as error:
        raise describe_failure(error, while_="setting the capabilities") from error
    if not reached:
        _enter_folder(process.cwd)
    check_working_folder(process.cwd)
    # Not the caller's, which may be a service's 0077: runc's and crun's containers never see that.
    os.umask(_UMASK if process.user.umask is None else process.user.umask)


def give_streams_to_user(uid: int, fds: Iterable[int]) -> None:
    """Make the program's user the owner of its standard streams, so that it can reopen them.

    Only pipes, sockets and terminals made for the container are meant; its user can't chown, and
    on some file systems nobody can. Shared devices such as /dev/null stay root's.
    """
    for fd in fds:
        found = os.fstat(fd)
        if found.st_uid == uid or is_null_device(found):
            continue
        try:
            os.fchown(fd, uid, -1)
        except OSError:
            # EINVAL: an owner outside the user namespace; EROFS, EPERM: a file of somebody else.
            continue


def check_working_folder(cwd: str) -> None:
    """Make sure that the working folder is inside the container.

    A path such as /proc/self/fd/7 can lead to a folder of the host (CVE-2024-21626); the kernel
    then calls it unreachable.

    Raises:
        FailedPrecondition: it is outside.
    """
    try:
        reached = os.getcwd()
    except OSError as error:
        raise describe_failure(error, while_=f"entering the working folder `{cwd}`") from error
    if not reached.startswith("/"):
        raise FailedPrecondition(
            f"the working folder `{cwd}` is outside of the container's root file system"
        )


def _become_user(user: User) -> None:
    try:
        if not user.keep_groups:
            _set_groups(user.additional_gids)
        os.setresgid(user.gid, user.gid, user.gid)
        os.setresuid(user.uid, user.uid, user.uid)
    except OSError as error:
        who = f"user `{user.uid}:{user.gid}`"
        if error.errno == _EINVAL:
            raise InvalidArgument(f"{who} isn't mapped in the user namespace") from error
        raise describe_failure(error, while_=f"becoming {who}") from error


def _set_groups(gids: tuple[int, ...]) -> None:
    try:
        os.setgroups(gids)
    except PermissionError:
        # A user namespace may forbid it for good (user_namespaces(7), /proc/PID/setgroups).
        if gids:
            raise


def _try_enter_folder(cwd: str) -> bool:
    """Enter it while still root; a file system may let only the user in (NFS, FUSE)."""
    try:
        os.chdir(cwd)
    except PermissionError:
        return False
    except OSError as error:
        raise _cannot_enter(error, cwd) from error
    return True


def _enter_folder(cwd: str) -> None:
    try:
        os.chdir(cwd)
    except OSError as error:
        raise _cannot_enter(error, cwd) from error


def _cannot_enter(error: OSError, cwd: str) -> TuiContainerError:
    reason = OSError(error.errno, error.strerror)  # without the path, which is named already
    what = f'chdir to cwd ("{cwd}") set in config.json failed'
    return describe_failure(reason, while_=what)
