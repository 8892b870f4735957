"""Handing a terminal or a pidfd to whoever started us: `--console-socket`, `--pidfd-socket`.

One message on a Unix stream socket: a name as its data, the descriptor attached.
Source: runc docs/terminals.md, libcontainer/utils (SendFile).
"""

from __future__ import annotations

import os

from tuicontainer.errors import Unavailable
from tuicontainer.syscalls.sockets import connect_stream, send_packet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

CONSOLE, PIDFD = "console", "pidfd"


def connect(path: str) -> int:
    """Return a connection to the socket, made before the container so that a wrong path is cheap.

    Raises:
        Unavailable: nobody listens there.
    """
    try:
        return connect_stream(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Unavailable(f"connecting to `{path}`: {reason}", errno=error.errno) from error


def hand_over(connection: int, fd: int, name: str) -> None:
    """Send a descriptor and close the connection.

    Raises:
        OSError: the receiver is gone.
    """
    try:
        send_packet(connection, name.encode(), fd)
    finally:
        os.close(connection)


def hand_over_to(connections: Sequence[tuple[str, int]], console: int | None, pidfd: int) -> None:
    """Send the console and the pidfd to those who wait for them.

    Args:
        connections: what each is for, `console` or the message that comes with the pidfd.
        console: the terminal's master.
        pidfd: the process.

    Raises:
        OSError: a receiver is gone.
    """
    for what, connection in connections:
        if what != CONSOLE:
            hand_over(connection, pidfd, what)
        elif console is not None:
            hand_over(connection, console, "/dev/ptmx")
