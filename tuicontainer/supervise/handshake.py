"""The first message of each side: versions, and whether both see the same world.

A door in another mount, user, PID, network or cgroup namespace than the spawner's would get
containers with other files, users or networks than it sees, so it is refused.
"""

from __future__ import annotations

import os

import tuicontainer
from tuicontainer.errors import FailedPrecondition, InvalidArgument
from tuicontainer.supervise.wire import PROTOCOL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

NAMESPACES = {"mnt": "mount", "user": "user", "pid": "PID", "net": "network", "cgroup": "cgroup"}
"""Name in /proc/self/ns and in words."""


def own_namespaces() -> dict[str, str]:
    """Return what each namespace of this process is called, such as `net:[4026531840]`."""
    found = {}
    for kind in NAMESPACES:
        try:
            found[kind] = os.readlink(f"/proc/self/ns/{kind}")
        except FileNotFoundError:
            # The kernel was built without this kind; then all share it.
            continue
    return found


def greeting() -> dict[str, Any]:
    """Return what a door says first."""
    return {
        "hello": PROTOCOL,
        "version": tuicontainer.__version__,
        "namespaces": own_namespaces(),
    }


def welcome() -> dict[str, Any]:
    """Return what spawner and monitor answer."""
    return {"hello": PROTOCOL, "version": tuicontainer.__version__, "pid": os.getpid()}


def check_greeting(message: Mapping[str, Any], ours: Mapping[str, str]) -> None:
    """Let a door in, or refuse it.

    Raises:
        InvalidArgument: it doesn't greet.
        FailedPrecondition: another protocol, or other namespaces; the text names them.
    """
    if "hello" not in message:
        raise InvalidArgument("the door didn't greet")
    check_protocol(message)
    theirs = message.get("namespaces")
    if not isinstance(theirs, dict):
        raise InvalidArgument("the door didn't tell its namespaces")
    different = [word for kind, word in NAMESPACES.items() if theirs.get(kind) != ours.get(kind)]
    if different:
        raise FailedPrecondition(
            f"this command runs in another {' and '.join(different)} namespace than the spawner"
            " of this state root",
            hint="run it where the containers were started, or give another `--root`",
        )


def check_protocol(message: Mapping[str, Any]) -> None:
    """Check that a peer speaks this protocol.

    Raises:
        FailedPrecondition: it speaks another.
    """
    if message.get("hello") != PROTOCOL:
        raise FailedPrecondition(
            f"the other side (version `{message.get('version')}`) speaks protocol"
            f" `{message.get('hello')}`, this one speaks `{PROTOCOL}`",
            hint="use the version of tuicontainer that started the container",
        )
