"""The flags of a command and how they are read: as Go's `flag` package does, which runc uses.

`-name` and `--name` are the same; a value follows as the next word or after `=`; a switch may be
given as `--name=false`; the first word that isn't a flag, or `--`, ends the flags.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class WrongUsage(InvalidArgument):
    """The command line can't be understood; the command's help is shown with it."""


class Flag(Record):
    """One flag of a command."""

    names: tuple[str, ...]
    """Without dashes; the first is the key of its value."""
    help: str
    value: str | None = None
    """What its value means, or None for a switch."""
    repeated: bool = False
    """May be given several times; the values make a list."""
    number: bool = False
    """The value is a decimal number, not negative."""
    choices: tuple[str, ...] = ()
    """The words that a shell should offer as its value; the command itself checks it."""
    unsupported: str = ""
    """Why this version refuses it; empty if it works."""


class Command(Record):
    """One command: its flags and how many arguments it takes."""

    name: str
    usage: str
    help: str
    flags: tuple[Flag, ...] = ()
    arguments: tuple[int, int | None] = (1, 1)
    """Least and greatest number; None for no bound."""
    states: tuple[str, ...] = ()
    """States of the containers that a shell should offer; empty for all, as with `--force`."""
    module: str = ""
    """Module of `tuicontainer.cli.oci` with `run(arguments, globals)`."""


class Parsed(Record):
    """Values of flags by their first name, and the words after them."""

    values: dict[str, Any]
    words: tuple[str, ...]

    def text(self, name: str) -> str | None:
        """Return a flag's value, or None if it isn't given or empty."""
        return self.values.get(name) or None

    def switch(self, name: str) -> bool:
        """Return whether a switch is on."""
        return bool(self.values.get(name))

    def number(self, name: str) -> int:
        """Return a number, 0 if the flag isn't given."""
        return int(self.values.get(name) or 0)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the values of a flag that may be repeated."""
        return tuple(self.values.get(name) or ())


def parse_flags(flags: Sequence[Flag], words: Sequence[str]) -> Parsed:
    """Read flags up to the first argument.

    Raises:
        WrongUsage: an unknown flag, a missing or a wrong value.
    """
    table = {name: flag for flag in flags for name in flag.names}
    values: dict[str, Any] = {}
    position = 0
    while position < len(words):
        word = words[position]
        if len(word) < 2 or word[0] != "-":
            break
        position += 1
        if word == "--":
            break
        name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
        flag = table.get(name)
        if flag is None:
            raise WrongUsage(f"flag provided but not defined: -{name}")
        if flag.value is None:
            values[flag.names[0]] = _read_switch(name, value) if equals else True
            continue
        if not equals:
            if position == len(words):
                raise WrongUsage(f"flag needs an argument: -{name}")
            value = words[position]
            position += 1
        if flag.number:
            _check_number(name, value)
        key = flag.names[0]
        values[key] = [*values.get(key, ()), value] if flag.repeated else value
    return Parsed(values=values, words=tuple(words[position:]))


def _read_switch(name: str, value: str) -> bool:
    if value not in _TRUE | _FALSE:
        raise WrongUsage(f'invalid boolean value "{value}" for -{name}')
    return value in _TRUE


def _check_number(name: str, value: str) -> None:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise WrongUsage(f'invalid value "{value}" for flag -{name}: must be a number')
