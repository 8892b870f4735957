"""An exec session: a helper forked by the spawner, parent of one program inside a container.

It outlives monitor and spawner, and ends with its program or its door. Without its door the
program goes on (unless its terminal was the door's: that hangs up) as the spawner's orphan.
"""

from __future__ import annotations

import os
import select

from tuicontainer.errors import InvalidArgument, TuiContainerError, describe_failure
from tuicontainer.runtime.exec import ExecRequest as RuntimeRequest
from tuicontainer.runtime.exec import exec_process, exec_template
from tuicontainer.runtime.process.stdio import Stdio
from tuicontainer.spec.config import ConsoleSize, User
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.spec.overrides import parse_user
from tuicontainer.supervise.channel import Channel, Received
from tuicontainer.supervise.journal import append_event
from tuicontainer.supervise.records import read_record
from tuicontainer.supervise.requests import ExecRequest, from_document
from tuicontainer.syscalls.signals import pidfd_send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.runtime.exec import ExecStarted
    from tuicontainer.spec.config import Process


def run_session(locations: Locations, channel: Channel, received: Received) -> None:
    """Run the program that a door asks for, and tell the door how it ended."""
    try:
        started = _start(locations, received)
    except TuiContainerError as error:
        channel.send({"error": error.to_wire()})
        return
    except OSError as error:
        failure = describe_failure(error, while_="running the program")
        channel.send({"error": failure.to_wire()})
        return
    received.close_descriptors()
    try:
        try:
            channel.send(
                {"ok": {"pid": started.pid}}, () if started.console is None else (started.console,)
            )
        finally:
            # While the program runs: the disk may be slow.
            _note(locations, received.message)
        if started.console is not None:
            # The door's is the only one: when it closes it, the terminal hangs up.
            os.close(started.console)
        _follow(channel, started)
    except OSError:
        # The door has gone.
        return


def merge_process(template: Process, request: ExecRequest) -> Process:
    """Return the process to run: the container's own, with what the request gives.

    Raises:
        InvalidArgument: the request has no program or a bad value.
    """
    if not request.args:
        raise InvalidArgument("no program to run", hint="give a command after the container's id")
    for entry in request.env:
        if "=" not in entry or entry.startswith("=") or "\0" in entry:
            raise InvalidArgument(f"environment entry `{entry}` isn't `NAME=value`")
    names = {entry.partition("=")[0] for entry in request.env}
    own = tuple(entry for entry in template.env if entry.partition("=")[0] not in names)
    user = template.user
    if request.user is not None:
        uid, gid = parse_user(request.user)
        user = User(uid=uid, gid=user.gid if gid is None else gid, umask=user.umask)
    size = request.console_size
    return template.replace(
        args=tuple(request.args),
        env=(*own, *request.env),
        cwd=template.cwd if request.cwd is None else request.cwd,
        user=user,
        terminal=request.terminal,
        console_size=None if size is None else ConsoleSize(height=size[0], width=size[1]),
    )


def _start(locations: Locations, received: Received) -> ExecStarted:
    message = received.message
    container_id = check_container_id(message["id"])
    request = from_document(ExecRequest, message["request"])
    root = locations.state_root
    process = merge_process(exec_template(root, container_id), request)
    stdio = None
    if not request.terminal:
        stdin, stdout, stderr = received.descriptors or (0, 1, 2)
        stdio = Stdio(stdin=stdin, stdout=stdout, stderr=stderr)
    return exec_process(root, container_id, RuntimeRequest(process=process), stdio)


def _note(locations: Locations, message: Mapping[str, Any]) -> None:
    """Write the event, which the door hears of no later than of the program's end."""
    container_id, args = message["id"], message["request"]["args"]
    try:
        instance = read_record(locations, container_id).instance
        append_event(locations, "exec", container_id, instance=instance, details={"args": args})
    except (OSError, TuiContainerError):
        # The program runs; that it couldn't be noted is no reason to end it.
        return


def _follow(channel: Channel, started: ExecStarted) -> None:
    """Wait for the program's end, passing signals on."""
    poll = select.poll()
    poll.register(started.pidfd, select.POLLIN)
    poll.register(channel.fd, select.POLLIN)
    while True:
        ready = dict(poll.poll())
        if started.pidfd in ready:
            _, status = os.waitpid(started.pid, 0)
            code = os.waitstatus_to_exitcode(status)
            channel.send({"status": code if code >= 0 else 128 - code})
            return
        received = channel.receive()
        if not isinstance(received, Received):
            return
        received.close_descriptors()
        if received.message.get("notice") == "kill":
            pidfd_send_signal(started.pidfd, int(received.message["signal"]))
