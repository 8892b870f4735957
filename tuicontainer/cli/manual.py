"""The manual pages of both commands, from the tables that give `--help`. Pure.

Classic man(7) macros, which every formatter knows. No date in them: the same version gives the same
pages.
"""

from __future__ import annotations

from tuicontainer import __version__
from tuicontainer.cli.completion.vocabulary import manager, runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tuicontainer.cli.completion.vocabulary import Program, Switch, Verb

_DESCRIPTION = """\
Without a verb it opens the terminal user interface, in which bundles, containers and what their \
control groups use are seen and acted on by keys; `?` shows them.
With a verb it does one thing and leaves, for scripts. Containers go on when the command that \
started them has ended; there is no daemon to install."""
"""A line is a paragraph."""
_RUNTIME_DESCRIPTION = """\
The OCI runtime of tuicontainer(1) for other engines, with the commands, flags and messages of \
runc(8). Its containers are supervised by whoever calls it."""
_STATUSES = (
    ("0", "It is done."),
    ("1", "It failed; one line on standard error says what, on what, and what to do."),
    ("2", "The command line is wrong."),
    ("125", "`run`, `create` or `exec` failed, or their command line is wrong."),
    ("126", "The program can't be executed."),
    ("127", "There is no such program."),
    ("128+n", "The program was ended by signal n; else the program's own status."),
)
_RUNTIME_STATUSES = (("0", "It is done."), ("1", "It failed."), ("255", "`exec` failed."))
_FILES = (
    ("/etc/tuicontainer/config.toml", "Settings for everybody."),
    ("~/.config/tuicontainer/config.toml", "Settings of a person, over those."),
    ("/run/tuicontainer", "State of containers; gone after a reboot."),
    ("/var/lib/tuicontainer", "Records, logs, events and bundles."),
)
_RUNTIME_FILES = (("/run/tuicontainer-runtime", "State of containers; `--root` names another."),)


def manual_pages() -> dict[str, str]:
    """Return the text of each page by its path below a folder of manuals."""
    program, drop_in = manager(), runtime()
    pages = {
        f"man1/{program.name}.1": _program_page(program),
        f"man8/{drop_in.name}.8": _runtime_page(drop_in),
    }
    for verb in program.verbs:
        pages[f"man1/{program.name}-{verb.name}.1"] = _verb_page(program, verb)
    return pages


def _program_page(program: Program) -> str:
    lines = _head(program.name, "1", program.summary)
    lines += [*_usage(program.name, "[OPTIONS]"), *_usage(program.name, "[OPTIONS] VERB …")]
    lines += _section("DESCRIPTION", *_paragraphs(_DESCRIPTION))
    lines += _section("VERBS")
    for verb in program.verbs:
        lines += _item(f"{_bold(f'{program.name}-{verb.name}')}(1)", verb.summary)
    lines += _section("OPTIONS", *_switches(program.switches))
    lines += _section("EXIT STATUS", *_table(_STATUSES))
    lines += _section("FILES", *_table(_FILES))
    lines += _section("SEE ALSO", *_references([f"{program.name}-runtime(8)", "runc(8)"]))
    return _join(lines)


def _verb_page(program: Program, verb: Verb) -> str:
    name = f"{program.name}-{verb.name}"
    lines = _head(name, "1", verb.summary)
    options = "[OPTIONS] " if verb.switches else ""
    lines += _usage(f"{program.name} {verb.name}", f"{options}{verb.usage}")
    lines += _section("DESCRIPTION", *_paragraphs(f"{verb.summary}."))
    if verb.switches:
        lines += _section("OPTIONS", *_switches(verb.switches))
    lines += _section("OPTIONS OF ALL VERBS", *_switches(program.everywhere))
    lines += _section("EXAMPLES")
    for line, meaning in verb.examples:
        lines += _item(_bold(line), f"{meaning[:1].upper()}{meaning[1:]}.")
    lines += _section("SEE ALSO", *_references([f"{program.name}(1)"]))
    return _join(lines)


def _runtime_page(program: Program) -> str:
    lines = _head(program.name, "8", program.summary)
    lines += _usage(program.name, "[OPTIONS] COMMAND [OPTIONS] …")
    lines += _section("DESCRIPTION", *_paragraphs(_RUNTIME_DESCRIPTION))
    lines += _section("OPTIONS", *_switches(program.switches))
    lines += _section("COMMANDS")
    for verb in program.verbs:
        lines += [f".SS {_argument(f'{verb.name} {verb.usage}'.strip())}"]
        lines += [_line(f"{verb.summary[:1].upper()}{verb.summary[1:]}.")]
        lines += _switches(verb.switches)
    lines += _section("EXIT STATUS", *_table(_RUNTIME_STATUSES))
    lines += _section("FILES", *_table(_RUNTIME_FILES))
    lines += _section("SEE ALSO", *_references(["tuicontainer(1)", "runc(8)"]))
    return _join(lines)


def _head(name: str, section: str, summary: str) -> list[str]:
    title = _argument(name.upper())
    return [
        ".\\\" Made from the program's own tables; see `make man`.",
        f'.TH {title} {section} "" "tuicontainer {__version__}"',
        ".SH NAME",
        f"{_escape(name)} \\- {_escape(summary[:1].lower() + summary[1:])}",
        ".SH SYNOPSIS",
    ]


def _usage(command: str, rest: str) -> list[str]:
    return [f"{_bold(command)} {_escape(rest)}".rstrip(), ".br"]


def _section(title: str, *lines: str) -> list[str]:
    return [f".SH {title}", *lines]


def _paragraphs(text: str) -> list[str]:
    return [line for paragraph in text.splitlines() for line in (".PP", _line(paragraph))]


def _switches(switches: Iterable[Switch]) -> list[str]:
    lines = []
    for switch in switches:
        names = ", ".join(_bold(name) for name in switch.names)
        value = f" \\fI{_escape(switch.value)}\\fR" if switch.value else ""
        lines += _item(f"{names}{value}", f"{switch.help[:1].upper()}{switch.help[1:]}.")
    return lines


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    return [line for name, text in rows for line in _item(_bold(name), text)]


def _item(tag: str, text: str) -> list[str]:
    return [".TP", tag, _line(text)]


def _references(pages: Sequence[str]) -> list[str]:
    *others, last = [f"\\fB{_escape(page)}".replace("(", "\\fR(") for page in pages]
    return [*(f"{page}," for page in others), last]


def _line(text: str) -> str:
    """Return one line of text, what stood in backticks in bold."""
    parts = text.split("`")
    return "\\&" + "".join(
        _bold(part) if number % 2 else _escape(part) for number, part in enumerate(parts)
    )


def _bold(text: str) -> str:
    return f"\\fB{_escape(text)}\\fR"


def _argument(text: str) -> str:
    """Return *text* as one argument of a macro."""
    quoted = _escape(text).replace('"', "\\(dq")
    return f'"{quoted}"'


def _escape(text: str) -> str:
    """Return *text* with what troff would obey or redraw made literal (groff_char(7))."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "\\&...")
    return text.replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")


def _join(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
