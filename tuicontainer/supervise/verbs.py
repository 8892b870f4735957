"""Each verb as a conversation (see `talk`): what a door says to whom, and what it makes of it.

A container's monitor is asked if it listens, else the spawner, which hands the request to the
monitor it has or forks one. `kill` needs neither.
"""

from __future__ import annotations

from tuicontainer.errors import (
    FailedPrecondition,
    Internal,
    NotFound,
    TuiContainerError,
    Unavailable,
)
from tuicontainer.runtime.kill import kill as runtime_kill
from tuicontainer.runtime.kill import kill_process as runtime_kill_process
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.spec.signals import NUMBERS, parse_signal, signal_name
from tuicontainer.supervise.attaching import Attaching, begin
from tuicontainer.supervise.inventory import find_container, known_end
from tuicontainer.supervise.journal import append_event
from tuicontainer.supervise.launch import reach_spawner
from tuicontainer.supervise.names import MONITOR_SOCKET
from tuicontainer.supervise.records import read_record
from tuicontainer.supervise.requests import CreateRequest, ExecRequest, to_document
from tuicontainer.supervise.talk import Pause, PeerLost, ask, open_connection
from tuicontainer.supervise.views import ContainerView, ExitRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.runtime.process.identity import ProcessIdentity
    from tuicontainer.spec.limits import Limits
    from tuicontainer.supervise.channel import Channel, Received
    from tuicontainer.supervise.talk import Talk

_RETRY_PAUSE = 0.02
_FATAL = frozenset(NUMBERS[name] for name in ("KILL", "TERM", "INT", "QUIT", "HUP"))
"""Signals by which somebody means to end a container."""
_ATTEMPTS = 50


def create(locations: Locations, request: CreateRequest) -> Talk[ContainerView]:
    """Make a container that waits for `start`."""
    message = {"verb": "create", "id": request.container_id, "request": to_document(request)}
    answer = yield from _perform(locations, request.container_id, message)
    return find_container(locations, answer["id"])


def operate(
    locations: Locations, container_id: str, verb: str, **arguments: Any
) -> Talk[dict[str, Any]]:
    """Do a verb that is one question and one answer, such as start, stop or delete."""
    view = _find_exactly(locations, container_id)
    if not view.supervised:
        raise _not_supervised(view)
    return (yield from _perform(locations, view.id, {"verb": verb, **arguments}))


def stop(locations: Locations, container_id: str, timeout: float | None) -> Talk[ExitRecord]:
    """Stop a container and return how it ended."""
    answer = yield from operate(locations, container_id, "stop", timeout=timeout)
    return ExitRecord(**answer["exit"])


def update(locations: Locations, container_id: str, limits: Limits) -> Talk[dict[str, Any] | None]:
    """Change limits; return those in force, None for a container without a process."""
    answer = yield from operate(locations, container_id, "update", limits=to_document(limits))
    in_force: dict[str, Any] | None = answer["in_force"]
    return in_force


def rename(locations: Locations, container_id: str, to: str) -> Talk[ContainerView]:
    """Give a container without a process another id."""
    answer = yield from operate(locations, container_id, "rename", to=check_container_id(to))
    return find_container(locations, answer["id"])


def kill(locations: Locations, container_id: str, signal: str | int) -> Talk[None]:
    """Send a signal to the container's first process and note the event."""
    number = parse_signal(signal)
    view = _find_exactly(locations, container_id)
    if view.supervised and number in _FATAL:
        yield from _forgo_restart(locations, view)
    runtime_kill(locations.state_root, view.id, number)
    if view.supervised:
        append_event(
            locations,
            "killed",
            view.id,
            instance=view.instance,
            details={"signal": signal_name(number)},
        )


def kill_process(
    locations: Locations, container_id: str, process: ProcessIdentity, signal: str | int
) -> Talk[None]:
    """Send a signal to one of the container's processes and note the event."""
    number = parse_signal(signal)
    view = _find_exactly(locations, container_id)
    if view.supervised and process.pid == view.pid and number in _FATAL:
        yield from _forgo_restart(locations, view)
    runtime_kill_process(locations.state_root, view.id, process, number)
    if view.supervised:
        append_event(
            locations,
            "signalled",
            view.id,
            instance=view.instance,
            details={"signal": signal_name(number), "pid": process.pid},
        )


def _forgo_restart(locations: Locations, view: ContainerView) -> Talk[None]:
    """Tell the monitor that somebody ends the container, if it would be started again.

    Whatever becomes of that, the signal is sent: nothing may keep a person from killing.
    """
    if view.restart == "no":
        return
    try:
        channel = yield from _reach(locations, view.id)
        try:
            answer = yield from ask(channel, {"verb": "unwanted", "id": view.id})
        finally:
            channel.close()
        if answer is not None:
            answer.close_descriptors()
    except TuiContainerError:
        return


