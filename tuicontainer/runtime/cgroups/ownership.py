"""Making and removing the folders of groups, and knowing which ancestors we made.

A group's ancestors are made on demand and must go when the last group in them goes, but an
administrator's or another engine's empty group must stay. Each ancestor we make is therefore
marked with an extended attribute (control group file systems keep these since 3.7), which any of
our processes can see later. Two of them may make and remove the same ancestor at once, so a
vanished one is made again.
"""

from __future__ import annotations

import os
import stat
import time
from errno import EBUSY, ENOENT, ENOTEMPTY

from tuicontainer.errors import FailedPrecondition, InvalidArgument
from tuicontainer.runtime.cgroups.files import failure, is_gone, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MARK = "trusted.tuicontainer"
MAKE_ATTEMPTS = 20
REMOVAL_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.1


def make_group(top: str, path: str, prepare: Callable[[str], None]) -> bool:
    """Make the folder of group *path* below the hierarchy's mount point *top*.

    Args:
        top: the mount point.
        path: of the group, beginning with `/`.
        prepare: called with the folder of each ancestor and of the group itself, from the top
            down, after it is made.

    Returns:
        True if the group was made, False if it was there.

    Raises:
        TuiContainerError: the kernel refused; nothing that this call made is left.
    """
    for attempt in range(MAKE_ATTEMPTS):
        try:
            return _make_once(top, path, prepare)
        except OSError as error:
            if is_gone(error) and attempt < MAKE_ATTEMPTS - 1:
                continue
            prune(top, path)
            raise failure(error, doing=f"making control group `{top}{path}`") from error
        except BaseException:
            prune(top, path)
            raise
    raise AssertionError("the last attempt returns or raises")


def _make_once(top: str, path: str, prepare: Callable[[str], None]) -> bool:
    folder = top
    names = path.strip("/").split("/")
    for name in names[:-1]:
        folder = f"{folder}/{name}"
        if _make_folder(folder):
            _mark(folder)
        prepare(folder)
    folder = f"{folder}/{names[-1]}"
    made = _make_folder(folder)
    try:
        prepare(folder)
    except BaseException:
        if made:
            os.rmdir(folder)
        raise
    return made


def _make_folder(folder: str) -> bool:
    try:
        os.mkdir(folder, 0o755)
    except FileExistsError:
        # Removed in between: FileNotFoundError from here makes the caller begin again.
        if not stat.S_ISDIR(os.stat(folder).st_mode):
            raise InvalidArgument(
                f"`{os.path.basename(folder)}` can't name a control group: the kernel has a file "
                f"of that name in `{os.path.dirname(folder)}`"
            ) from None
        return False
    return True


def _mark(folder: str) -> None:
    try:
        os.setxattr(folder, MARK, b"made")
    except OSError:
        # Without the privilege (a user namespace) the ancestor merely stays when it is empty.
        return


def prune(top: str, path: str) -> None:
    """Remove the ancestors of *path* that we made, from the bottom up, as far as they are empty."""
    parent = os.path.dirname(path)
    while parent not in ("", "/"):
        folder = top + parent
        try:
            os.getxattr(folder, MARK)
            os.rmdir(folder)
        except OSError as error:
            if error.errno != ENOENT:
                return
        parent = os.path.dirname(parent)


def groups_inside(folder: str) -> Iterator[str]:
    """Yield the folder and all below it, children before their parents; vanished ones are skipped.

    The nesting is the container's own making, so the walk isn't recursive.
    """
    found = []
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        found.append(current)
        try:
            with os.scandir(current) as entries:
                waiting += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError as error:
            if not is_gone(error):
                raise
    return reversed(found)


def processes_inside(folder: str) -> list[int]:
    """Return the processes of a group's folder and of all below it, sorted.

    A process outside our PID namespace shows as 0 and is left out.
    """
    found: set[int] = set()
    for group in groups_inside(folder):
        try:
            text = read_file(f"{group}/cgroup.procs")
        except OSError as error:
            if is_gone(error):
                continue
            # EOPNOTSUPP: a threaded group's processes are listed by its domain, an ancestor.
            from errno import EOPNOTSUPP

            if error.errno == EOPNOTSUPP:
                continue
            raise failure(error, doing=f"reading `{group}/cgroup.procs`") from error
        found.update(map(int, text.split()))
    found.discard(0)
    return sorted(found)


def remove_groups(folders: list[str]) -> None:
    """Remove these groups' folders with all groups inside them; absent ones are no failure.

    A killed process stays in its group until the kernel is done with it, so this waits.

    Raises:
        FailedPrecondition: they are still busy after some seconds.
    """
    deadline = time.monotonic() + REMOVAL_SECONDS
    pause = FIRST_PAUSE
    remaining = folders
    while True:
        remaining = [folder for folder in remaining if not _remove_once(folder)]
        if not remaining:
            return
        if time.monotonic() > deadline:
            pids = sorted({pid for folder in remaining for pid in processes_inside(folder)})
            held = f"processes {', '.join(map(str, pids))}" if pids else "something"
            raise FailedPrecondition(
                f"removing control group `{remaining[0]}`: {held} still in it",
                hint="kill the container first; a process that doesn't die waits for a device",
                errno=EBUSY,
            )
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _remove_once(folder: str) -> bool:
    try:
        os.rmdir(folder)
    except OSError as error:
        if is_gone(error):
            return True
        if error.errno not in (EBUSY, ENOTEMPTY):
            raise failure(error, doing=f"removing control group `{folder}`") from error
    else:
        return True
    for group in groups_inside(folder):
        try:
            os.rmdir(group)
        except OSError as error:
            if error.errno not in (EBUSY, ENOTEMPTY, ENOENT):
                raise failure(error, doing=f"removing control group `{group}`") from error
    return not os.path.isdir(folder)
