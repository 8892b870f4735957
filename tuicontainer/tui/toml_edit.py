"""Changes single values in a TOML text and leaves everything else as people wrote it. Pure.

Only what settings files contain is understood: tables under their own headers, one value a line or
a list over several. The result is parsed again and compared, so that a text in another shape is
refused and never damaged. Source: TOML 1.0.0.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from tuicontainer.errors import Unsupported

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADER = re.compile(r"\s*\[(?!\[)(?P<name>.+?)\]\s*(#.*)?$")


def set_value(text: str, path: tuple[str, ...], value: Any) -> str:
    """Return *text* with the value at *path*, the last part being its key; None takes it out.

    Raises:
        Unsupported: the text has a shape in which the value can't be changed safely.
    """
    wanted = tomllib.loads(text)
    _put(wanted, path, value)
    changed = _changed(text, path, value)
    try:
        same = tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise Unsupported(
            f"`{'.'.join(path)}` can't be changed in these settings without rewriting them",
            hint="write it yourself: " + written(path[-1], value) if value is not None else "",
        )
    return changed


def written(key: str, value: Any) -> str:
    """Return `key = value` as TOML."""
    name = key if _BARE.fullmatch(key) else json.dumps(key)
    return f"{name} = {_literal(value)}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    # JSON's escapes are TOML's, but for characters beyond the 16-bit plane.
    return json.dumps(str(value), ensure_ascii=False)


def _put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    table = document
    for name in path[:-1]:
        table = table.setdefault(name, {})
    if value is None:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = list(value) if isinstance(value, tuple) else value


def _changed(text: str, path: tuple[str, ...], value: Any) -> str:
    lines = text.split("\n")
    start, end = _section(lines, path[:-1])
    line = None if value is None else written(path[-1], value)
    if start is None:
        if line is None:
            return text
        before = text.rstrip("\n")
        header = "" if len(path) == 1 else f"[{'.'.join(path[:-1])}]\n"
        return (f"{before}\n\n" if before else "") + f"{header}{line}\n"
    for number in range(start, end):
        if _is_key(lines[number], path[-1]):
            after = _value_end(lines, number, end)
            lines[number:after] = [] if line is None else [line]
            return "\n".join(lines)
    if line is not None:
        # Comments before the next table are about that one.
        while end > start and lines[end - 1].strip()[:1] in ("", "#"):
            end -= 1
        lines.insert(end, line)
    return "\n".join(lines)


def _section(lines: list[str], table: tuple[str, ...]) -> tuple[int | None, int]:
    """Return the first line of a table's body and the one after its last."""
    start: int | None = 0 if not table else None
    for number, line in enumerate(lines):
        header = _HEADER.match(line)
        if header is None and not line.lstrip().startswith("[["):
            continue
        if start is not None:
            return start, number
        if header is not None and _parts(header["name"]) == list(table):
            start = number + 1
    return start, len(lines)


def _parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]


def _is_key(line: str, key: str) -> bool:
    name, equals, _ = line.partition("=")
    return bool(equals) and name.strip().strip("\"'") == key


def _value_end(lines: list[str], number: int, end: int) -> int:
    """Return the line after the value that begins in line *number*."""
    for after in range(number + 1, end + 1):
        try:
            tomllib.loads("\n".join(lines[number:after]))
        except tomllib.TOMLDecodeError:
            continue
        return after
    return number + 1
