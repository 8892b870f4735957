"""Frozen, slotted, keyword-only data classes that cost nothing to import.

Everything that crosses from one room to another is a `Record`. The standard library's
dataclasses would do, but importing them costs 14 ms and each decorated class a fraction of a
millisecond more, which a runtime that is started three times a container cannot pay
(`make bench` prints the start-up of each door). Type checkers see an ordinary data class.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, ClassVar, Self, dataclass_transform
else:

    def dataclass_transform(**_: object):  # noqa: ANN201, D103
        return lambda target: target


@dataclass_transform(kw_only_default=True, frozen_default=True, eq_default=True)
class _RecordType(type):
    """Turns a class's annotations into slots and remembers their order and defaults."""

    _fields: tuple[str, ...]
    _defaults: dict[str, object]

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _RecordType:
        own = [field for field in namespace.get("__annotations__", {}) if field[0] != "_"]
        fields: list[str] = []
        defaults: dict[str, object] = {}
        for base in bases:
            fields += getattr(base, "_fields", ())
            defaults |= getattr(base, "_defaults", {})
        for field in own:
            if field in namespace:
                defaults[field] = namespace.pop(field)
        namespace["__slots__"] = tuple(field for field in own if field not in fields)
        namespace["_fields"] = (*fields, *namespace["__slots__"])
        namespace["_defaults"] = defaults
        return super().__new__(mcls, name, bases, namespace)


class Record(metaclass=_RecordType):
    """Base of all records: compared by value, hashable if its values are, never changed.

    The annotations must be strings (`from __future__ import annotations`). Defaults are shared
    between instances, so they must be immutable.
    """

    if TYPE_CHECKING:
        _fields: ClassVar[tuple[str, ...]]
        _defaults: ClassVar[dict[str, object]]

    def __init__(self, **values: Any) -> None:
        defaults = self._defaults
        for field in self._fields:
            if field in values:
                value = values.pop(field)
            elif field in defaults:
                value = defaults[field]
            else:
                raise TypeError(f"{type(self).__name__} needs a value for `{field}`")
            object.__setattr__(self, field, value)
        if values:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(map(repr, values))}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} can't be set: records are frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} can't be deleted: records are frozen")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, field) == getattr(other, field) for field in self._fields)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, field) for field in self._fields)))

    def __repr__(self) -> str:
        inside = ", ".join(f"{field}={getattr(self, field)!r}" for field in self._fields)
        return f"{type(self).__name__}({inside})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), dict(self.items()))

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield each field with its value, in the order of declaration."""
        for field in type(self)._fields:
            yield field, getattr(self, field)

    def replace(self, **changes: Any) -> Self:
        """Return a copy in which the named fields have other values."""
        return type(self)(**{**dict(self.items()), **changes})


def _rebuild(record_type: type[Record], values: dict[str, Any]) -> Record:
    return record_type(**values)
