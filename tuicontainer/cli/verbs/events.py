"""`events`: what happens to containers, as it happens."""

from __future__ import annotations

import time

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import printable, write, write_json
from tuicontainer.cli.quantities import parse_count, parse_moment, rfc3339
from tuicontainer.errors import InvalidArgument, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.views import Event

POLL_SECONDS = 0.15


def events(invocation: Invocation) -> int:
    """Print one line an event: past ones with `--since`, then new ones until `^C`."""
    from tuicontainer.supervise.journal import JournalFollower, read_events

    options = invocation.options
    wanted = _Wanted(
        ids={_full_id(invocation, word) for word in invocation.operands},
        filters=options.filter,
        since=options.since,
        until=options.until,
    )
    follow = not options.no_follow and not wanted.is_past(time.time_ns())
    cursor = options.after
    if cursor is not None or options.since is not None or not follow:
        cursor = cursor or 0
        for event in read_events(invocation.locations, cursor):
            cursor = event.cursor
            if wanted.has(event):
                _show(event, as_json=invocation.json)
    if not follow:
        return 0
    follower = JournalFollower(invocation.locations, cursor)
    while True:
        # Asked before reading, so that what came just before the end is still shown.
        past = wanted.is_past(time.time_ns())
        for event in follower.read_new():
            if wanted.has(event):
                _show(event, as_json=invocation.json)
        if past:
            return 0
        time.sleep(POLL_SECONDS)


class _Wanted:
    """Which events to show: those of the ids, within the times, that fit every filter's name."""

    def __init__(
        self,
        *,
        ids: set[str],
        filters: Iterable[tuple[str, str]],
        since: int | None,
        until: int | None,
    ) -> None:
        self._values: dict[str, set[str]] = {"container": ids} if ids else {}
        for name, value in filters:
            self._values.setdefault(name, set()).add(value)
        self._since = since or 0
        self._until = until

    def has(self, event: Event) -> bool:
        """Return whether to show the event; of several values for a name one must fit."""
        said = {"container": event.id, "type": event.type}
        return (
            self._since <= event.time_ns
            and (self._until is None or event.time_ns < self._until)
            and all(said[name] in values for name, values in self._values.items())
        )

    def is_past(self, now_ns: int) -> bool:
        """Return whether nothing that comes from *now_ns* on can be wanted."""
        return self._until is not None and now_ns >= self._until


def _parse_filter(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if name not in ("container", "type") or not equals or not value:
        raise InvalidArgument(f"`{word}` isn't a filter", hint="`type=exited`, `container=web-1`")
    return name, value


def _full_id(invocation: Invocation, word: str) -> str:
    """Return the id that *word* begins; a container that is gone is named in full."""
    from tuicontainer.supervise.inventory import find_container

    try:
        return find_container(invocation.locations, word).id
    except NotFound:
        return word


def _show(event: Event, *, as_json: bool) -> None:
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
        Option(
            names=("--until",),
            value="TIME",
            help="leave at this moment, which may have passed",
            convert=parse_moment,
        ),
        Option(
            names=("--after",),
            value="CURSOR",
            help="begin after the event with this cursor (see `--format json`)",
            convert=parse_count,
        ),
        Option(
            names=("-F", "--filter"),
            value="NAME=VALUE",
            help="only `type=…` or `container=…`; may be repeated",
            convert=_parse_filter,
            repeat=True,
        ),
        Option(names=("--no-follow",), help="print the past ones and leave"),
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer events --format json", meaning="one JSON object a line"),
        Example(line="tuicontainer events --since 1h --no-follow", meaning="the last hour"),
        Example(
            line="tuicontainer events -F type=oom -F type=exited", meaning="ends, as they come"
        ),
    ),
    complete="container",
)
