"""What is fuzzed: configurations, ids, processes and limits, from sensible to hostile.

A case starts from a good document and takes a few changes, so that most cases come far enough into
the code to matter: what is wrong at the first glance is refused by the first line that looks.
"""

from __future__ import annotations

import copy
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.kernel.fuzz.values import (
    FLAG_VALUES,
    HOSTILE,
    ID_PIECES,
    LINUX,
    PROCESS,
    RESOURCES,
    TOP,
)
from tuicontainer.spec.default import default_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Path = tuple[str | int, ...]
    Change = tuple[str, Path, Any]


def base_document() -> dict[str, Any]:
    """Return the configuration that the changes are made to."""
    document = default_document()
    document["process"] |= {"args": ["/bin/true"], "terminal": False}
    return document


def base_process() -> dict[str, Any]:
    """Return a process for `exec`."""
    process: dict[str, Any] = base_document()["process"]
    return process


def places(value: Any, path: Path = ()) -> list[Path]:
    """Return the path of every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[Path] = []
    for key, below in inner:
        found.append((*path, key))
        if isinstance(below, dict | list):
            found += places(below, (*path, key))
    return found


def apply(document: Any, changes: Sequence[Change]) -> Any:
    """Return a changed copy; changes below what is gone already do nothing."""
    document = copy.deepcopy(document)
    for verb, path, value in changes:
        with suppress(KeyError, IndexError, TypeError, AttributeError):
            _apply_one(document, verb, path, copy.deepcopy(value))
    return document


def _apply_one(document: Any, verb: str, path: Path, value: Any) -> None:
    where = document
    for step in path[:-1]:
        if isinstance(where, dict) and step not in where:
            where[step] = {}
        where = where[step]
    last = path[-1]
    if verb == "drop":
        del where[last]
    elif verb == "double":
        where[last] = [*where[last], *where[last]]
    elif verb == "nest":
        where[last] = {"x": [where[last]]}
    else:
        where[last] = value


def _fields(prefix: Path, fields: Mapping[str, Sequence[Any]]) -> list[tuple[Path, Any]]:
    return [((*prefix, *name.split(".")), value) for name, all_ in fields.items() for value in all_]


def _changes(fields: list[tuple[Path, Any]], paths: list[Path]) -> st.SearchStrategy[list[Change]]:
    sensible = st.sampled_from(fields).map(lambda each: ("set", *each))
    broken = st.tuples(
        st.sampled_from(["set", "set", "drop", "double", "nest"]),
        st.sampled_from(paths),
        st.sampled_from(HOSTILE) | st.text(max_size=6) | st.integers(-(2**70), 2**70),
    )
    return st.tuples(st.lists(sensible, min_size=1, max_size=4), st.lists(broken, max_size=1)).map(
        lambda pair: [*pair[0], *pair[1]]
    )


_CONFIG_FIELDS = [
    *_fields((), TOP),
    *_fields(("process",), PROCESS),
    *_fields(("linux",), LINUX),
    *_fields(("linux", "resources"), RESOURCES),
]
_PROCESS_FIELDS = _fields((), PROCESS)
_RESOURCE_FIELDS = _fields((), RESOURCES)


def configs() -> st.SearchStrategy[dict[str, Any]]:
    """Return documents like config.json; now and then something else."""
    base = base_document()
    paths = [*places(base), *(path for path, _ in _CONFIG_FIELDS)]
    return _changes(_CONFIG_FIELDS, paths).map(lambda changes: apply(base, changes))


def processes() -> st.SearchStrategy[Any]:
    """Return documents like the one of `exec --process`."""
    base = base_process()
    paths = [*places(base), *(path for path, _ in _PROCESS_FIELDS)]
    return _changes(_PROCESS_FIELDS, paths).map(
        lambda changes: apply(base, changes)
    ) | st.sampled_from(HOSTILE)


def resources() -> st.SearchStrategy[Any]:
    """Return documents like the one of `update --resources`."""
    paths = [path for path, _ in _RESOURCE_FIELDS]
    return _changes(_RESOURCE_FIELDS, paths).map(
        lambda changes: apply({}, changes)
    ) | st.sampled_from(HOSTILE)


def ids() -> st.SearchStrategy[str]:
    """Return container ids and what isn't one; no NUL, which no command line can carry."""
    letters = st.characters(codec="utf-8", exclude_characters="\0")
    pieces = st.sampled_from(ID_PIECES) | st.text(letters, max_size=5)
    return st.lists(pieces, max_size=4).map("".join)


def flags(command: str) -> st.SearchStrategy[list[str]]:
    """Return flags of a command with values, sensible and not."""
    letters = st.characters(codec="utf-8", exclude_characters="\0")
    pairs = [
        [f"--{name}", value] for name, values in FLAG_VALUES[command].items() for value in values
    ]
    free = st.tuples(st.sampled_from(sorted(FLAG_VALUES[command])), st.text(letters, max_size=8))
    one = st.sampled_from(pairs) | free.map(lambda pair: [f"--{pair[0]}", pair[1]])
    return st.lists(one, min_size=1, max_size=3).map(lambda found: [*chain.from_iterable(found)])
