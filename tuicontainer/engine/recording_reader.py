"""A recording's lines to a tape: every line is checked, and kept as text until it is asked for.

A recording comes from anywhere, and what is shown of it goes to a terminal of root's. So nothing
is believed: each value must have the type that the records' annotations say, ids and facts that are
drawn as they are must be printable, and memory is bounded by the text's size, because text is what
is kept. Source: engine.recording for the format.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import EngineInfo
from tuicontainer.engine.codec import decode
from tuicontainer.engine.recording import VERSION
from tuicontainer.engine.statistics import ContainerStats, StatsTick
from tuicontainer.engine.tape import Tape
from tuicontainer.errors import InvalidArgument
from tuicontainer.observe.container import KernelView
from tuicontainer.observe.drift import Drift
from tuicontainer.observe.groups import GroupView
from tuicontainer.record import Record
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.supervise.views import ContainerView, Event, LogLine

MOST_ENTRIES = 2_000_000
"""Lines of one recording; each takes some hundred bytes besides its text."""
MOST_MOMENTS = 10_000
_LATEST_NS = 1 << 63
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half a character, which no terminal can be sent; we write characters as they are."""

_RECORDS: dict[str, type[Record]] = {"info": EngineInfo, "tick": StatsTick, "event": Event}
_LISTS: dict[str, type[Record]] = {"bundles": BundleView, "containers": ContainerView}
_DOCUMENTS = {"state": "id", "inspect": "id", "config": "path"}
"""Kinds that hold a document, and what they say it is of."""
_OF_CONTAINERS: dict[str, tuple[str, type[Record], bool]] = {
    "log": ("line", LogLine, False),
    "kernel": ("view", KernelView, False),
    "groups": ("views", GroupView, True),
    "drift": ("views", Drift, True),
}
"""Kinds that tell something of one container: where, as which record, and whether as a list."""
KINDS = (*_RECORDS, *_LISTS, *_DOCUMENTS, *_OF_CONTAINERS)
"""Of everything that is kept."""


def read_tape(lines: Iterable[bytes | str]) -> Tape:
    """Return the tape that a recording's *lines* make.

    Raises:
        InvalidArgument: they aren't a recording, are of a newer version, or a line is wrong.
    """
    tape = Tape(unpack=_unpack)
    number = 0
    for number, line in enumerate(lines, 1):
        raw = line.encode() if isinstance(line, str) else line
        if number == 1:
            _check_version(raw)
        elif number > MOST_ENTRIES:
            raise InvalidArgument(f"the recording has more than {MOST_ENTRIES} lines")
        else:
            _add(tape, number, raw)
    if not number:
        raise InvalidArgument("not a recording: it has no whole line")
    return tape


def _check_version(raw: bytes) -> None:
    try:
        version = json.loads(raw)["recording"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InvalidArgument(
            "not a recording", hint="`tuicontainer --record FILE` writes one"
        ) from None
    if type(version) is not int or version < 1:
        raise InvalidArgument(f"not a recording: its version is `{str(version)[:20]}`")
    if version > VERSION:
        raise InvalidArgument(
            f"a newer tuicontainer wrote this recording: version {version}, and this one reads"
            f" up to {VERSION}",
            hint="use that version to replay it",
        )


def _add(tape: Tape, number: int, raw: bytes) -> None:
    try:
        time_ns, kind, value = _parse(raw)
        if kind == "moment":
            _add_moment(tape, time_ns, value)
        else:
            tape.add(_checked(kind, value), time_ns, raw)
    except (ValueError, TypeError, KeyError, RecursionError, InvalidArgument) as error:
        reason = str(error) or type(error).__name__
        raise InvalidArgument(f"line {number} of the recording is wrong: {reason}") from error


def _add_moment(tape: Tape, time_ns: int, name: object) -> None:
    if len(tape.moments) >= MOST_MOMENTS:
        raise ValueError("too many moments")
    tape.moments[_plain(name)] = time_ns
    tape.last_ns = max(tape.last_ns, time_ns)


def _parse(raw: bytes) -> tuple[int, str, Any]:
    if _SURROGATE.search(raw):
        raise ValueError("half a character")
    entry = json.loads(raw, parse_constant=_no_number)
    if not isinstance(entry, dict):
        raise TypeError("not an object")
    time_ns = entry.pop("t")
    if type(time_ns) is not int or not 0 < time_ns < _LATEST_NS:
        raise ValueError("`t` isn't a time")
    if len(entry) != 1:
        raise ValueError("not one thing")
    ((kind, value),) = entry.items()
    return time_ns, kind, value


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"`{word}` isn't a number")


def _checked(kind: str, value: Any) -> str:
    """Check a value and return the key under which it is kept."""
    if kind in _DOCUMENTS:
        if not isinstance(value["document"], dict):
            raise TypeError("a document isn't an object")
        name = value[_DOCUMENTS[kind]]
        return f"{kind} {_plain(name)}"
    if kind in _OF_CONTAINERS:
        _decoded(kind, value)
        return f"{kind} {check_container_id(_plain(value['id']))}"
    if kind not in _RECORDS and kind not in _LISTS:
        raise ValueError(f"unknown kind `{kind[:20]}`")
    _check_names(_decoded(kind, value))
    return kind


def _check_names(found: Any) -> None:
    """Check ids, and facts that are shown as they are."""
    if isinstance(found, StatsTick):
        for name, stats in found.containers.items():
            if check_container_id(name) != stats.id:
                raise ValueError("statistics under another id")
    elif isinstance(found, Event):
        _plain(found.type)
        check_container_id(found.id)
    elif isinstance(found, EngineInfo):
        facts = dict(found.items()).values()
        for fact in facts:
            for text in fact if isinstance(fact, tuple) else (fact,):
                if isinstance(text, str):
                    _plain(text)
    elif isinstance(found, tuple):
        for view in found:
            if isinstance(view, ContainerView):
                check_container_id(view.id)


def _plain(text: object) -> str:
    if not isinstance(text, str) or not text.isprintable():
        raise TypeError("text that can't be shown")
    return text


def _decoded(kind: str, value: Any) -> Any:
    if kind in _RECORDS:
        return decode(_RECORDS[kind], value)
    if kind in _LISTS:
        return _list_of(_LISTS[kind], value)
    field, record_type, several = _OF_CONTAINERS[kind]
    return _list_of(record_type, value[field]) if several else decode(record_type, value[field])


def _list_of(record_type: type[Record], value: object) -> tuple[Record, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(decode(record_type, item) for item in value)


@functools.lru_cache(maxsize=256)
def _unpack(key: str, raw: bytes) -> Any:
    """Return what a line says; lines were checked when they were read."""
    kind = key.partition(" ")[0]
    entry: Mapping[str, Any] = json.loads(raw)
    return entry[kind]["document"] if kind in _DOCUMENTS else _decoded(kind, entry[kind])


def stats_in(raw: object, container_id: str) -> ContainerStats | None:
    """Return one container's statistics of a tick as a tape of `read_tape` stores it."""
    assert isinstance(raw, bytes)
    found = json.loads(raw)["tick"]["containers"].get(container_id)
    return None if found is None else decode(ContainerStats, found)
