"""`tuicontainer-runtime`: the door for other engines, with runc's command line.

It is started several times for each container, so it imports a command's module only when that
command is given. Exit status: 1 for failures, 255 if `exec` itself fails, the program's own for
`run` and `exec` in the foreground. Source: runc main.go and its commands.
"""

from __future__ import annotations

import gc
import os
import sys

from tuicontainer.cli.oci.commands import GLOBAL_FLAGS, find_command
from tuicontainer.cli.oci.flags import WrongUsage, parse_flags
from tuicontainer.cli.oci.messages import Messages
from tuicontainer.errors import TuiContainerError, Unsupported, describe_failure
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.cli.oci.flags import Command, Flag, Parsed

PROGRAM = "tuicontainer-runtime"
_DEFAULT_ROOT = "/run/tuicontainer-runtime"
CGROUP_MANAGERS = ("cgroupfs", "systemd", "disabled")
_PREFIXES = {
    "create": f"{PROGRAM} create failed: ",
    "run": f"{PROGRAM} run failed: ",
    "exec": "exec failed: ",
}


class Invocation(Record):
    """What a command's module needs beside its own flags."""

    command: str
    root: str
    """The state root, absolute."""
    messages: Messages
    cgroup_manager: str = "cgroupfs"
    """Who makes control groups: one of `CGROUP_MANAGERS`."""
    rootless: bool | None = None
    """Do without a control group where none can be had; None for: unless we are root."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    # A tenth of the start-up would go into looking for garbage that isn't there.
    gc.disable()
    _open_standard_streams()
    messages = Messages()
    words = sys.argv[1:] if words is None else words
    name = ""
    try:
        options = parse_flags(GLOBAL_FLAGS, words)
        _open_messages(messages, options)
        if options.switch("version"):
            return _print_version(options)
        if options.switch("help") or not options.words or options.words[0] in ("help", "h"):
            return _print_help(options.words[1:])
        name = options.words[0]
        return _run_command(name, options, messages)
    except TuiContainerError as error:
        messages.error(_PREFIXES.get(name, "") + error.message, error.hint)
    except OSError as error:
        messages.error(_PREFIXES.get(name, "") + str(describe_failure(error, while_=name)))
    return 255 if name == "exec" else 1


def _run_command(name: str, options: Parsed, messages: Messages) -> int:
    command = find_command(name)
    if command is None:
        messages.error(f"No help topic for '{name}'")
        return 3
    try:
        # The command's own flags come last and win where both have a name: `spec --rootless`.
        parsed = parse_flags((*GLOBAL_FLAGS, *command.flags), options.words[1:])
        if parsed.switch("help"):
            return _print_help((name,))
        if parsed.switch("version"):
            return _print_version(parsed)
        _check_count(command, len(parsed.words))
    except WrongUsage as error:
        print(f"Incorrect Usage: {error}\n", flush=True)
        _print_help((name,))
        raise
    _refuse_unsupported(command.flags, parsed)
    options = _with_late_flags(options, parsed, command, messages)
    module = __import__(f"tuicontainer.cli.oci.{command.module}", fromlist=["run"])
    invocation = Invocation(
        command=name,
        root=_root(options),
        messages=messages,
        cgroup_manager=_cgroup_manager(options),
        rootless=_rootless(options),
    )
    status: int = module.run(parsed, invocation)
    return status


def _print_help(words: Sequence[str]) -> int:
    from tuicontainer.cli.oci.help import print_command_help, print_help

    command = find_command(words[0]) if words else None
    return print_help(PROGRAM) if command is None else print_command_help(PROGRAM, command)


def _print_version(options: Parsed) -> int:
    from tuicontainer.cli.oci.help import print_version

    return print_version(PROGRAM, _root(options))


_GLOBAL_NAMES = frozenset(flag.names[0] for flag in GLOBAL_FLAGS)


def _with_late_flags(
    options: Parsed, parsed: Parsed, command: Command, messages: Messages
) -> Parsed:
    """Return the global flags with those that follow the command, as crun takes them too."""
    own = {flag.names[0] for flag in command.flags}
    late = {
        name: value
        for name, value in parsed.values.items()
        if name in _GLOBAL_NAMES and name not in own
    }
    if not late:
        return options
    options = options.replace(values={**options.values, **late})
    if not late.keys().isdisjoint(("log", "log-format", "log-level", "debug")):
        _open_messages(messages, options)
    return options


def _open_messages(messages: Messages, options: Parsed) -> None:
    level = "debug" if options.switch("debug") else options.text("log-level")
    messages.open(options.text("log"), options.text("log-format"), level)


def _root(options: Parsed) -> str:
    root = options.text("root")
    if root is None and _has_runtime_dir():
        root = os.path.join(os.environ["XDG_RUNTIME_DIR"], PROGRAM)
    return os.path.abspath(root or _DEFAULT_ROOT)


def _has_runtime_dir() -> bool:
    """Tell whether XDG_RUNTIME_DIR is ours: root of a user's namespace still has the user's."""
    if not os.environ.get("XDG_RUNTIME_DIR"):
        return False
    if os.geteuid() != 0:
        return True
    if os.environ.get("USER") == "root":
        return False
    from tuicontainer.runtime.rootless import in_user_namespace

    return in_user_namespace()


def _cgroup_manager(options: Parsed) -> str:
    """Return the manager that the flags choose; crun's flag says more than runc's and wins."""
    default = "systemd" if options.switch("systemd-cgroup") else "cgroupfs"
    manager = options.text("cgroup-manager") or default
    if manager not in CGROUP_MANAGERS:
        raise WrongUsage(f'invalid value "{manager}" for flag -cgroup-manager')
    return manager


def _check_count(command: Command, count: int) -> None:
    least, most = command.arguments
    if count >= least and (most is None or count <= most):
        return
    if most is None:
        rule = f"a minimum of {least} argument(s)"
    elif least == most:
        rule = f"exactly {least} argument(s)"
    else:
        rule = f"{least} to {most} argument(s)"
    raise WrongUsage(f'{PROGRAM}: "{command.name}" requires {rule}')


def _refuse_unsupported(flags: Sequence[Flag], parsed: Parsed) -> None:
    for flag in flags:
        if flag.unsupported and parsed.values.get(flag.names[0]):
            raise Unsupported(f"`--{flag.names[0]}`: {flag.unsupported}")


def _rootless(options: Parsed) -> bool | None:
    value = options.text("rootless")
    if value not in (None, "auto", "true", "false"):
        raise WrongUsage(f'invalid value "{value}" for flag -rootless')
    return None if value in (None, "auto") else value == "true"


def _open_standard_streams() -> None:
    """Fill closed ones with /dev/null, lest a file of ours become the program's output."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open("/dev/null", os.O_RDWR)


if __name__ == "__main__":
    sys.exit(main())
