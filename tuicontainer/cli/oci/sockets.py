"""Handing a terminal or a pidfd to whoever started us: `--console-socket`, `--pidfd-socket`.

One message on a Unix stream socket: a name as its data, the descriptor attached.
Source: runc docs/terminals.md, libcontainer/utils (SendFile).
"""

from __future__ import annotations

import os

from tuicontainer.errors import Unavailable
from tuicontainer.syscalls.sockets import connect_stream, send_packet


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


def hand_over_to(connections: list[int | None], console: int | None, pidfd: int) -> None:
    """Send the console and the pidfd to who waits for them.

    Args:
        connections: for the console and for the pidfd; None where nobody asked.
        console: the terminal's master.
        pidfd: the process.

    Raises:
        OSError: a receiver is gone.
    """
    console_connection, pidfd_connection = connections
    if console_connection is not None and console is not None:
        hand_over(console_connection, console, "/dev/ptmx")
    if pidfd_connection is not None:
        hand_over(pidfd_connection, pidfd, "pidfd")
