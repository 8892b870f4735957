"""The rows of the settings screen: what each is now, and what its next value would be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from tuicontainer.record import Record
from tuicontainer.tui.keymap import GROUPS, shown_keys
from tuicontainer.tui.preferences import (
    CHANNELS,
    CONFIRMED,
    DESKTOPS,
    NOTIFIED,
    POLICIES,
    REFRESH_RATES,
    THRESHOLDS,
    Preferences,
)
from tuicontainer.tui.profiles import PROFILES

ValueT = TypeVar("ValueT")
Turn = Callable[[Preferences, int], Preferences]
"""Returns the preferences with the next (1) or the previous (-1) value."""

_UNDO = (0.0, 5.0, 10.0, 30.0, 60.0)
_STEP = 5.0
_POLICY_WORDS = {
    "never": "does it at once",
    "ask": "asks first",
    "name": "asks for the name to be typed",
}
_KINDS = {
    "oom": "a kill for want of memory",
    "exit": "a program that ends with a failure",
    "pressure": "pressure above its red threshold",
}


class Row(Record):
    """One setting."""

    key: str
    section: str
    name: str
    value: str
    what: str
    turn: Turn | None = None
    """None for a key, which is pressed instead."""
    binding: str = ""
    """Id of the binding whose keys these are."""


def setting_rows(
    preferences: Preferences, themes: Sequence[str], columns: Sequence[str]
) -> list[Row]:
    """Return all settings with their present values.

    Args:
        preferences: the present ones.
        themes: names of all themes.
        columns: names of all columns of the containers.
    """
    return [
        *_general(preferences, themes),
        *_confirmations(preferences),
        *_columns(preferences, columns),
        *_thresholds(preferences),
        *_notices(preferences),
        *_keys(preferences),
    ]


def _general(now: Preferences, themes: Sequence[str]) -> Iterator[Row]:
    yield _row("Look", "theme", now.theme, "colours", partial(_field, "theme", themes))
    yield _row(
        "Look",
        "profile",
        now.profile,
        "keys that fingers know",
        partial(_field, "profile", [*PROFILES]),
    )
    yield _row(
        "Look",
        "refresh",
        f"{now.refresh:g} s",
        "between two readings of the statistics",
        partial(_field, "refresh", REFRESH_RATES),
    )
    yield _row(
        "Look",
        "undo",
        f"{now.undo:g} s" if now.undo else "off",
        "in which a delete can be taken back",
        partial(_field, "undo", _UNDO),
    )


def _confirmations(now: Preferences) -> Iterator[Row]:
    for verb in CONFIRMED:
        what = (
            f"{'any verb for several containers' if verb == 'bulk' else verb} "
            + (_POLICY_WORDS[now.confirm[verb]])
        )
        yield _row("Ask", verb, now.confirm[verb], what, partial(_entry, "confirm", verb, POLICIES))


def _columns(now: Preferences, columns: Sequence[str]) -> Iterator[Row]:
    for name in columns:
        shown = not now.columns or name in now.columns
        yield _row(
            "Columns",
            name,
            "shown" if shown else "hidden",
            "where there is room",
            partial(_column, name, tuple(columns)),
        )


def _thresholds(now: Preferences) -> Iterator[Row]:
    for what in THRESHOLDS:
        of = "of 10 s" if what == "pressure" else "of the limit"
        for place, color in enumerate(("amber", "red")):
            yield _row(
                "Thresholds",
                f"{what} {color}",
                f"{now.thresholds[what][place]:g}%",
                f"{of}, from here on",
                partial(_threshold, what, place),
            )


def _notices(now: Preferences) -> Iterator[Row]:
    for kind in NOTIFIED:
        for channel in CHANNELS:
            on = channel in now.notify[kind]
            yield _row(
                "Notices",
                f"{kind} {channel}",
                "on" if on else "off",
                _KINDS[kind],
                partial(_channel, kind, channel),
            )
    yield _row(
        "Notices",
        "desktop by",
        now.desktop,
        "how the terminal is asked: OSC 9 or OSC 777",
        partial(_field, "desktop", DESKTOPS),
    )


def _keys(now: Preferences) -> Iterator[Row]:
    own = now.effective_keys
    for title, group in GROUPS:
        for binding in group:
            name = str(binding.id)
            what = f"{title}: {binding.description}"
            keys = shown_keys(own.get(name, binding.key))
            yield Row(key=f"Keys {name}", section="Keys", name=name, value=keys, what=what,
                      binding=name)  # fmt: skip


def _row(section: str, name: str, value: str, what: str, turn: Turn) -> Row:
    return Row(
        key=f"{section} {name}", section=section, name=name, value=value, what=what, turn=turn
    )


def beside(choices: Sequence[ValueT], present: ValueT, by: int) -> ValueT:
    """Return the next or the previous of *choices*; the first where *present* is none of them."""
    if present not in choices:
        return choices[0]
    return choices[(choices.index(present) + by) % len(choices)]


def _field(field: str, choices: Sequence[object], now: Preferences, by: int) -> Preferences:
    return now.replace(**{field: beside(choices, getattr(now, field), by)})


def _entry(field: str, name: str, choices: Sequence[str], now: Preferences, by: int) -> Preferences:
    table: Mapping[str, str] = getattr(now, field)
    return now.replace(**{field: {**table, name: beside(choices, table[name], by)}})


def _column(name: str, all_columns: tuple[str, ...], now: Preferences, by: int) -> Preferences:  # noqa: ARG001 - there are two values
    shown = now.columns or all_columns
    if name in shown:
        # The last column stays: a table of none shows nothing.
        chosen = tuple(one for one in shown if one != name) or shown
    else:
        chosen = tuple(one for one in all_columns if one in (*shown, name))
    return now.replace(columns=() if chosen == all_columns else chosen)


def _threshold(what: str, place: int, now: Preferences, by: int) -> Preferences:
    pair = list(now.thresholds[what])
    least = pair[0] if place else 0.0
    most = 100.0 if place else pair[1]
    pair[place] = min(most, max(least, pair[place] + by * _STEP))
    return now.replace(thresholds={**now.thresholds, what: (pair[0], pair[1])})


def _channel(kind: str, channel: str, now: Preferences, by: int) -> Preferences:  # noqa: ARG001 - there are two values
    present = now.notify[kind]
    chosen = tuple(one for one in CHANNELS if (one in present) != (one == channel))
    return now.replace(notify={**now.notify, kind: chosen})
