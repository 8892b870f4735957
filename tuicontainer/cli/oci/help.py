"""What `--help` and `--version` print, in the shape that runc's callers and scripts read.

Source: runc main.go (urfave/cli's templates), go-runc's and dockerd's parsers of the version.
"""

from __future__ import annotations

from tuicontainer.cli.oci.commands import COMMANDS, GLOBAL_FLAGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.cli.oci.flags import Command, Flag

FEATURES = ("SYSTEMD", "SELINUX", "APPARMOR", "CAP", "SECCOMP", "EBPF", "CRIU")
"""What crun lists at the end of its version, for scripts that ask before they use it."""


def print_version(program: str, root: str) -> int:
    """Print name and version, then a line for each fact."""
    from tuicontainer import __version__
    from tuicontainer.spec.state import OCI_VERSION

    print(f"{program} version {__version__}\ncommit: v{__version__}\nspec: {OCI_VERSION}")
    print(f"rundir: {root}\n{' '.join(f'+{name}' for name in FEATURES)}")
    return 0


def print_help(program: str) -> int:
    """Print what there is."""
    print(f"NAME:\n   {program} - an OCI runtime\n")
    print(f"USAGE:\n   {program} [global options] COMMAND [options] [arguments…]\n")
    print("COMMANDS:")
    for command in COMMANDS:
        print(f"   {command.name:10}  {command.help}")
    print("\nGLOBAL OPTIONS:")
    _print_flags(GLOBAL_FLAGS)
    return 0


def print_command_help(program: str, command: Command) -> int:
    """Print what one command does and its flags."""
    print(f"NAME:\n   {program} {command.name} - {command.help}\n")
    print(f"USAGE:\n   {program} {command.name} {command.usage}".rstrip())
    if command.flags:
        print("\nOPTIONS:")
        _print_flags(command.flags)
    return 0


def _print_flags(flags: Sequence[Flag]) -> None:
    for flag in flags:
        names = ", ".join(f"--{name}" if len(name) > 1 else f"-{name}" for name in flag.names)
        value = f" {flag.value}" if flag.value is not None else ""
        suffix = " (not in this version)" if flag.unsupported else ""
        print(f"   {names + value:28}  {flag.help}{suffix}")
