"""`--help`, made from the option table. Pure."""

from __future__ import annotations

from tuicontainer.cli.options import GLOBAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tuicontainer.cli.options import Command, Option

_MARGIN = 28


def command_help(command: Command) -> str:
    """Return the help of one verb."""
    own = "[OPTIONS] " if command.options else ""
    lines = [
        f"usage: tuicontainer {command.name} {own}{command.operands}".rstrip(),
        "",
        f"{command.summary}.",
    ]
    if command.options:
        lines += ["", "options:", *option_lines(command.options)]
    lines += ["", "everywhere:", *option_lines(GLOBAL)]
    if command.examples:
        lines += ["", "examples:"]
        for example in command.examples:
            lines += [f"  $ {example.line}", f"      {example.meaning}"]
    return "\n".join(lines) + "\n"


def program_help(summaries: Sequence[tuple[str, str]], options: Iterable[Option]) -> str:
    """Return the help of the whole program.

    Args:
        summaries: each verb with its summary, in the order to show.
        options: those understood without a verb.
    """
    lines = [
        "usage: tuicontainer [OPTIONS]              the terminal user interface",
        "       tuicontainer [OPTIONS] VERB …       one thing, for scripts",
        "",
        "Make, watch and end containers, by keys or by words.",
        "",
        "verbs:",
        *(f"  {name:<12}{summary}" for name, summary in summaries),
        "",
        "options:",
        *option_lines(options),
        "",
        "`tuicontainer VERB --help` shows a verb's options and examples.",
    ]
    return "\n".join(lines) + "\n"


def option_lines(options: Iterable[Option]) -> list[str]:
    """Return two columns: how an option is written, and what it does."""
    lines = []
    for option in options:
        short = option.names[0] if not option.names[0].startswith("--") else ""
        long = option.names[-1] if option.names[-1].startswith("--") else ""
        written = ", ".join(name for name in (short, long) if name)
        indent = "  " if short else "      "
        left = f"{indent}{written}{' ' + option.value if option.value else ''}"
        if len(left) + 2 > _MARGIN:
            lines += [left, " " * _MARGIN + option.help]
        else:
            lines.append(left.ljust(_MARGIN) + option.help)
    return lines
