"""`exec [options] ID [COMMAND…]`: another program in the container.

What isn't given by flags or by `--process` is the container's own process's. The exit status is the
program's; 255 if it couldn't be started. Source: runc exec.go.
"""

from __future__ import annotations

import os

from tuicontainer.cli.oci.foreground import wait_in_foreground
from tuicontainer.cli.oci.input import read_json
from tuicontainer.cli.oci.making import check_terminal_flags, connect_sockets
from tuicontainer.cli.oci.sockets import hand_over_to
from tuicontainer.errors import InvalidArgument, describe_failure
from tuicontainer.runtime.create import write_pid_file
from tuicontainer.runtime.exec import ExecRequest, exec_process, exec_template
from tuicontainer.runtime.process.capabilities import capability_warnings
from tuicontainer.runtime.process.launch import end_child
from tuicontainer.spec.config import Capabilities
from tuicontainer.spec.decode_process import check_groups, decode_process
from tuicontainer.spec.fields import ID, Fields, check_absolute, check_integer
from tuicontainer.spec.overrides import parse_user
from tuicontainer.syscalls.signals import FORWARDABLE, block_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation
    from tuicontainer.spec.config import Process, User


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Start the program; in the foreground return its exit status."""
    container_id = parsed.words[0]
    process = build_process(parsed, exec_template(invocation.root, container_id))
    detach = parsed.switch("detach")
    check_terminal_flags(
        terminal=process.terminal, detach=detach, console_socket=parsed.text("console-socket")
    )
    connections = connect_sockets(parsed.text("console-socket"), parsed.text("pidfd-socket"))
    if not detach:
        block_signals(FORWARDABLE)
        if process.terminal:
            from tuicontainer.cli.oci.terminal import with_our_size

            process = with_our_size(process)
    request = ExecRequest(
        process=process,
        preserve_fds=parsed.number("preserve-fds"),
        cgroups=parsed.texts("cgroup"),
        ignore_paused=parsed.switch("ignore-paused"),
    )
    for warning in capability_warnings(process.capabilities):
        invocation.messages.warning(warning)
    started = exec_process(invocation.root, container_id, request)
    try:
        if connections:
            hand_over_to(connections, started.console, started.pidfd)
        if (pid_file := parsed.text("pid-file")) is not None:
            write_pid_file(os.path.abspath(pid_file), started.pid)
    except OSError as error:
        end_child(started.pid, started.pidfd)
        raise describe_failure(error, while_="handing over the process") from error
    if detach:
        return 0
    return wait_in_foreground(started.pid, started.pidfd, started.console)


def build_process(parsed: Parsed, template: Process) -> Process:
    """Return the process to run.

    Raises:
        InvalidArgument: neither a program nor `--process` is given, or a value breaks a rule.
    """
    path = parsed.text("process")
    if path is not None:
        return _read_process(path)
    if len(parsed.words) < 2:
        raise InvalidArgument(
            "process args cannot be empty", hint="give a program to run, or `--process`"
        )
    process = template.replace(args=parsed.words[1:], terminal=parsed.switch("tty"))
    if (cwd := parsed.text("cwd")) is not None:
        process = process.replace(cwd=check_absolute("--cwd", cwd))
    if env := parsed.texts("env"):
        process = process.replace(env=(*process.env, *(_check_variable(each) for each in env)))
    if (profile := parsed.text("apparmor")) is not None:
        process = process.replace(apparmor_profile=profile)
    if (context := parsed.text("process-label")) is not None:
        process = process.replace(selinux_label=context)
    if parsed.switch("no-new-privs"):
        process = process.replace(no_new_privileges=True)
    if caps := parsed.texts("cap"):
        process = process.replace(capabilities=_with_capabilities(process, caps))
    return process.replace(user=_user(parsed, process))


def _read_process(path: str) -> Process:
    process = decode_process(Fields(read_json(path), "process"))
    if process.capabilities is not None:
        # CVE-2022-29162: an exec never sets them.
        process = process.replace(capabilities=process.capabilities.replace(inheritable=()))
    return process


def _user(parsed: Parsed, process: Process) -> User:
    user = process.user
    if (text := parsed.text("user")) is not None:
        uid, gid = parse_user(text)
        user = user.replace(uid=uid, gid=user.gid if gid is None else gid)
    if gids := parsed.texts("additional-gids"):
        more = tuple(check_integer("--additional-gids", _number(gid), ID) for gid in gids)
        user = user.replace(
            additional_gids=check_groups("--additional-gids", (*user.additional_gids, *more))
        )
    return user


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text


def _check_variable(entry: str) -> str:
    if "=" not in entry or entry.startswith("="):
        raise InvalidArgument(f"`--env` is `{entry}`: must be NAME=VALUE")
    return entry


def _with_capabilities(process: Process, names: tuple[str, ...]) -> Capabilities:
    """Add to all sets but the inheritable one, and to the ambient one only if it is used."""
    sets = process.capabilities or Capabilities()
    return sets.replace(
        bounding=(*sets.bounding, *names),
        effective=(*sets.effective, *names),
        permitted=(*sets.permitted, *names),
        ambient=(*sets.ambient, *names) if sets.ambient else (),
    )
