"""Stop and continue the processes of a v1 group.

FROZEN is a wish: the state is FREEZING until every task has stopped, a task in a system call stops
late, and one forked at the wrong moment may be missed for good (the kernel looks at it again only
when the state is written or read). Hence: write, read, now and then write again, and at times thaw
for a moment, as a task that waits for a frozen one never stops otherwise.
Source: Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst.
"""

from __future__ import annotations

import os
import time

from tuicontainer.errors import FailedPrecondition, NotFound
from tuicontainer.runtime.cgroups.files import (
    failure,
    is_gone,
    read_file,
    read_if_there,
    write_file,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 5.0
PAUSE = 0.001
READS_TO_WRITE_AGAIN = 10
READS_TO_THAW = 100


def freeze(folder: str, processes: Callable[[], list[int]]) -> None:
    """Freeze the group whose folder in the freezer hierarchy this is.

    Raises:
        FailedPrecondition: we are in it ourselves, or some process doesn't stop in time; it is
            thawed again then.
        NotFound: no such group.
    """
    if os.getpid() in processes():
        raise FailedPrecondition(f"freezing control group `{folder}`: we are in it ourselves")
    deadline = time.monotonic() + SECONDS
    reads = 0
    _write(folder, "FROZEN")
    while read_file(f"{folder}/freezer.state").strip() != "FROZEN":
        reads += 1
        if time.monotonic() > deadline:
            _write(folder, "THAWED")
            raise FailedPrecondition(
                f"freezing control group `{folder}`: not all processes have stopped after "
                f"{SECONDS:.0f} seconds",
                hint="one of them waits for a device or a network file system",
            )
        if reads % READS_TO_THAW == 0:
            _write(folder, "THAWED")
        if reads % READS_TO_WRITE_AGAIN == 0:
            _write(folder, "FROZEN")
        time.sleep(PAUSE)


def thaw(folder: str) -> None:
    """Let the processes go on; a group that doesn't exist has none."""
    try:
        _write(folder, "THAWED")
    except NotFound:
        return


def is_frozen(folder: str) -> bool:
    """Tell whether the group itself, not an ancestor, is frozen or about to be."""
    text = read_if_there(f"{folder}/freezer.self_freezing")
    return text is not None and text.strip() == "1"


def _write(folder: str, state: str) -> None:
    try:
        write_file(f"{folder}/freezer.state", state)
    except OSError as error:
        if is_gone(error):
            raise NotFound(f"control group `{folder}` doesn't exist") from error
        doing = f"writing `{state}` to `{folder}/freezer.state`"
        raise failure(error, doing=doing) from error
