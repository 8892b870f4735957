"""The command `tuicontainer`: without a verb the terminal user interface, else one verb.

Every verb is a file of `tuicontainer.cli.verbs` with a `COMMAND`; only the one that was asked for
is imported. Exit statuses: 0; 1 for a failure; 2 for wrong usage; `run` and `exec` pass the
program's own status through and use 125, 126 and 127 for theirs, as Docker and Podman do.
"""

from __future__ import annotations

import os
import sys

from tuicontainer.cli.invocation import Invocation, flags_over
from tuicontainer.cli.options import GLOBAL, Option
from tuicontainer.cli.output import OutputClosed, report_error, write
from tuicontainer.cli.parser import WrongUsage, check_operands, parse
from tuicontainer.errors import (
    FailedPrecondition,
    PermissionDenied,
    TuiContainerError,
    describe_failure,
)
from tuicontainer.settings import load_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.cli.options import Arguments, Command
    from tuicontainer.settings import Settings

VERBS = (
    "run",
    "create",
    "start",
    "stop",
    "restart",
    "kill",
    "rm",
    "prune",
    "ps",
    "logs",
    "exec",
    "attach",
    "wait",
    "state",
    "inspect",
    "stats",
    "top",
    "events",
    "record",
    "pause",
    "resume",
    "update",
    "rename",
    "spec",
    "new",
    "copy",
    "lint",
    "info",
    "doctor",
    "boot",
    "completion",
)
"""In the order of the help."""

PROGRAM = (
    *GLOBAL,
    Option(names=("--theme",), value="NAME", help="colours of the terminal user interface"),
    Option(
        names=("--record",),
        value="FILE",
        help="record what the terminal user interface sees to a new file",
    ),
    Option(
        names=("--replay",),
        value="FILE",
        help="show a recording in the terminal user interface",
    ),
    Option(names=("--version",), help="show the version and leave"),
)

INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""
PIPE_CLOSED = 141
"""128 + SIGPIPE."""


def main(words: Sequence[str] | None = None) -> int:
    """Carry out a command line (by default the process's own) and return the exit status."""
    failure, usage_failure = 1, 2
    _fill_standard_streams()
    try:
        before = parse(sys.argv[1:] if words is None else words, PROGRAM, stop_at_operand=True)
        if before.help or before.version or not before.operands:
            return _without_verb(before)
        _check_has_no_file(before)
        command = find_command(before.operands[0])
        failure, usage_failure = command.failure, command.usage_failure
        return _carry_out(command, before)
    except OutputClosed:
        failure = PIPE_CLOSED
    except KeyboardInterrupt:
        failure = INTERRUPTED
    except WrongUsage as error:
        report_error(error)
        failure = usage_failure
    except TuiContainerError as error:
        report_error(error)
    except PermissionError as error:
        hint = "" if os.geteuid() == 0 else "use sudo"
        report_error(PermissionDenied(f"permission denied on `{error.filename}`", hint=hint))
    except Exception as error:
        # The last door: people get a line, not a traceback, unless they ask for it.
        if os.environ.get("TUICONTAINER_DEBUG"):
            raise
        report_error(describe_failure(error, while_="unexpected failure"))
    return failure


def find_command(verb: str) -> Command:
    """Return what the verb's file declares.

    Raises:
        WrongUsage: no such verb.
    """
    if verb in VERBS:
        module = __import__(f"tuicontainer.cli.verbs.{verb}", fromlist=["COMMAND"])
        return module.COMMAND  # type: ignore[no-any-return]
    import difflib

    near = difflib.get_close_matches(verb, VERBS, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "`tuicontainer --help` lists the verbs"
    raise WrongUsage(f"unknown verb `{verb}`", hint=hint)


def _check_has_no_file(arguments: Arguments) -> None:
    """Refuse what only the terminal user interface can do, instead of ignoring it."""
    for name in ("record", "replay"):
        if getattr(arguments, name) is not None:
            raise WrongUsage(
                f"`--{name}` is for the terminal user interface, which has no verb",
                hint="`tuicontainer record FILE` records without it",
            )


def _fill_standard_streams() -> None:
    """Open /dev/null where a caller closed 0, 1 or 2.

    Else the next file or socket would get the number, and what is meant for people would be
    written into it.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open("/dev/null", os.O_RDWR)


def _without_verb(arguments: Arguments) -> int:
    if arguments.help:
        from tuicontainer.cli.help import program_help

        commands = [find_command(verb) for verb in VERBS]
        write(program_help([(entry.name, entry.summary) for entry in commands], PROGRAM))
        return 0
    if arguments.version:
        from tuicontainer import __version__

        write(f"tuicontainer {__version__}\n")
        return 0
    if arguments.record is not None and arguments.replay is not None:
        raise WrongUsage(
            "`--record` and `--replay` exclude each other", hint="a recording is a file already"
        )
    return _open_tui(flags_over(load_settings(), arguments), arguments)


def _carry_out(command: Command, before: Arguments) -> int:
    after = parse(
        before.operands[1:],
        (*command.options, *GLOBAL),
        stop_at_operand=command.program_follows,
    )
    if after.help:
        from tuicontainer.cli.help import command_help

        write(command_help(command))
        return 0
    check_operands(command, after.operands)
    settings = flags_over(load_settings(), before, after)
    if command.changes:
        _check_may_change(command.name, settings)
    return command.run(Invocation(after, settings))


def _check_may_change(verb: str, settings: Settings) -> None:
    """Refuse early what can't succeed, in words that say what can."""
    if settings.read_only:
        raise PermissionDenied(
            f"`{verb}` changes something, and this is read-only mode",
            hint="leave out `--read-only`, or see `read_only` in the settings",
        )
    if os.geteuid() != 0:
        raise PermissionDenied(
            f"`{verb}` needs root",
            hint="use sudo; without root these work: ps, logs, state, inspect, stats, events, "
            "wait, info and --help",
        )


def _open_tui(settings: Settings, arguments: Arguments) -> int:
    if not (os.isatty(0) and os.isatty(1)):
        raise FailedPrecondition(
            "the terminal user interface needs a terminal on standard input and output",
            hint="`tuicontainer --help` lists verbs for scripts",
        )
    from tuicontainer import tui

    return tui.main(settings, record=arguments.record, replay=arguments.replay)
