"""Hands the descriptor on which SCMP_ACT_NOTIFY is answered to the program that answers.

One connection, one ContainerProcessState, then the end of the stream. Source:
config-linux.md#containerprocessstate.
"""

from __future__ import annotations

import os

from tuicontainer.errors import describe_failure
from tuicontainer.jsontext import dumps
from tuicontainer.syscalls.sockets import connect_stream, send_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

FD_NAME = "seccompFd"
_SECONDS = 10
"""How long somebody may take who listens and doesn't read."""


def send_listener(
    path: str, listener: int, *, pid: int, metadata: str | None, state: Mapping[str, Any]
) -> None:
    """Connect to *path*, say whose descriptor it is, and pass it on.

    Args:
        path: of a listening Unix stream socket.
        listener: the descriptor; it stays open here.
        pid: of the process that made it, as seen from here.
        metadata: the profile's `listenerMetadata`.
        state: the container's state document.

    Raises:
        TuiContainerError: nobody listens, or nobody reads.
    """
    document = {
        "ociVersion": state["ociVersion"],
        "fds": [FD_NAME],
        "pid": pid,
        "state": dict(state),
    }
    if metadata is not None:
        document["metadata"] = metadata
    try:
        connection = connect_stream(path)
        try:
            send_all(connection, dumps(document).encode(), with_fd=listener, seconds=_SECONDS)
        finally:
            os.close(connection)
    except OSError as error:
        raise describe_failure(error, while_=f"sending the seccomp listener to `{path}`") from error
