"""All that is wrong with the text of a config.json, each with its place in it.

The decoder stops at what is wrong first. Here the wrong field is taken out and the rest is decoded
again, until nothing is left to complain about: an editor shows all of it.
"""

from __future__ import annotations

from tuicontainer.errors import TuiContainerError
from tuicontainer.jsontext import loads
from tuicontainer.record import Record
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.positions import find_positions, line_and_column

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.spec.config import Config
    from tuicontainer.spec.positions import Path, Positions

_MOST = 50
"""Problems; a person mends some and sees the others."""
_BOM = "\ufeff"
_PLACE = "line "
_STAND_INS: dict[Path, Any] = {
    ("ociVersion",): "1.0.0",
    ("root",): {"path": "rootfs"},
    ("root", "path"): "rootfs",
    ("process", "cwd"): "/",
    ("process", "args"): ["program"],
}
"""What takes the place of a wrong field without which nothing else would be looked at."""


class Problem(Record):
    """One thing that is wrong, or worth a warning."""

    line: int
    """From 1."""
    column: int
    """In characters, from 1."""
    where: str
    """JSON path of the field; empty for the document."""
    text: str
    warning: bool = False
    """It can be used all the same."""


class Checked(Record):
    """What is known of a text."""

    problems: tuple[Problem, ...]
    """In the order of the text."""
    config: Config | None = None
    """The whole configuration; None if there is a problem that is no warning."""
    positions: Positions | None = None
    """None if the text isn't JSON."""


def check_text(text: str) -> Checked:
    """Return what is wrong with the text of a config.json."""
    try:
        document = _parse(text)
        positions = find_positions(text)
    except RecursionError:
        return Checked(problems=(_at(text, 0, "", "it is nested too deeply"),))
    except ValueError as error:
        return Checked(problems=(_unreadable(text, str(error)),))
    problems = [
        _at(text, offset, path_text(path), "it is given twice: the last one counts", warning=True)
        for path, offset in positions.repeated
    ]
    config = None
    if isinstance(document, dict):
        config, found = _decode_all(document)
        problems += [
            _at(text, offset_of(positions, path), path_text(path), said) for path, said in found
        ]
    else:
        problems.append(_at(text, 0, "", "config.json must be a JSON object"))
    return Checked(
        problems=tuple(sorted(problems, key=lambda each: (each.line, each.column))),
        config=config,
        positions=positions,
    )


def problem_at(text: str, positions: Positions, where: str, said: str) -> Problem:
    """Return a warning about the field with this JSON path, there or missing."""
    path = find_path(positions, where)
    return _at(text, offset_of(positions, path), where, said, warning=True)


def path_text(path: Path) -> str:
    """Return a path as error messages write it: `linux.namespaces[2].type`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def find_path(positions: Positions, where: str) -> Path:
    """Return the longest path of the document that *where* names or leads below of."""
    best: Path = ()
    for path in positions.values:
        text = path_text(path)
        if len(path) > len(best) and (
            where == text or (where.startswith(text) and where[len(text)] in ".[")
        ):
            best = path
    return best


def offset_of(positions: Positions, path: Path) -> int:
    """Return where the value is, or the nearest one around where it is missing."""
    while path not in positions.values:
        path = path[:-1]
    return positions.values[path]


def _parse(text: str) -> Any:
    if text.startswith(_BOM):
        raise ValueError("line 1, column 1: a byte order mark, which is no JSON: delete it")
    return loads(text)


def _unreadable(text: str, said: str) -> Problem:
    """Return the problem of a text that isn't JSON; the parser's words begin with the place."""
    place, _, rest = said.partition(": ")
    if place.startswith(_PLACE) and rest:
        line, _, column = place.removeprefix(_PLACE).partition(", column ")
        return Problem(line=int(line), column=int(column), where="", text=f"isn't JSON: {rest}")
    return _at(text, 0, "", f"isn't JSON: {said}")


def _at(text: str, offset: int, where: str, said: str, *, warning: bool = False) -> Problem:
    line, column = line_and_column(text, offset)
    return Problem(line=line, column=column, where=where, text=said, warning=warning)


def _decode_all(document: dict[str, Any]) -> tuple[Config | None, list[tuple[Path, str]]]:
    """Return the configuration if it is whole, and every refusal with the path that it is about."""
    rest = _copy(document)
    found: list[tuple[Path, str]] = []
    removed: set[Path] = set()
    while len(found) < _MOST:
        try:
            config = decode_config(rest)
        except TuiContainerError as error:
            path, present = _place_of(rest, error.message)
            # What is missing only because it was taken out is no problem of the document.
            if not any(_related(path, each) for each in removed):
                found.append((path, _words(error)))
            path = path if present or path in _STAND_INS else path[:-1]
            if path not in _STAND_INS:
                path = _removable(path)
            while path in removed:
                path = _removable(path[:-1])
            if not path:
                break
            removed.add(path)
            _remove(rest, path)
        else:
            return (config if not found else None), found
    return None, found


def _related(path: Path, removed: Path) -> bool:
    shorter = min(len(path), len(removed))
    return path[:shorter] == removed[:shorter]


def _removable(path: Path) -> Path:
    """Return the member to take out: a list without one item would count its items anew."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    for place, step in enumerate(path):
        if isinstance(step, int):
            return path[:place]
    return path


def _remove(document: Any, path: Path) -> None:
    for step in path[:-1]:
        document = document[step]
    if path in _STAND_INS:
        document[path[-1]] = _copy(_STAND_INS[path])
    else:
        document.pop(path[-1], None)


def _words(error: TuiContainerError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _place_of(document: Any, message: str) -> tuple[Path, bool]:
    """Return the path of the field that a refusal names first, and whether it is there."""
    _, _, rest = message.partition("`")
    where, _, _ = rest.partition("`")
    path: Path = ()
    while where:
        step, where = _step(document, where)
        path = (*path, step)
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return path, False
    return path, bool(path)


def _step(document: Any, where: str) -> tuple[str | int, str]:
    """Return the first step of a path and the rest; names of maps may have dots in them."""
    if where.startswith("["):
        number, _, rest = where[1:].partition("]")
        return (int(number) if number.isascii() and number.isdigit() else -1), rest.lstrip(".")
    names = document if isinstance(document, dict) else {}
    known = [
        name
        for name in names
        if name and where.startswith(name) and where[len(name) : len(name) + 1] in ("", ".", "[")
    ]
    name = max(known, key=len, default=where.partition(".")[0].partition("[")[0] or where)
    return name, where[len(name) :].removeprefix(".")


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(member) for name, member in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
