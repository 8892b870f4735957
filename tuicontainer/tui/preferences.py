"""What a person may choose about the terminal UI: read, checked, and written as settings. Pure.

theme = "daylight"
[keys]
"container.kill" = "ctrl+k"
[tui]
profile = "vim"                    keys that fingers know: default, vim, lazydocker, k9s
refresh = 2                        seconds between two readings of the statistics
columns = ["name", "status"]       of the containers; empty: as many as have room
undo = 10                          seconds in which a delete can be taken back; 0: at once
desktop = "osc777"                 how terminals are asked to notify: osc9 or osc777
[tui.confirm]                      never, ask, or name (its name must be typed)
stop = "ask"
[tui.thresholds]                   percent: amber from the first, red from the second
cpu = [70, 90]
[tui.notify]                       of toast, bell and desktop
oom = ["toast", "bell"]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record
from tuicontainer.tui.profiles import PROFILES

REFRESH_RATES = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds, as the settings screen offers them; a file may say anything from 0.2 to 60."""
POLICIES = ("never", "ask", "name")
CHANNELS = ("toast", "bell", "desktop")
CONFIRMED: Mapping[str, str] = {
    "start": "never",
    "stop": "never",
    "restart": "never",
    "pause": "never",
    "resume": "never",
    "kill": "ask",
    "delete": "ask",
    "bulk": "ask",
}
"""By verb, what happens before it; `bulk` is any verb for several containers."""
THRESHOLDS: Mapping[str, tuple[float, float]] = {
    "cpu": (70.0, 90.0),
    "memory": (70.0, 90.0),
    "pids": (70.0, 90.0),
    "pressure": (10.0, 40.0),
}
"""Percent of the limit, for pressure of the last ten seconds."""
NOTIFIED: Mapping[str, tuple[str, ...]] = {
    "oom": ("toast", "bell"),
    "exit": ("toast",),
    "pressure": ("toast",),
}
"""By kind of notice."""
DESKTOPS = ("osc9", "osc777")


class Preferences(Record):
    """Everything that the settings screen changes."""

    theme: str = ""
    """Empty: the one that fits the terminal."""
    profile: str = "default"
    keys: Mapping[str, str] = {}
    """By binding id, what differs from the profile."""
    refresh: float = 1.0
    columns: tuple[str, ...] = ()
    undo: float = 10.0
    desktop: str = "osc9"
    confirm: Mapping[str, str] = CONFIRMED
    thresholds: Mapping[str, tuple[float, float]] = THRESHOLDS
    notify: Mapping[str, tuple[str, ...]] = NOTIFIED

    @property
    def effective_keys(self) -> dict[str, str]:
        """Keys by binding id that differ from the defaults."""
        return {**PROFILES[self.profile], **self.keys}

    def tone(self, what: str, percent: float | None) -> str:
        """Return the level of a percentage: `low`, `middle` from the first threshold, `high`."""
        warn, alarm = self.thresholds[what]
        if percent is None or percent < warn:
            return "low"
        return "middle" if percent < alarm else "high"


def read_preferences(
    table: Mapping[str, Any], *, theme: str = "", keys: Mapping[str, str] | None = None
) -> Preferences:
    """Return what the settings' table `tui` says.

    Raises:
        InvalidArgument: a key isn't known or a value can't be; names it.
    """
    values: dict[str, Any] = {"theme": theme, "keys": dict(keys or {})}
    for key, value in table.items():
        if key not in _READERS:
            raise InvalidArgument(
                f"settings: there is no `tui.{key}`", hint=f"keys are {', '.join(_READERS)}"
            )
        values[key] = _READERS[key](key, value)
    return Preferences(**values)


def changed_settings(now: Preferences, before: Preferences) -> dict[tuple[str, ...], Any]:
    """Return by path in the settings file what differs; None for what is to be taken out."""
    changes: dict[tuple[str, ...], Any] = {}
    for field, value in now.items():
        old = getattr(before, field)
        if value == old:
            continue
        if field == "theme":
            changes[field,] = value or None
        elif isinstance(value, Mapping):
            path = ("keys",) if field == "keys" else ("tui", field)
            for name in value.keys() | old.keys():
                if value.get(name) != old.get(name):
                    changes[*path, name] = value.get(name)
        else:
            changes["tui", field] = value
    return changes


def _refuse(key: str, value: object, expected: str) -> InvalidArgument:
    return InvalidArgument(f"settings: `tui.{key}` can't be `{value}`", hint=f"give {expected}")


def _one_of(words: tuple[str, ...]) -> Callable[[str, Any], str]:
    def read(key: str, value: Any) -> str:
        if value not in words:
            raise _refuse(key, value, f"one of {', '.join(words)}")
        return str(value)

    return read


def _seconds(least: float, most: float) -> Callable[[str, Any], float]:
    def read(key: str, value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not least <= value <= most:
            raise _refuse(key, value, f"seconds from {least:g} to {most:g}")
        return float(value)

    return read


def _words(known: Callable[[], tuple[str, ...]]) -> Callable[[str, Any], tuple[str, ...]]:
    def read(key: str, value: Any) -> tuple[str, ...]:
        words = known()
        if not isinstance(value, list) or not all(word in words for word in value):
            raise _refuse(key, value, f"a list of {', '.join(words)}")
        return tuple(value)

    return read


def _percentages(key: str, value: Any) -> tuple[float, float]:
    numbers = isinstance(value, list) and len(value) == 2
    if not numbers or not all(isinstance(v, int | float) and 0 <= v <= 100 for v in value):
        raise _refuse(key, value, "two percentages such as [70, 90]")
    if value[0] > value[1]:
        raise _refuse(key, value, "the smaller percentage first")
    return float(value[0]), float(value[1])


def _table(
    defaults: Mapping[str, Any], read_one: Callable[[str, Any], Any]
) -> Callable[[str, Any], dict[str, Any]]:
    def read(key: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _refuse(key, value, f"a table of {', '.join(defaults)}")
        for name in value:
            if name not in defaults:
                raise InvalidArgument(
                    f"settings: there is no `tui.{key}.{name}`",
                    hint=f"keys are {', '.join(defaults)}",
                )
        given = {name: read_one(f"{key}.{name}", one) for name, one in value.items()}
        return {**defaults, **given}

    return read


def _column_names() -> tuple[str, ...]:
    from tuicontainer.tui.widgets.container_columns import CONTAINER_COLUMNS

    return tuple(column.key for column in CONTAINER_COLUMNS)


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "profile": _one_of(tuple(PROFILES)),
    "refresh": _seconds(0.2, 60),
    "columns": _words(_column_names),
    "undo": _seconds(0, 3600),
    "desktop": _one_of(DESKTOPS),
    "confirm": _table(CONFIRMED, _one_of(POLICIES)),
    "thresholds": _table(THRESHOLDS, _percentages),
    "notify": _table(NOTIFIED, _words(lambda: CHANNELS)),
}
