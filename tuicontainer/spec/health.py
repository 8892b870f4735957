"""Health checks: how annotations describe one, and what its results mean.

Source: docker-run(1), `--health-cmd` and its like; podman-run(1), `--health-on-failure`.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.jsontext import loads
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    HealthAction = Literal["none", "restart", "stop", "kill"]
    HealthStatus = Literal["starting", "healthy", "unhealthy"]

PREFIX = "io.tuicontainer.health."
_ACTIONS: tuple[HealthAction, ...] = ("none", "restart", "stop", "kill")
_LONGEST_SECONDS = 86400.0
_MOST_RETRIES = 1000


class HealthCheck(Record):
    """What to run in a container to see whether it does its work; times in seconds."""

    args: tuple[str, ...]
    interval: float = 30.0
    """From the end of one check to the next."""
    timeout: float = 30.0
    """A check that takes longer is killed and has failed."""
    retries: int = 3
    """So many failures in a row make the container unhealthy."""
    start_period: float = 0.0
    """Failures in this time after the start don't count, until a check has succeeded."""
    action: HealthAction = "none"
    """What is done once with a container that becomes unhealthy."""


class Health(Record):
    """The health of a container's present instance."""

    status: HealthStatus = "starting"
    failures: int = 0
    """In a row."""

    def after(self, check: HealthCheck, *, succeeded: bool, seconds: float) -> Health:
        """Return the health after one more check.

        Args:
            check: with its numbers.
            succeeded: whether the program's exit status was 0.
            seconds: from the container's start to the end of the check.
        """
        if succeeded:
            return Health(status="healthy")
        if self.status == "starting" and seconds < check.start_period:
            return self
        failures = self.failures + 1
        return Health(
            status="unhealthy" if failures >= check.retries else self.status, failures=failures
        )


def health_check_of(annotations: Mapping[str, str]) -> HealthCheck | None:
    """Return the health check that annotations ask for; None for none.

    `io.tuicontainer.health.cmd` is a JSON list of words, or a line for the container's `/bin/sh`;
    without it, or with the word `none`, there is no check. The others are `.interval`, `.timeout`,
    `.start-period` (seconds), `.retries` and `.on-failure`.

    Raises:
        InvalidArgument: one has a bad value, or a name that isn't known.
    """
    given = {
        name.removeprefix(PREFIX): value
        for name, value in annotations.items()
        if name.startswith(PREFIX)
    }
    command = given.pop("cmd", "")
    values: dict[str, float | int | str] = {}
    for name, value in given.items():
        if name in ("interval", "timeout", "start-period"):
            values[name.replace("-", "_")] = _seconds(name, value, from_zero=name == "start-period")
        elif name == "retries":
            values["retries"] = _retries(value)
        elif name == "on-failure":
            if value not in _ACTIONS:
                raise _refusal(name, value, f"one of {', '.join(_ACTIONS)}")
            values["action"] = value
        else:
            raise InvalidArgument(
                f"annotation `{PREFIX}{name}` isn't known",
                hint="cmd, interval, timeout, start-period, retries, on-failure",
            )
    if command in ("", "none"):
        return None
    return HealthCheck(args=_args(command), **values)  # type: ignore[arg-type]


def _args(command: str) -> tuple[str, ...]:
    if not command.startswith("["):
        return ("/bin/sh", "-c", command)
    try:
        words = loads(command)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(each, str) for each in words):
        raise _refusal("cmd", command, "a line for a shell, or a JSON list of words")
    return tuple(words)


def _seconds(name: str, value: str, *, from_zero: bool) -> float:
    try:
        seconds = float(value.removesuffix("s"))
    except ValueError:
        seconds = -1.0
    if not (0 if from_zero else 0.01) <= seconds <= _LONGEST_SECONDS:
        raise _refusal(name, value, "seconds, up to a day")
    return seconds


def _retries(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= _MOST_RETRIES):
        raise _refusal("retries", value, f"a number from 1 to {_MOST_RETRIES}")
    return int(value)


def _refusal(name: str, value: str, rule: str) -> InvalidArgument:
    return InvalidArgument(f"annotation `{PREFIX}{name}` is `{value}`", hint=f"it is {rule}")
