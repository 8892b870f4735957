"""Which ids inside a user namespace are which outside: /proc/PID/uid_map and gid_map.

Written once, from outside, after the namespace's first process exists and before it does anything.
There are three ways, for users and groups each:

    capable   who has CAP_SETUID or CAP_SETGID writes any map
    own       anybody may map his own id, and no other; for a group only after the namespace has
              given up setgroups(2) for good, which could drop a group that is there to deny
    granted   newuidmap and newgidmap, set-user-id programs, write ranges that /etc/subuid and
              /etc/subgid grant to the user

Sources: user_namespaces(7), newuidmap(1), subuid(5); CVE-2014-8989.
"""

from __future__ import annotations

import os
from errno import E2BIG, EINVAL

from tuicontainer.errors import (
    InvalidArgument,
    PermissionDenied,
    TuiContainerError,
    Unsupported,
    describe_failure,
)
from tuicontainer.runtime.process.capabilities import NAMES
from tuicontainer.runtime.process.procfs import write_process_file
from tuicontainer.syscalls.capabilities import get_capabilities

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.spec.config import IdMapping, Linux

_MAX_RANGES = 340
_TOOL_SECONDS = 30.0
_DEFAULT_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"


def encode_mappings(mappings: Sequence[IdMapping]) -> bytes:
    """Return the lines that the kernel takes: inside, outside, length.

    Raises:
        InvalidArgument: more ranges than the kernel takes.
    """
    if len(mappings) > _MAX_RANGES:
        raise InvalidArgument(f"{len(mappings)} id mappings: the kernel takes {_MAX_RANGES}")
    lines = [f"{each.container_id} {each.host_id} {each.size}\n" for each in mappings]
    return "".join(lines).encode()


def with_own_ids(linux: Linux) -> Linux:
    """Return the configuration with our own ids as root's, if its user namespace maps none."""
    user = linux.namespace("user")
    if user is None or user.path is not None or linux.uid_mappings or linux.gid_mappings:
        return linux
    from tuicontainer.spec.config import IdMapping

    return linux.replace(
        uid_mappings=(IdMapping(container_id=0, host_id=os.geteuid(), size=1),),
        gid_mappings=(IdMapping(container_id=0, host_id=os.getegid(), size=1),),
    )


def is_own_id(mappings: Sequence[IdMapping], own: int) -> bool:
    """Tell whether only one id is mapped, and outside it is *own*."""
    return len(mappings) == 1 and mappings[0].size == 1 and mappings[0].host_id == own


def write_identity_maps(pid: int, linux: Linux) -> None:
    """Map the ids of the user namespace that process *pid* was born into.

    Raises:
        TuiContainerError: InvalidArgument for ranges that overlap; PermissionDenied where we may
            not map these ids; Unsupported where the programs are missing that may.
    """
    effective = get_capabilities()[0]
    for kind, mappings, own, capability in (
        ("uid", linux.uid_mappings, os.geteuid(), "CAP_SETUID"),
        ("gid", linux.gid_mappings, os.getegid(), "CAP_SETGID"),
    ):
        if effective >> NAMES.index(capability) & 1:
            _write_map(pid, kind, mappings)
        elif is_own_id(mappings, own):
            if kind == "gid":
                write_process_file(pid, "setgroups", b"deny")
            _write_map(pid, kind, mappings)
        else:
            _let_map(pid, kind, mappings)


def _write_map(pid: int, kind: str, mappings: Sequence[IdMapping]) -> None:
    while_ = f"writing the {kind} mappings"
    try:
        # The kernel takes the whole map in one write or not at all.
        write_process_file(pid, f"{kind}_map", encode_mappings(mappings))
    except OSError as error:
        if error.errno in (EINVAL, E2BIG):
            raise InvalidArgument(
                f"{while_}: the kernel refused them",
                hint="ranges must not overlap, be empty, or pass the largest id",
                errno=error.errno,
            ) from error
        raise describe_failure(error, while_=while_) from error


def _let_map(pid: int, kind: str, mappings: Sequence[IdMapping]) -> None:
    """Have the set-user-id program write the map."""
    from tuicontainer.runtime.process.lookup import find_program
    from tuicontainer.runtime.process.spawn import run_program

    name = f"new{kind}map"
    path = f"PATH={os.environ.get('PATH') or _DEFAULT_PATH}"
    try:
        program = find_program(name, [path])
    except TuiContainerError as error:
        raise Unsupported(
            f"`linux.{kind}Mappings` maps more than your own id, which takes `{name}`: "
            f"{error.message}",
            hint="install it (Debian: uidmap), or map only your own id, with size 1",
        ) from error
    words = encode_mappings(mappings).decode().split()
    try:
        done = run_program(
            program,
            [name, str(pid), *words],
            {},
            stdin=b"",
            cwd="/",
            timeout=_TOOL_SECONDS,
        )
    except OSError as error:
        raise describe_failure(error, while_=f"running `{program}`") from error
    if done.status != 0:
        said = done.output or f"status {done.status}"
        raise PermissionDenied(
            f"`{name}` refused to map `{' '.join(words)}`: {said}",
            hint=f"/etc/sub{kind} must grant you these ids (usermod --add-sub{kind}s)",
        )