def wait(locations: Locations, container_id: str) -> Talk[ExitRecord]:
    """Return how the present instance ended, once it has."""
    while True:
        view = _find_exactly(locations, container_id)
        if not view.supervised:
            raise _not_supervised(view)
        if view.status == "stopped":
            ending = known_end(locations, read_record(locations, view.id))
            if ending is not None:
                return ending
        channel = yield from _reach(locations, view.id)
        try:
            answer = yield from ask(channel, {"verb": "wait", "id": view.id})
        except PeerLost:
            answer = None
        finally:
            channel.close()
        if answer is not None:
            return ExitRecord(**_result(answer)["exit"])
        yield Pause(seconds=_RETRY_PAUSE)


def attach(
    locations: Locations, container_id: str, *, stdin: bool, from_start: bool
) -> Talk[Attaching]:
    """Connect to the container's terminal or standard streams."""
    view = _find_exactly(locations, container_id)
    if not view.supervised:
        raise _not_supervised(view)
    message = {"verb": "attach", "id": view.id, "stdin": stdin}
    for _ in range(_ATTEMPTS):
        channel = yield from _reach(locations, view.id)
        try:
            answer = yield from ask(channel, message)
            if answer is not None:
                folder = locations.container_data_dir(view.id) if from_start else None
                return (yield from begin(channel, _result(answer), folder))
        except PeerLost:
            pass
        except BaseException:
            channel.close()
            raise
        channel.close()
        yield Pause(seconds=_RETRY_PAUSE)
    raise Unavailable(f"no monitor of `{view.id}` stays alive", hint="see `tuicontainer events`")


def execute(
    locations: Locations,
    container_id: str,
    request: ExecRequest,
    stdio: Sequence[int] | None,
) -> Talk[tuple[Channel, int, int | None]]:
    """Run another program; return its session's channel, its pid and its terminal."""
    if stdio is not None and len(stdio) != 3:
        raise ValueError("stdio has three descriptors")
    view = _find_exactly(locations, container_id)
    message = {"verb": "exec", "id": view.id, "request": to_document(request)}
    connection = yield from reach_spawner(locations)
    channel = connection.channel
    try:
        passed = () if stdio is None or request.terminal else tuple(stdio)
        answer = yield from ask(channel, message, passed)
    except BaseException:
        channel.close()
        raise
    if answer is None:
        channel.close()
        raise Unavailable("the spawner ended before it took the request", hint="try again")
    console = answer.descriptors[0] if answer.descriptors else None
    return channel, answer.message["ok"]["pid"], console


def _find_exactly(locations: Locations, container_id: str) -> ContainerView:
    """Return the container of this very id.

    Raises:
        NotFound: there is none. Its id may be the beginning of another's, which wasn't meant.
    """
    view = find_container(locations, container_id)
    if view.id != container_id:
        raise NotFound(f"container `{container_id}` doesn't exist any more")
    return view


def _perform(
    locations: Locations, container_id: str | None, message: dict[str, Any]
) -> Talk[dict[str, Any]]:
    """Ask once; again if whoever was asked was about to end and hadn't read the question."""
    message = {"id": container_id, **message}
    for _ in range(_ATTEMPTS):
        channel = yield from _reach(locations, container_id)
        try:
            answer = yield from ask(channel, message)
        finally:
            channel.close()
        if answer is not None:
            return _result(answer)
        yield Pause(seconds=_RETRY_PAUSE)
    raise Unavailable("every monitor that is asked ends", hint="see `tuicontainer events`")


def _reach(locations: Locations, container_id: str | None) -> Talk[Channel]:
    """Return a connection to the container's monitor if it listens, else to the spawner."""
    if container_id is not None:
        folder = locations.container_state_dir(check_container_id(container_id))
        connection = yield from open_connection(folder, MONITOR_SOCKET)
        if connection is not None:
            return connection.channel
    return (yield from reach_spawner(locations)).channel


def _result(answer: Received) -> dict[str, Any]:
    answer.close_descriptors()
    result = answer.message.get("ok")
    if not isinstance(result, dict):
        raise Internal("the monitor's answer has neither `ok` nor `error`")
    return result


def _not_supervised(view: ContainerView) -> FailedPrecondition:
    return FailedPrecondition(
        f"container `{view.id}` isn't ours to supervise: another program made it in"
        f" `{view.state_root}`",
        hint="use `tuicontainer-runtime --root` for it",
    )
