"""Command lines to `Arguments`, by the option table. Pure.

Understood: `-t`, `-it` (several switches in one word), `-e K=V`, `-eK=V`, `--env K=V`, `--env=K=V`,
and `--`, after which everything is an operand. Long names aren't abbreviated: an abbreviation in
a script breaks when the next version adds an option.
"""

from __future__ import annotations

from tuicontainer.cli.options import Arguments
from tuicontainer.errors import InvalidArgument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from tuicontainer.cli.options import Command, Option


class WrongUsage(InvalidArgument):
    """The command line itself is wrong: an unknown option, a missing operand."""


def parse(words: Sequence[str], options: Iterable[Option], *, stop_at_operand: bool) -> Arguments:
    """Sort *words* into options and operands.

    Args:
        words: the command line without the verb.
        options: the table.
        stop_at_operand: everything from the first operand on is an operand, dashes or not.

    Raises:
        WrongUsage: unknown option, missing or unwanted value, value outside the choices.
        InvalidArgument: an option's own check refused the value.
    """
    table = {name: option for option in options for name in option.names}
    values = {option.key: option.unset for option in table.values()}
    operands: list[str] = []
    given: set[str] = set()
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        if word == "--":
            operands += reversed(rest)
            break
        if len(word) < 2 or word[0] != "-":
            operands.append(word)
            if stop_at_operand:
                operands += reversed(rest)
                break
            continue
        for name, attached in _split(word, table):
            option = _find(name, table)
            value = _value(name, option, attached, rest)
            given.add(option.key)
            values[option.key] = (*values[option.key], value) if option.repeat else value
    return Arguments(values, operands, given)


def check_operands(command: Command, operands: Sequence[str]) -> None:
    """Raise WrongUsage unless *command* takes this many operands."""
    if len(operands) < command.least:
        raise WrongUsage(
            f"`{command.name}` needs {command.operands}", hint=f"`tuicontainer {command.name} -h`"
        )
    if command.most is not None and len(operands) > command.most:
        raise WrongUsage(
            f"`{command.name}` doesn't know what to do with `{operands[command.most]}`",
            hint=f"`tuicontainer {command.name} -h`",
        )
    for operand in operands if command.choices else ():
        if operand not in command.choices:
            raise WrongUsage(
                f"`{command.name}` doesn't know `{operand}`",
                hint=f"one of {', '.join(command.choices)}",
            )


def _split(word: str, table: dict[str, Option]) -> list[tuple[str, str | None]]:
    """Split one word with a leading dash into option names, the last maybe with its value."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return [(name, value if equals else None)]
    found: list[tuple[str, str | None]] = []
    for position, letter in enumerate(word[1:], 2):
        name = f"-{letter}"
        option = table.get(name)
        if option is not None and option.value and position < len(word):
            return [*found, (name, word[position:].removeprefix("="))]
        found.append((name, None))
    return found


def _find(name: str, table: dict[str, Option]) -> Option:
    option = table.get(name)
    if option is not None:
        return option
    import difflib

    near = difflib.get_close_matches(name, table, n=1)
    raise WrongUsage(
        f"unknown option `{name}`", hint=f"did you mean `{near[0]}`?" if near else "see `--help`"
    )


def _value(name: str, option: Option, attached: str | None, rest: list[str]) -> Any:
    if not option.value:
        if attached is not None:
            raise WrongUsage(f"option `{name}` takes no value, got `{attached}`")
        return True
    if attached is None:
        if not rest:
            raise WrongUsage(f"option `{name}` needs a value: {option.value}")
        attached = rest.pop()
    if option.choices and attached not in option.choices:
        raise WrongUsage(
            f"option `{name}` can't be `{attached}`", hint=f"one of {', '.join(option.choices)}"
        )
    if option.convert is None:
        return attached
    try:
        return option.convert(attached)
    except InvalidArgument as error:
        raise WrongUsage(f"option `{name}`: {error.message}", hint=error.hint) from error
