"""Where in the text of a JSON document each of its values is, and which names are given twice.

The C scanner that reads documents forgets both. Only editors need them. Source: RFC 8259.
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Path = tuple[str | int, ...]
    """Names of members and places in lists, from the document on."""

_BLANK = " \t\n\r"
_ENDS = ",]} \t\n\r"


class Positions(Record):
    """Places in a text, as offsets in characters."""

    values: Mapping[Path, int]
    """Where a value begins; of a member, where its name begins."""
    repeated: tuple[tuple[Path, int], ...] = ()
    """Members whose name was there before in the same object: the last one counts."""


def find_positions(text: str) -> Positions:
    """Return the positions of all values of a text that is JSON.

    Raises:
        ValueError: it isn't JSON.
        RecursionError: it is nested too deeply.
    """
    scanner = _Scanner(text)
    scanner.value((), scanner.skip(0))
    return Positions(values=scanner.values, repeated=tuple(scanner.repeated))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column of a character, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class _Scanner:
    """Reads each value once; what is between values only as far as it must."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.values: dict[Path, int] = {}
        self.repeated: list[tuple[Path, int]] = []

    def skip(self, at: int) -> int:
        """Return where the next character is that isn't blank."""
        text = self._text
        while at < len(text) and text[at] in _BLANK:
            at += 1
        return at

    def value(self, path: Path, at: int) -> int:
        """Read the value that begins *at* and return where it ends."""
        self.values.setdefault(path, at)
        opening = self._text[at : at + 1]
        if opening == "{":
            return self._members(path, self.skip(at + 1))
        if opening == "[":
            return self._items(path, self.skip(at + 1))
        if opening == '"':
            return self._string_end(at)
        end = at
        while end < len(self._text) and self._text[end] not in _ENDS:
            end += 1
        if end == at:
            raise ValueError(f"no value at {at}")
        return end

    def _members(self, path: Path, at: int) -> int:
        while self._text[at : at + 1] != "}":
            end = self._string_end(at)
            name = _unquoted(self._text[at:end])
            member = (*path, name)
            if member in self.values:
                self.repeated.append((member, at))
            self.values[member] = at
            at = self._after_value(member, self.skip(self._expect(self.skip(end), ":")), "}")
        return at + 1

    def _items(self, path: Path, at: int) -> int:
        place = 0
        while self._text[at : at + 1] != "]":
            at = self._after_value((*path, place), at, "]")
            place += 1
        return at + 1

    def _after_value(self, path: Path, at: int, closing: str) -> int:
        at = self.skip(self.value(path, at))
        if self._text[at : at + 1] == closing:
            return at
        return self.skip(self._expect(at, ","))

    def _expect(self, at: int, sign: str) -> int:
        if self._text[at : at + 1] != sign:
            raise ValueError(f"no `{sign}` at {at}")
        return at + 1

    def _string_end(self, at: int) -> int:
        self._expect(at, '"')
        end = at + 1
        while True:
            end = self._text.index('"', end)
            escapes = end
            while self._text[escapes - 1] == "\\":
                escapes -= 1
            end += 1
            if (end - 1 - escapes) % 2 == 0:
                return end


def _unquoted(quoted: str) -> str:
    from tuicontainer.jsontext import loads

    return str(loads(quoted)) if "\\" in quoted else quoted[1:-1]
