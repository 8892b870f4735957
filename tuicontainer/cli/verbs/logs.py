"""`logs`: what containers wrote."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import write_bytes, write_json
from tuicontainer.cli.quantities import parse_count, parse_moment, rfc3339

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.logs import LogFollower
    from tuicontainer.supervise.views import LogLine

POLL_SECONDS = 0.15


def logs(invocation: Invocation) -> int:
    """Print a container's log; with `--follow` on and on until the container is gone."""
    from tuicontainer.supervise.inventory import find_container
    from tuicontainer.supervise.logs import LogFollower, read_log

    options = invocation.options
    container_id = find_container(invocation.locations, invocation.operands[0]).id
    printer = _Printer(container_id, as_json=invocation.json, timestamps=options.timestamps)
    window = {"tail": options.tail, "since_ns": options.since}
    if options.follow:
        _follow(LogFollower(invocation.locations, container_id, **window), printer)
    else:
        for line in read_log(invocation.locations, container_id, **window):
            printer.show(line)
    return 0


def _follow(follower: LogFollower, printer: _Printer) -> None:
    import time

    while True:
        lines = follower.read_new()
        for line in lines:
            printer.show(line)
        if lines:
            continue
        if follower.ended:
            return
        time.sleep(POLL_SECONDS)


class _Printer:
    """Writes lines as the program wrote them: each to the stream it came from."""

    def __init__(self, container_id: str, *, as_json: bool, timestamps: bool) -> None:
        self._id = container_id
        self._json = as_json
        self._timestamps = timestamps
        self._inside: set[str] = set()
        """Streams whose last line isn't complete yet."""

    def show(self, line: LogLine) -> None:
        """Write one line."""
        if self._json:
            write_json(
                {
                    "id": self._id,
                    "instance": line.instance,
                    "time": rfc3339(line.time_ns),
                    "stream": line.stream,
                    "text": line.text,
                    "partial": line.partial,
                }
            )
            return
        stamp = ""
        if self._timestamps and line.stream not in self._inside:
            stamp = rfc3339(line.time_ns) + " "
        (self._inside.add if line.partial else self._inside.discard)(line.stream)
        text = f"{stamp}{line.text}{'' if line.partial else chr(10)}"
        write_bytes(text.encode("utf-8", "replace"), 1 if line.stream == "stdout" else 2)


COMMAND = Command(
    name="logs",
    summary="Print what a container wrote",
    run=logs,
    operands="ID",
    least=1,
    most=1,
    options=(
        Option(names=("-f", "--follow"), help="go on, across restarts, until it is removed"),
        Option(
            names=("-n", "--tail"), value="N", help="only the last N lines", convert=parse_count
        ),
        Option(
            names=("--since",),
            value="TIME",
            help="only from this moment on: RFC 3339, or 10m for ten minutes ago",
            convert=parse_moment,
        ),
        Option(names=("-t", "--timestamps"), help="begin each line with its time"),
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer logs -f --tail 20 web-1", meaning="the last lines, then on"),
        Example(line="tuicontainer logs web-1 2>/dev/null", meaning="its standard output only"),
    ),
    complete="container",
)
