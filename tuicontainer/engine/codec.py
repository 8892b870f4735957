"""Views and statistics to JSON and back, for recordings. Pure.

Fields that have their default value are left out: a tick of an idle container is short. What comes
back is checked against the records' own annotations, because a recording comes from anywhere.
"""

from __future__ import annotations

import functools
import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from tuicontainer.record import Record

RecordT = TypeVar("RecordT", bound=Record)

_BOUND = 1 << 64
"""No number of the kernel's is as large; arithmetic with larger ones may overflow."""

_NAMES: dict[str, object] = {
    "Any": Any,
    "Literal": Literal,
    "Mapping": Mapping,
    "PressureKind": Literal["cpu", "memory", "io"],
    "SeccompMode": Literal["disabled", "strict", "filter"],
    "Status": Literal["creating", "created", "running", "paused", "stopped"],
    "Stream": Literal["stdout", "stderr"],
}
"""What annotations name but modules import for type checkers only."""


def encode(value: object) -> Any:
    """Return records, tuples and mappings as what JSON knows."""
    if isinstance(value, Record):
        defaults = type(value)._defaults  # noqa: SLF001 - the record's own declaration
        return {
            field: encode(content)
            for field, content in value.items()
            if field not in defaults or content != defaults[field]
        }
    if isinstance(value, Mapping):
        return {key: encode(content) for key, content in value.items()}
    if isinstance(value, tuple | list):
        return [encode(content) for content in value]
    return value


def decode(record_type: type[RecordT], document: object) -> RecordT:
    """Return the record that `encode` wrote; fields that it doesn't have are ignored.

    Raises:
        TypeError: a field is missing, or a value has another type than its annotation.
    """
    if not isinstance(document, Mapping):
        raise TypeError(f"{record_type.__name__} isn't an object")
    readers = _readers(record_type)
    values = {}
    for field, content in document.items():
        read = readers.get(field)
        if read is None:
            continue
        try:
            values[field] = read(content)
        except TypeError as error:
            raise TypeError(f"{record_type.__name__}.{field}: {error}") from None
    return record_type(**values)


@functools.cache
def _readers(record_type: type[Record]) -> Mapping[str, Callable[[Any], Any]]:
    """Return by field what checks and converts its value."""
    hints = typing.get_type_hints(record_type, localns=_NAMES)
    return {field: _reader(hints[field]) for field in record_type._fields}


def _reader(hint: Any) -> Callable[[Any], Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type):
        return functools.partial(decode, hint)
    if origin in (typing.Union, types.UnionType):
        (inside,) = (argument for argument in arguments if argument is not type(None))
        return functools.partial(_optional, _reader(inside))
    if origin is Literal:
        return functools.partial(_one_of, arguments)
    if origin is tuple:
        return _tuple_reader(arguments)
    assert origin is not None, f"no reader for {hint!r}"
    return functools.partial(_mapping, _reader(arguments[0]), _reader(arguments[1]))


def _tuple_reader(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    if arguments[-1] is Ellipsis:
        return functools.partial(_tuple, _reader(arguments[0]))
    return functools.partial(_row, tuple(map(_reader, arguments)))


def _int(content: object) -> int:
    if type(content) is not int or not -_BOUND < content < _BOUND:
        raise TypeError("not an integer of the kernel's size")
    return content


def _float(content: object) -> float:
    if type(content) not in (int, float) or not math.isfinite(content) or abs(content) >= _BOUND:  # type: ignore[arg-type]
        raise TypeError("not a number")
    return content  # type: ignore[return-value]


def _str(content: object) -> str:
    if type(content) is not str:
        raise TypeError("not text")
    return content


def _bool(content: object) -> bool:
    if type(content) is not bool:
        raise TypeError("neither true nor false")
    return content


_PLAIN: dict[Any, Callable[[Any], Any]] = {
    int: _int,
    float: _float,
    str: _str,
    bool: _bool,
    Any: lambda content: content,
}


def _optional(read: Callable[[Any], Any], content: Any) -> Any:
    return None if content is None else read(content)


def _one_of(words: tuple[str, ...], content: object) -> str:
    if not isinstance(content, str) or content not in words:
        raise TypeError(f"none of {', '.join(words)}")
    return content


def _tuple(read: Callable[[Any], Any], content: object) -> tuple[Any, ...]:
    if not isinstance(content, list):
        raise TypeError("not a list")
    return tuple(map(read, content))


def _row(readers: tuple[Callable[[Any], Any], ...], content: object) -> tuple[Any, ...]:
    if not isinstance(content, list) or len(content) != len(readers):
        raise TypeError(f"not a list of {len(readers)}")
    return tuple(read(item) for read, item in zip(readers, content, strict=True))


def _mapping(
    read_key: Callable[[Any], Any], read: Callable[[Any], Any], content: object
) -> dict[Any, Any]:
    if not isinstance(content, dict):
        raise TypeError("not an object")
    return {read_key(key): read(item) for key, item in content.items()}
