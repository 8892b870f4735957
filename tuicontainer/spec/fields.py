"""Reads the fields of a JSON object and knows where in the document it is.

Every refusal names the JSON path, the value and the rule: "`process.cwd` is `tmp`: must be an
absolute path". `null` counts as absent, and so does an empty string in an optional field, because
clients written in Go can't tell them apart from a value that was never set.
"""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Choice = TypeVar("Choice", bound=str)

UINT16 = (0, 2**16 - 1)
INT32 = (-(2**31), 2**31 - 1)
UINT32 = (0, 2**32 - 1)
INT64 = (-(2**63), 2**63 - 1)
UINT64 = (0, 2**64 - 1)
ID = (0, 2**31 - 1)
"""User and group ids. The kernel knows larger ones, but programs that hold them in an int see
them wrap, at worst to root (CVE-2024-40635)."""
PATH_MAX = 4096
"""Bytes in the longest path that the kernel takes, its final NUL included."""


def show(value: object) -> str:
    """Return *value* as an error message shows it: one short line, in backticks if it is one."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return "`null`" if value is None else f"`{str(value).lower()}`"
    if isinstance(value, int) and value.bit_length() > 128:
        return "a huge number"
    text = str(value)
    if not text.isprintable():
        text = ascii(text)[1:-1]
    return f"`{text if len(text) <= 120 else text[:117] + '...'}`"


def refuse(path: str, value: object, rule: str) -> InvalidArgument:
    """Return the error that says which rule the value at *path* breaks."""
    # The path may hold the keys of a map, which are the person's own text too.
    return InvalidArgument(f"{show(path)} is {show(value)}: {rule}")


def check_text(path: str, value: Any) -> str:
    """Return *value* if it is a string that the kernel can be given.

    Raises:
        InvalidArgument: it isn't a string, holds a NUL, or has no encoding in bytes.
    """
    if not isinstance(value, str):
        raise refuse(path, value, "must be a string")
    if "\0" in value:
        raise refuse(path, value, "must not contain NUL")
    if not value.isascii():
        try:
            os.fsencode(value)
        except UnicodeEncodeError:
            raise refuse(path, value, "must be valid Unicode") from None
    return value


def check_integer(path: str, value: Any, within: tuple[int, int]) -> int:
    """Return *value* if it is an integer between the two bounds, both included."""
    if type(value) is not int:
        raise refuse(path, value, "must be an integer")
    if not within[0] <= value <= within[1]:
        raise refuse(path, value, f"must be from {within[0]} to {within[1]}")
    return value


def check_absolute(path: str, value: str) -> str:
    """Return *value* if it is an absolute path that the kernel can take."""
    if not value.startswith("/"):
        raise refuse(path, value, "must be an absolute path")
    if len(os.fsencode(value)) >= PATH_MAX:
        raise refuse(path, value, f"must be shorter than {PATH_MAX} bytes")
    return value


class Fields:
    """One JSON object of the document.

    Attributes:
        path: where it is, such as `linux.namespaces[2]`; empty for the whole document.
    """

    __slots__ = ("_values", "path")

    def __init__(self, values: Any, path: str = "") -> None:
        if not isinstance(values, dict):
            raise refuse(path or "config", values, "must be an object")
        self._values = values
        self.path = path

    def at(self, name: str) -> str:
        """Return the JSON path of the field *name*."""
        return f"{self.path}.{name}" if self.path else name

    def names(self) -> list[str]:
        """Return the names of all fields, for objects that are maps."""
        for name in self._values:
            if not name:
                raise refuse(self.path, "", "must not have an empty key")
        return list(self._values)

    def get(self, name: str) -> Any:
        """Return the field's value as it is, or None."""
        return self._values.get(name)

    def need(self, name: str) -> Any:
        """Return the field's value as it is.

        Raises:
            InvalidArgument: it is absent.
        """
        value = self._values.get(name)
        if value is None:
            raise InvalidArgument(f"{show(self.at(name))} is missing: it is required")
        return value

    def text(self, name: str) -> str | None:
        """Return a string, or None if it is absent or empty."""
        value = self._values.get(name)
        return None if value is None else check_text(self.at(name), value) or None

    def line(self, name: str) -> str | None:
        """Return a string of one line, or None if it is absent or empty."""
        value = self.text(name)
        if value is not None and "\n" in value:
            raise refuse(self.at(name), value, "must be one line")
        return value

    def need_text(self, name: str) -> str:
        """Return a string that must be there and not be empty."""
        value = check_text(self.at(name), self.need(name))
        if not value:
            raise refuse(self.at(name), value, "must not be empty")
        return value

    def absolute(self, name: str) -> str | None:
        """Return an absolute path, or None if it is absent or empty."""
        value = self.text(name)
        return None if value is None else check_absolute(self.at(name), value)

    def one_of(self, name: str, choices: tuple[Choice, ...]) -> Choice | None:
        """Return one of *choices*, or None if the field is absent or empty."""
        value = self.text(name)
        if value is None:
            return None
        for choice in choices:
            if choice == value:
                return choice
        raise refuse(self.at(name), value, f"must be one of {', '.join(choices)}")

    def need_one_of(self, name: str, choices: tuple[Choice, ...]) -> Choice:
        """Return one of *choices*; the field must be there."""
        choice = self.one_of(name, choices)
        if choice is None:
            raise InvalidArgument(
                f"{show(self.at(name))} is missing: it must be one of {', '.join(choices)}"
            )
        return choice

    def flag(self, name: str) -> bool | None:
        """Return a boolean, or None if it is absent."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise refuse(self.at(name), value, "must be true or false")
        return value

    def integer(self, name: str, within: tuple[int, int]) -> int | None:
        """Return an integer between the two bounds, or None if it is absent."""
        value = self._values.get(name)
        return None if value is None else check_integer(self.at(name), value, within)

    def need_integer(self, name: str, within: tuple[int, int]) -> int:
        """Return an integer between the two bounds; the field must be there."""
        return check_integer(self.at(name), self.need(name), within)

    def items(self, name: str) -> list[tuple[str, Any]]:
        """Return the entries of a list, each with its JSON path; empty if the list is absent."""
        value = self._values.get(name)
        if value is None:
            return []
        path = self.at(name)
        if not isinstance(value, list):
            raise refuse(path, value, "must be a list")
        return [(f"{path}[{index}]", entry) for index, entry in enumerate(value)]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; empty if it is absent."""
        return tuple(check_text(path, entry) for path, entry in self.items(name))

    def absolutes(self, name: str) -> tuple[str, ...]:
        """Return a list of absolute paths; empty if it is absent."""
        return tuple(
            check_absolute(path, check_text(path, entry)) for path, entry in self.items(name)
        )

    def object(self, name: str) -> Fields | None:
        """Return the reader of an object, or None if it is absent."""
        value = self._values.get(name)
        return None if value is None else Fields(value, self.at(name))

    def objects(self, name: str) -> list[Fields]:
        """Return the readers of a list's objects; empty if the list is absent."""
        return [Fields(entry, path) for path, entry in self.items(name)]

    def text_map(self, name: str) -> dict[str, str]:
        """Return a map of strings with no empty key; empty if it is absent."""
        inner = self.object(name)
        if inner is None:
            return {}
        return {
            check_text(inner.at(key), key): check_text(inner.at(key), inner.need(key))
            for key in inner.names()
        }
