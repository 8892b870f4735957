"""Annotations on the command line, and the options of health checks, which become annotations."""

from __future__ import annotations

from tuicontainer.cli.options import Option
from tuicontainer.cli.quantities import parse_count, parse_interval, parse_seconds
from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.health import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.options import Arguments

HEALTH = (
    Option(
        names=("--health-cmd",),
        value="COMMAND",
        help="check the container by this line for its shell, or JSON list; none for no check",
    ),
    Option(
        names=("--health-interval",),
        value="TIME",
        help="between two checks (default 30s)",
        convert=parse_interval,
    ),
    Option(
        names=("--health-timeout",),
        value="TIME",
        help="a check that takes longer has failed (default 30s)",
        convert=parse_interval,
    ),
    Option(
        names=("--health-retries",),
        value="N",
        help="failures in a row that make it unhealthy (default 3)",
        convert=parse_count,
    ),
    Option(
        names=("--health-start-period",),
        value="TIME",
        help="failures so soon after the start don't count (default 0)",
        convert=parse_seconds,
    ),
    Option(
        names=("--health-on-failure",),
        value="ACTION",
        help="what is done when it becomes unhealthy",
        choices=("none", "restart", "stop", "kill"),
    ),
)
"""The options of `run` and `create`; podman-run(1) has them too."""


def health_annotations(options: Arguments) -> list[tuple[str, str]]:
    """Return the annotations that the options stand for."""
    given = {
        "cmd": options.health_cmd,
        "interval": options.health_interval,
        "timeout": options.health_timeout,
        "retries": options.health_retries,
        "start-period": options.health_start_period,
        "on-failure": options.health_on_failure,
    }
    return [(PREFIX + name, str(value)) for name, value in given.items() if value is not None]


def parse_annotation(word: str) -> tuple[str, str]:
    """Return name and value of `NAME=VALUE`."""
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise InvalidArgument(f"`{word}` isn't an annotation", hint="`NAME=VALUE`")
    return name, value
