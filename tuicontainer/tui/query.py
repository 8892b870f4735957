"""What is typed into a filter line: words, patterns and conditions that must all hold. Pure.

    web                  the word, in any case, anywhere
    "two words"          with blanks, or with signs that mean something else
    ~wb                  letters in this order within one word
    /ex(it|ec)/          a regular expression
    cpu>50  mem>=10M     a quantity: > >= < <= = !=
    status:running       a text that contains it; `=` is the whole text
    !…                   none of that

Quantities are written as the screen shows them: `10M` bytes (powers of 1024), `50` or `50%`,
`90s`, `5m`, `2h`, `1d`, and times of day as `14:30` or `14:30:59`. What a
host doesn't tell satisfies no condition.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record

ItemT = TypeVar("ItemT")
Value = str | float | None

_TERM = re.compile(
    r"(?P<no>!?)(?:"
    r"/(?P<pattern>(?:\\.|[^/\\])*)(?:/(?=\s|$)|$)"
    r'|"(?P<quoted>[^"]*)"?'
    r"|~(?P<letters>\S*)"
    r'|(?P<field>[a-z][a-z/_-]*)(?P<sign>>=|<=|!=|[:=<>])(?P<value>"[^"]*"?|\S*)'
    r"|(?P<word>\S+))",
    re.IGNORECASE,
)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ":": operator.eq,
    "!=": operator.ne,
}
_FACTORS: dict[str, Mapping[str, float]] = {
    "bytes": {letter: 1024.0**power for power, letter in enumerate("bkmgtp")} | {"": 1.0},
    "seconds": {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "": 1.0},
    "percent": {"%": 1.0, "": 1.0},
    "number": {"": 1.0},
}
"""By unit: what the letter after a number multiplies it by."""


class Field(Record, Generic[ItemT]):
    """Something that a condition may ask of an item."""

    name: str
    unit: str
    """`text`, `number`, `percent`, `bytes`, `seconds` or `clock` (seconds since midnight)."""
    read: Callable[[ItemT], Value]


class Query(Generic[ItemT]):
    """A parsed filter.

    Attributes:
        text: as it was typed.
    """

    def __init__(self, text: str, tests: Iterable[Callable[[ItemT, str], bool]]) -> None:
        self.text = text
        self._tests = tuple(tests)

    def passes(self, item: ItemT, words: str) -> bool:
        """Return whether every condition holds for *item*, whose text in lower case is *words*."""
        return all(test(item, words) for test in self._tests)


def parse_query(text: str, fields: Iterable[Field[ItemT]]) -> Query[ItemT]:
    """Return the filter that *text* means.

    Raises:
        InvalidArgument: a field isn't known, a quantity is none, a pattern is wrong; names it.
    """
    known = {field.name: field for field in fields}
    return Query(text, [_test(match, known) for match in _TERM.finditer(text)])


def fuzzy(letters: str, words: str) -> bool:
    """Return whether the *letters* stand in this order within one word of *words*."""
    return any(_in_order(letters, word) for word in words.split())


def _in_order(letters: str, word: str) -> bool:
    rest = iter(word)
    return all(letter in rest for letter in letters)


def _test(match: re.Match[str], fields: Mapping[str, Field[ItemT]]) -> Callable[[ItemT, str], bool]:
    test = _positive(match, fields)
    if match["no"]:
        return lambda item, words: not test(item, words)
    return test


def _positive(
    match: re.Match[str], fields: Mapping[str, Field[ItemT]]
) -> Callable[[ItemT, str], bool]:
    if match["pattern"] is not None:
        pattern = _compiled(match["pattern"])
        return lambda _, words: pattern.search(words) is not None
    if match["letters"] is not None:
        letters = match["letters"].lower()
        return lambda _, words: fuzzy(letters, words)
    if match["field"] is None:
        word = (match["word"] if match["quoted"] is None else match["quoted"]).lower()
        return lambda _, words: word in words
    return _condition(match["field"].lower(), match["sign"], match["value"].strip('"'), fields)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise InvalidArgument(f"the pattern `{pattern}` is wrong: {error}") from error


def _condition(
    name: str, sign: str, value: str, fields: Mapping[str, Field[ItemT]]
) -> Callable[[ItemT, str], bool]:
    field = fields.get(name)
    if field is None:
        raise InvalidArgument(
            f"there is no `{name}` to ask for",
            hint=f"put it in quotes if you mean the text; known are {' '.join(fields)}",
        )
    read = field.read
    if field.unit == "text":
        return _text_condition(name, sign, value.lower(), read)
    wanted, compare = quantity(value, field.unit, name), _SIGNS[sign]

    def holds(item: ItemT, _: str) -> bool:
        found = read(item)
        return isinstance(found, int | float) and compare(found, wanted)

    return holds


def _text_condition(
    name: str, sign: str, value: str, read: Callable[[ItemT], Value]
) -> Callable[[ItemT, str], bool]:
    if sign == ":":
        return lambda item, _: value in str(read(item) or "").lower()
    if sign == "=":
        return lambda item, _: value == str(read(item) or "").lower()
    if sign == "!=":
        return lambda item, _: value != str(read(item) or "").lower()
    raise InvalidArgument(f"`{name}` is a text: it can be compared by `:`, `=` and `!=`")


def quantity(text: str, unit: str, name: str) -> float:
    """Return the number that *text* means in a *unit* of `Field`.

    Raises:
        InvalidArgument: it means none; names *name*.
    """
    if unit == "clock":
        return _clock(text, name)
    match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*([a-z%]?)(?:i?b)?", text.lower())
    factors = _FACTORS[unit]
    if match is None or match[2] not in factors:
        example = {"bytes": "10M", "seconds": "5m", "percent": "50"}.get(unit, "3")
        raise InvalidArgument(
            f"`{name}` can't be compared with `{text}`", hint=f"give a quantity such as {example}"
        )
    return float(match[1]) * factors[match[2]]


def _clock(text: str, name: str) -> float:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", text)
    if match is None:
        raise InvalidArgument(
            f"`{name}` can't be compared with `{text}`", hint="give a time such as 14:30"
        )
    return int(match[1]) * 3600.0 + int(match[2]) * 60 + int(match[3] or 0)
