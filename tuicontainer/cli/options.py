"""What a verb accepts, as data: one table gives parsing, `--help` and shell completion.

argparse does the first two, but importing it takes 11 ms, as long as the whole of a quick verb.
Sources: POSIX Utility Syntax Guidelines (XBD 12.2), GNU long options (`--name=value`).
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from tuicontainer.cli.invocation import Invocation

    Completion = Literal["container", "bundle", "directory", "file", "signal", ""]


class Option(Record):
    """One option of a verb."""

    names: tuple[str, ...]
    """Such as `("-e", "--env")`; the last long one names the value in `Arguments`."""
    help: str
    value: str = ""
    """What the value is called in the help, such as `SECONDS`; empty for a switch."""
    convert: Callable[[str], Any] | None = None
    """Turns the word into the value; raises InvalidArgument saying what it must be."""
    default: Any = None
    """The value when the option isn't given; switches are False then."""
    repeat: bool = False
    """May be given several times; the value is a tuple of all."""
    choices: tuple[str, ...] = ()
    complete: Completion = ""
    """What a shell should offer as its value."""

    @property
    def key(self) -> str:
        """The name under which `Arguments` holds the value."""
        return self.names[-1].lstrip("-").replace("-", "_")

    @property
    def unset(self) -> Any:
        """The value when the option isn't given."""
        if self.repeat:
            return ()
        return self.default if self.value else False


class Example(Record):
    """One line of the help that can be typed as it stands."""

    line: str
    meaning: str


class Command(Record):
    """One verb of `tuicontainer`."""

    name: str
    summary: str
    """One line, without a period."""
    run: Callable[[Invocation], int]
    """Does it and returns the exit status."""
    operands: str = ""
    """As the usage line shows them, such as `ID…`."""
    least: int = 0
    """How many operands it needs."""
    most: int | None = None
    """How many it takes; None for any number."""
    program_follows: bool = False
    """After the first operand everything belongs to the container's program, dashes too."""
    options: tuple[Option, ...] = ()
    examples: tuple[Example, ...] = ()
    choices: tuple[str, ...] = ()
    """What its operands must be among; empty if they may be anything."""
    complete: Completion = ""
    """What a shell should offer as operands."""
    states: tuple[str, ...] = ()
    """States of the containers that a shell should offer; empty for all, as with `--force`."""
    changes: bool = False
    """It changes something: refused in read-only mode and without root."""
    failure: int = 1
    """Exit status of a failure of our own; 125 where the program's own statuses pass through."""
    usage_failure: int = 2
    """Exit status of wrong usage."""


class Arguments:
    """The values that a command line gives, by the options' keys."""

    __slots__ = ("_values", "given", "operands")

    def __init__(self, values: dict[str, Any], operands: list[str], given: set[str]) -> None:
        self._values = values
        self.operands = operands
        self.given = given
        """Keys of the options that were on the command line."""

    def __getattr__(self, key: str) -> Any:
        try:
            return self._values[key]
        except KeyError:
            raise AttributeError(f"no option is called {key!r}") from None


HELP = Option(names=("-h", "--help"), help="show this help and leave")

GLOBAL = (
    Option(
        names=("--root",),
        value="DIR",
        help="state root (default /run/tuicontainer)",
        complete="directory",
    ),
    Option(
        names=("--data-root",),
        value="DIR",
        help="durable data: records, logs (default /var/lib/tuicontainer)",
        complete="directory",
    ),
    Option(
        names=("--bundles",),
        value="DIR",
        help="look for bundles here; may be repeated",
        repeat=True,
        complete="directory",
    ),
    Option(names=("--read-only",), help="refuse everything that would change something"),
    HELP,
)
"""Understood before the verb and after it."""

FORMAT = Option(
    names=("--format",),
    value="FORMAT",
    help="table or json",
    choices=("table", "json"),
    default="table",
)
"""For verbs that print."""
