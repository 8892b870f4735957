"""Stop and continue the processes of a v2 group.

cgroup.freeze is the wish, the `frozen` line of cgroup.events the fact; the kernel makes the latter
pollable. Frozen processes can still be killed.
Source: Documentation/admin-guide/cgroup-v2.rst, "cgroup.freeze".
"""

from __future__ import annotations

import os
import select
import time

from tuicontainer.errors import FailedPrecondition, NotFound, Unsupported
from tuicontainer.runtime.cgroups.files import failure, is_gone, read_if_there, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 5.0


def freeze(folder: str, processes: Callable[[], list[int]]) -> None:
    """Freeze the group and wait until all have stopped.

    Raises:
        FailedPrecondition: we are in it ourselves, or some process doesn't stop in time; it is
            thawed again then.
        NotFound: no such group.
        Unsupported: the kernel is older than 5.2.
    """
    if os.getpid() in processes():
        raise FailedPrecondition(f"freezing control group `{folder}`: we are in it ourselves")
    try:
        events = os.open(f"{folder}/cgroup.events", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise failure(error, doing=f"opening `{folder}/cgroup.events`") from error
    try:
        _write(folder, "1")
        if not _wait_until_frozen(events):
            _write(folder, "0")
            raise FailedPrecondition(
                f"freezing control group `{folder}`: not all processes have stopped after "
                f"{SECONDS:.0f} seconds",
                hint="one of them waits for a device or a network file system",
            )
    finally:
        os.close(events)


def thaw(folder: str) -> None:
    """Let the processes go on; without the group, or without the file, none is stopped."""
    try:
        _write(folder, "0")
    except (NotFound, Unsupported):
        return


def is_frozen(folder: str) -> bool:
    """Tell whether the group itself, not an ancestor, is frozen or about to be."""
    text = read_if_there(f"{folder}/cgroup.freeze")
    return text is not None and text.strip() == "1"


def _wait_until_frozen(events: int) -> bool:
    deadline = time.monotonic() + SECONDS
    poll = select.poll()
    # kernfs announces a change as POLLPRI, once after each reading.
    poll.register(events, select.POLLPRI)
    while b"frozen 1" not in os.pread(events, 4096, 0):
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        poll.poll(left * 1000)
    return True


def _write(folder: str, value: str) -> None:
    try:
        write_file(f"{folder}/cgroup.freeze", value)
    except OSError as error:
        if is_gone(error) and os.path.isdir(folder):
            raise Unsupported("pausing on cgroup v2 needs Linux 5.2 or newer") from error
        if is_gone(error):
            raise NotFound(f"control group `{folder}` doesn't exist") from error
        raise failure(error, doing=f"writing `{value}` to `{folder}/cgroup.freeze`") from error
