"""A door's way to a spawner: connect to the one there is, or start one.

The door runs `python -I -S …/supervise/__main__.py`, which leaves the door's session, and waits on
a pipe until the new spawner listens, has lost the race against another, or says why it failed.
"""

from __future__ import annotations

import os
import sys

import tuicontainer
from tuicontainer.errors import Internal, PermissionDenied, Unavailable, from_wire
from tuicontainer.jsontext import loads
from tuicontainer.supervise.names import SPAWNER_SOCKET
from tuicontainer.supervise.talk import Connection, Pause, Readable, ask, open_connection
from tuicontainer.syscalls.signals import ALL_SIGNALS, SIGKILL, SIGSTOP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.talk import Talk

READY_FD = 3
"""Where the spawner finds the pipe's end."""
_START_SECONDS = 20.0
_ATTEMPTS = 100
_ATTEMPT_PAUSE = 0.02


def reach_spawner(locations: Locations) -> Talk[Connection]:
    """Return a connection to this state root's spawner, started if there is none.

    A spawner of another version of this program is asked to retire: it stops listening and only
    looks after the monitors that it has.

    Raises:
        Unavailable: it can't be started or reached.
        TuiContainerError: it can't start, for the reason given.
    """
    for _ in range(_ATTEMPTS):
        connection = yield from open_connection(locations.engine_dir, SPAWNER_SOCKET)
        if connection is not None:
            if connection.version == tuicontainer.__version__:
                return connection
            yield from ask(connection.channel, {"verb": "retire"})
            connection.channel.close()
        if not (yield from _launch(locations)):
            # Another door's spawner holds the lock: one that begins to listen, or one that ends.
            yield Pause(seconds=_ATTEMPT_PAUSE)
    raise Unavailable(f"the spawner of `{locations.state_root}` can't be reached", hint="try again")


def _launch(locations: Locations) -> Talk[bool]:
    """Start a spawner and wait until it is ready; False if there is another one."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    try:
        try:
            launched = _execute(locations, writer)
        finally:
            os.close(writer)
        ready = yield Readable(fd=reader, seconds=_START_SECONDS)
        text = os.read(reader, 65536) if ready else b""
    finally:
        os.close(reader)
    _reap(launched)
    if not text:
        raise Unavailable(
            f"the spawner of `{locations.state_root}` "
            + ("died while it started" if ready else "takes too long to start"),
            hint="try again; `tuicontainer doctor` looks for the reason",
        )
    message: dict[str, Any] = loads(text)
    if "error" in message:
        raise from_wire(message["error"])
    return "ready" in message


def _reap(launched: int) -> None:
    """Reap the process we started: it has left at once, its child is the spawner."""
    try:
        os.waitpid(launched, 0)
    except ChildProcessError:
        # The door's program ignores SIGCHLD, or waits for all its children itself.
        return


def _execute(locations: Locations, writer: int) -> int:
    if not sys.executable:
        raise Internal("the interpreter doesn't know its own path, so no spawner can be started")
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__main__.py")
    command = [sys.executable, "-I", "-S", program, locations.state_root, locations.data_root]
    actions = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    try:
        return os.posix_spawn(
            sys.executable,
            command,
            {},
            file_actions=[*actions, (os.POSIX_SPAWN_DUP2, writer, READY_FD)],
            setsid=True,
            setsigmask=[],
            setsigdef=sorted(ALL_SIGNALS - {SIGKILL, SIGSTOP}),
        )
    except PermissionError as error:
        raise PermissionDenied(
            f"starting `{sys.executable}`: {error.strerror}", errno=error.errno
        ) from error
