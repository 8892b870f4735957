"""Which ids inside a user namespace are which outside: /proc/PID/uid_map and gid_map.

Written once, from outside, after the namespace's first process exists and before it does anything.
Source: user_namespaces(7).
"""

from __future__ import annotations

import os
from errno import E2BIG, EINVAL

from tuicontainer.errors import InvalidArgument, describe_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.spec.config import IdMapping, Linux

_MAX_RANGES = 340


def encode_mappings(mappings: Sequence[IdMapping]) -> bytes:
    """Return the lines that the kernel takes: inside, outside, length.

    Raises:
        InvalidArgument: more ranges than the kernel takes.
    """
    if len(mappings) > _MAX_RANGES:
        raise InvalidArgument(f"{len(mappings)} id mappings: the kernel takes {_MAX_RANGES}")
    lines = [f"{each.container_id} {each.host_id} {each.size}\n" for each in mappings]
    return "".join(lines).encode()


def write_identity_maps(pid: int, linux: Linux) -> None:
    """Map the ids of the user namespace that process *pid* was born into.

    Raises:
        TuiContainerError: InvalidArgument for ranges that overlap; PermissionDenied where we may
            not map these ids.
    """
    for name, mappings in (("uid_map", linux.uid_mappings), ("gid_map", linux.gid_mappings)):
        path = f"/proc/{pid}/{name}"
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
            try:
                # The kernel takes the whole map in one write or not at all.
                os.write(fd, encode_mappings(mappings))
            finally:
                os.close(fd)
        except OSError as error:
            while_ = f"writing the {name.replace('_map', '')} mappings"
            if error.errno in (EINVAL, E2BIG):
                raise InvalidArgument(
                    f"{while_}: the kernel refused them",
                    hint="ranges must not overlap, be empty, or pass the largest id",
                    errno=error.errno,
                ) from error
            raise describe_failure(error, while_=while_) from error
