"""`events`: what happens to containers, as it happens."""

from __future__ import annotations

import time

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import printable, write, write_json
from tuicontainer.cli.quantities import parse_moment, rfc3339
from tuicontainer.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import Event

POLL_SECONDS = 0.15


def events(invocation: Invocation) -> int:
    """Print one line an event: past ones with `--since`, then new ones until `^C`."""
    from tuicontainer.supervise.journal import JournalFollower, read_events

    options = invocation.options
    wanted = {_full_id(invocation, word) for word in invocation.operands}
    cursor = None
    if options.since is not None or options.no_follow:
        cursor = 0
        for event in read_events(invocation.locations):
            cursor = event.cursor
            if event.time_ns >= (options.since or 0):
                _show(event, wanted, as_json=invocation.json)
    if options.no_follow:
        return 0
    follower = JournalFollower(invocation.locations, cursor)
    while True:
        for event in follower.read_new():
            _show(event, wanted, as_json=invocation.json)
        time.sleep(POLL_SECONDS)


def _full_id(invocation: Invocation, word: str) -> str:
    """Return the id that *word* begins; a container that is gone is named in full."""
    from tuicontainer.supervise.inventory import find_container

    try:
        return find_container(invocation.locations, word).id
    except NotFound:
        return word


def _show(event: Event, wanted: set[str], *, as_json: bool) -> None:
    if wanted and event.id not in wanted:
        return
    if as_json:
        write_json(
            {
                "cursor": event.cursor,
                "time": rfc3339(event.time_ns),
                "type": event.type,
                "id": event.id,
                "instance": event.instance,
                "details": dict(event.details),
            }
        )
        return
    details = "".join(f" {name}={value}" for name, value in event.details.items())
    line = f"{rfc3339(event.time_ns)} {event.type} {event.id} #{event.instance}{details}"
    write(printable(line) + "\n")


COMMAND = Command(
    name="events",
    summary="Print what happens to containers, as it happens",
    run=events,
    operands="[ID…]",
    options=(
        Option(
            names=("--since",),
            value="TIME",
            help="begin with past ones: RFC 3339, or 10m for ten minutes ago",
            convert=parse_moment,
        ),
        Option(names=("--no-follow",), help="print the past ones and leave"),
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer events --format json", meaning="one JSON object a line"),
        Example(line="tuicontainer events --since 1h --no-follow", meaning="the last hour"),
    ),
    complete="container",
)
