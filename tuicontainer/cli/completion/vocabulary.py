"""The words of both commands in one shape, whichever table they come from."""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from tuicontainer.cli.oci.flags import Command as RuntimeCommand
    from tuicontainer.cli.oci.flags import Flag
    from tuicontainer.cli.options import Command, Option

    Kind = Literal["container", "bundle", "directory", "file", "signal", "words", ""]

_PATHS: dict[str, Kind] = {
    "DIR": "directory",
    "FILE": "file",
    "PATH": "file",
    "SOCKET": "file",
    "TARGET": "file",
}
"""What the drop-in's flags call a value that is a path."""


class Offer(Record):
    """What a shell should offer at one place."""

    kind: Kind = ""
    """`words` for those in `words`; empty for nothing."""
    words: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    """Of containers; empty for all."""


class Switch(Record):
    """One option as it is typed."""

    names: tuple[str, ...]
    """With their dashes."""
    help: str
    value: str = ""
    """What the value is called; empty if there is none."""
    offer: Offer = Offer()
    """For the value."""
    repeat: bool = False


class Verb(Record):
    """One verb of a command."""

    name: str
    summary: str
    usage: str
    """Its operands, as the help shows them."""
    switches: tuple[Switch, ...] = ()
    operands: tuple[Offer, ...] = ()
    """In order; the last is for all that follow."""
    one_each: bool = False
    """Each of `operands` stands once, and nothing is offered after them."""
    examples: tuple[tuple[str, str], ...] = ()
    """A line that can be typed, and what it does."""

    @property
    def forces(self) -> bool:
        """Whether its `--force` makes it do something to containers in any state."""
        return any("--force" in switch.names for switch in self.switches)


class Program(Record):
    """One command."""

    name: str
    summary: str
    switches: tuple[Switch, ...]
    """Before the verb."""
    verbs: tuple[Verb, ...]
    everywhere: tuple[Switch, ...] = ()
    """After every verb too."""
    places: tuple[str, ...] = ()
    """Options that say where containers and bundles are: to be passed on when asking for them."""


def manager() -> Program:
    """Return the words of `tuicontainer`."""
    from tuicontainer.cli.main import PROGRAM, VERBS, find_command
    from tuicontainer.cli.options import GLOBAL

    return Program(
        name="tuicontainer",
        summary="make, watch and end containers, by keys or by words",
        switches=tuple(_of_option(option) for option in PROGRAM),
        verbs=tuple(_of_command(find_command(verb)) for verb in VERBS),
        everywhere=tuple(_of_option(option) for option in GLOBAL),
        places=("--root", "--data-root", "--bundles"),
    )


def runtime() -> Program:
    """Return the words of `tuicontainer-runtime`."""
    from tuicontainer.cli.oci.commands import COMMANDS, GLOBAL_FLAGS

    return Program(
        name="tuicontainer-runtime",
        summary="an OCI runtime, to stand in for runc",
        switches=tuple(_of_flag(flag) for flag in GLOBAL_FLAGS),
        verbs=tuple(_of_runtime_command(command) for command in COMMANDS),
        places=("--root",),
    )


def _of_option(option: Option) -> Switch:
    return Switch(
        names=option.names,
        help=option.help,
        value=option.value,
        offer=_offer(option.complete, option.choices),
        repeat=option.repeat,
    )


def _of_command(command: Command) -> Verb:
    offer = _offer(command.complete, command.choices, command.states)
    return Verb(
        name=command.name,
        summary=command.summary,
        usage=command.operands,
        switches=tuple(_of_option(option) for option in command.options),
        operands=(offer,) if offer.kind else (),
        one_each=command.program_follows or command.most is not None,
        examples=tuple((example.line, example.meaning) for example in command.examples),
    )


def _of_flag(flag: Flag) -> Switch:
    return Switch(
        names=tuple(f"--{name}" if len(name) > 1 else f"-{name}" for name in flag.names),
        help=flag.help,
        value=flag.value or "",
        offer=_offer(_PATHS.get(flag.value or "", ""), flag.choices),
        repeat=flag.repeated,
    )


def _of_runtime_command(command: RuntimeCommand) -> Verb:
    from tuicontainer.cli.oci.commands import MAKERS

    container = Offer(kind="container", states=command.states)
    operands: tuple[Offer, ...] = ()
    if "CONTAINER-ID" in command.usage and command.name not in MAKERS:
        operands = (container,)
    if command.name == "mounts":
        operands = (Offer(kind="words", words=("add", "remove")), container, Offer(kind="file"))
    elif command.name == "kill":
        operands = (container, Offer(kind="signal"))
    return Verb(
        name=command.name,
        summary=command.help,
        usage=command.usage.removeprefix("[options]").strip(),
        switches=tuple(_of_flag(flag) for flag in command.flags),
        operands=operands,
        one_each=True,
    )


def _offer(kind: Kind, words: tuple[str, ...], states: tuple[str, ...] = ()) -> Offer:
    return Offer(kind="words", words=words) if words else Offer(kind=kind, states=states)


def signals() -> tuple[str, ...]:
    """Return the names of all signals."""
    from tuicontainer.spec.signals import NAMES

    return tuple(NAMES[number] for number in sorted(NAMES))
