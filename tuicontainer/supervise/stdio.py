"""The standard streams of a container without a terminal: FIFOs in its state folder.

They outlive every process of ours. The container's ends of its outputs are open for reading too,
so that a container whose monitor and spawner are both dead isn't killed by SIGPIPE: it fills the
FIFO and waits until the next monitor opens it. Its standard input is open for reading only, for
else it could never see its end. Source: fifo(7).
"""

from __future__ import annotations

import fcntl
import os

from tuicontainer.record import Record
from tuicontainer.runtime.process.stdio import Stdio
from tuicontainer.supervise.files import remove_flat_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations

OUTPUTS = ("stdout", "stderr")
_PIPE_SIZE = 256 * 1024


class Streams(Record):
    """Both sides' descriptors; the monitor closes the container's after it has been made."""

    theirs: Stdio
    ours: dict[str, int]
    """`stdout`, `stderr` and, if it is open, `stdin`; all non-blocking."""

    def close_theirs(self) -> None:
        """Close the container's side."""
        for fd in {fd for _, fd in self.theirs.items()}:
            os.close(fd)

    def close_all(self) -> None:
        """Close both sides."""
        self.close_theirs()
        for fd in self.ours.values():
            os.close(fd)


def make_streams(locations: Locations, container_id: str, *, stdin_open: bool) -> Streams:
    """Make the FIFOs, in a place where the state folder doesn't have to exist yet.

    Raises:
        OSError: they can't be made.
    """
    folder = staging_folder(locations, container_id)
    remove_flat_folder(folder)
    os.mkdir(folder, 0o700)
    ours: dict[str, int] = {}
    theirs: dict[str, int] = {}
    try:
        for name in OUTPUTS:
            path = os.path.join(folder, name)
            os.mkfifo(path, 0o600)
            ours[name] = _open(path, os.O_RDONLY)
            theirs[name] = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            _enlarge(ours[name])
        if stdin_open:
            path = os.path.join(folder, "stdin")
            os.mkfifo(path, 0o600)
            theirs["stdin"] = _open(path, os.O_RDONLY)
            ours["stdin"] = _open(path, os.O_WRONLY)
            os.set_blocking(theirs["stdin"], True)
        else:
            theirs["stdin"] = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    except BaseException:
        for fd in (*ours.values(), *theirs.values()):
            os.close(fd)
        remove_flat_folder(folder)
        raise
    return Streams(theirs=Stdio(**theirs), ours=ours)


def settle_streams(locations: Locations, container_id: str) -> None:
    """Move the FIFOs into the state folder, now that it exists.

    Raises:
        OSError: they can't be moved.
    """
    staging = staging_folder(locations, container_id)
    folder = locations.container_state_dir(container_id)
    for name in os.listdir(staging):
        os.rename(os.path.join(staging, name), os.path.join(folder, name))
    os.rmdir(staging)


def discard_streams(locations: Locations, container_id: str) -> None:
    """Remove FIFOs that never got into a state folder."""
    remove_flat_folder(staging_folder(locations, container_id))


def reopen_streams(locations: Locations, container_id: str) -> dict[str, int]:
    """Open our side of a living container's FIFOs again; what can't be opened is left out."""
    ours = {}
    for name, flags in (("stdout", os.O_RDONLY), ("stderr", os.O_RDONLY), ("stdin", os.O_WRONLY)):
        for folder in (
            locations.container_state_dir(container_id),
            staging_folder(locations, container_id),
        ):
            try:
                ours[name] = _open(os.path.join(folder, name), flags)
            except OSError:
                # ENOENT: no such stream. ENXIO: nobody reads the standard input any more.
                continue
            break
    return ours


def staging_folder(locations: Locations, container_id: str) -> str:
    """Return where the FIFOs are until the runtime has made the state folder."""
    return os.path.join(locations.engine_dir, f"{container_id}.stdio")


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _enlarge(fd: int) -> None:
    try:
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
    except OSError:
        # EPERM: the user has too many large pipes (pipe(7)); the usual size does as well.
        return
