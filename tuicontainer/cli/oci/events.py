"""`events [--interval DURATION] [--stats] ID`: counters and OOM kills, a JSON object a line.

Source: runc events.go.
"""

from __future__ import annotations

from tuicontainer.cli.oci.flags import WrongUsage
from tuicontainer.cli.oci.statistics import statistics
from tuicontainer.errors import InvalidArgument
from tuicontainer.jsontext import dumps
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.processes import details, sample
from tuicontainer.runtime.state import state
from tuicontainer.runtime.watch import watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation
    from tuicontainer.runtime.cgroups.sample import CgroupSample

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DAY_S = 86400.0


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Print events until the container ends, or its counters once."""
    text = parsed.text("interval") or "5s"
    interval = parse_duration(text)
    if interval is None:
        raise WrongUsage(f'invalid value "{text}" for flag -interval: parse error')
    if interval <= 0:
        raise InvalidArgument("duration interval must be greater than 0")
    root, container_id = invocation.root, parsed.words[0]
    if parsed.switch("stats"):
        check_allowed("events", state(root, container_id).status, container_id)
        _print_event(root, container_id, sample(root, container_id))
        return 0
    for event in watch(root, container_id, min(interval, _DAY_S)):
        _print_event(root, container_id, event)
    return 0


def parse_duration(text: str) -> float | None:
    """Return seconds from Go's notation (`5s`, `1m30s`, `250ms`); None if *text* isn't in it."""
    sign = -1.0 if text.startswith("-") else 1.0
    rest = text[1:] if text[:1] in ("+", "-") else text
    if not rest or rest == "0":
        return 0.0 if rest else None
    total = 0.0
    while rest:
        number = rest[: len(rest) - len(rest.lstrip("0123456789."))]
        rest = rest[len(number) :]
        unit = rest[: len(rest) - len(rest.lstrip("nuµmsh"))]
        rest = rest[len(unit) :]
        if unit not in _UNITS or number.count(".") > 1 or not number.strip("."):
            return None
        total += float(number) * _UNITS[unit]
    return sign * total


def _print_event(root: str, container_id: str, event: CgroupSample | None) -> None:
    if event is None:
        line = dumps({"type": "oom", "id": container_id})
    else:
        data = statistics(event, details(root, container_id))
        line = dumps({"type": "stats", "id": container_id, "data": data})
    print(line, flush=True)
