"""A function run inside a running container, by a process that is gone when it returns.

For changes of the container's mounts. Like the intermediate of `enter`, it can't be looked into by
the container's members (CVE-2016-9962), imports nothing once it is inside, and joins all namespaces
at once. It doesn't join the control group. Sources: setns(2).
"""

from __future__ import annotations

import os

from tuicontainer.errors import Internal, TuiContainerError, describe_failure
from tuicontainer.runtime.process.channel import open_channel
from tuicontainer.runtime.process.credentials import become_root_inside
from tuicontainer.runtime.process.enter import differing_namespaces
from tuicontainer.runtime.process.init import forbid_imports
from tuicontainer.runtime.process.launch import end_child
from tuicontainer.syscalls.clone import clone3
from tuicontainer.syscalls.namespaces import CLONE_NEWPID, CLONE_NEWUSER, setns
from tuicontainer.syscalls.process import set_dumpable, set_parent_death_signal
from tuicontainer.syscalls.signals import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from tuicontainer.runtime.process.channel import Channel


def visit(pid: int, pidfd: int, work: Callable[[], None]) -> None:
    """Call *work* as root of the container that has this first process.

    Everything it needs must be imported before.

    Raises:
        TuiContainerError: what *work* raised, or why the container can't be entered.
    """
    namespaces = differing_namespaces(pid)
    ours, theirs = open_channel()
    child, child_fd = clone3(0)
    if child == 0:
        ours.close()
        _visit(pidfd, namespaces, work, theirs)
    theirs.close()
    try:
        if (received := ours.receive()) is None or received[0]["step"] != "ready":
            raise Internal("the process that entered the container ended without a word")
    finally:
        ours.close()
        end_child(child, child_fd)


def _visit(pidfd: int, namespaces: int, work: Callable[[], None], channel: Channel) -> NoReturn:
    try:
        set_dumpable(dumpable=False)
        set_parent_death_signal(SIGKILL)
        forbid_imports()
        # Entering the PID namespace would only concern children, of which there are none.
        setns(pidfd, namespaces & ~CLONE_NEWPID)
        if namespaces & CLONE_NEWUSER:
            become_root_inside()
            set_dumpable(dumpable=False)
        work()
        channel.send("ready")
    except TuiContainerError as error:
        channel.send_error(error.to_wire())
    except BaseException as error:  # noqa: BLE001 - nothing may return into the runtime's own code
        channel.send_error(describe_failure(error, while_="entering the container").to_wire())
    finally:
        os._exit(0)
