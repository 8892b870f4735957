"""Handing a terminal or a pidfd to whoever started us: `--console-socket`, `--pidfd-socket`.

One message on a Unix stream socket: a name as its data, the descriptor attached.
Source: runc docs/terminals.md, libcontainer/utils (SendFile).
"""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument, Unavailable
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


def check_terminal_flags(*, terminal: bool, detach: bool, console_socket: str | None) -> None:
    """Refuse combinations in which nobody would hold the terminal, with runc's texts.

    Raises:
        InvalidArgument: the combination is impossible.
    """
    if detach and terminal and console_socket is None:
        raise InvalidArgument(
            "cannot allocate tty if runc will detach without setting console socket"
        )
    if console_socket is not None and not (detach and terminal):
        raise InvalidArgument("cannot use console socket if runc will not detach or allocate tty")
