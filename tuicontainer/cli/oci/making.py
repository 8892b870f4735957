"""What `create` and `run` share: from flags and bundle to a created container."""

from __future__ import annotations

import os

from tuicontainer.bundles.load import load_bundle
from tuicontainer.cli.oci.sockets import check_terminal_flags, connect, hand_over
from tuicontainer.errors import InvalidArgument, PermissionDenied, describe_failure
from tuicontainer.locations import Locations
from tuicontainer.runtime.cgroups.open import container_cgroup_path
from tuicontainer.runtime.create import Created, create
from tuicontainer.runtime.delete import delete
from tuicontainer.spec.identifiers import check_container_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation
    from tuicontainer.runtime.timeline import Timeline
    from tuicontainer.spec.config import Config


def make_container(
    parsed: Parsed, invocation: Invocation, *, detach: bool, timeline: Timeline
) -> Created:
    """Create the container that the flags tell of; with *detach* its console is handed over.

    Raises:
        TuiContainerError: it can't be made; nothing is left.
    """
    if os.geteuid() != 0:
        raise PermissionDenied(
            "containers can only be made by root in this version", hint="use sudo"
        )
    container_id = check_container_id(parsed.words[0])
    bundle = _enter_bundle(parsed.text("bundle"))
    config = load_bundle(bundle)
    terminal = config.process is not None and config.process.terminal
    console_socket, pidfd_socket = parsed.text("console-socket"), parsed.text("pidfd-socket")
    check_terminal_flags(terminal=terminal, detach=detach, console_socket=console_socket)
    console_connection = None if console_socket is None else connect(console_socket)
    pidfd_connection = None if pidfd_socket is None else connect(pidfd_socket)
    config, preserve = _with_listen_fds(config, parsed.number("preserve-fds"))
    timeline.mark("bundle")
    pid_file = parsed.text("pid-file")
    created = create(
        invocation.root,
        container_id,
        bundle=bundle,
        config=config,
        stdio=None,
        cgroup_path=_cgroup_path(config, invocation.root, container_id),
        timeline=timeline,
        preserve_fds=preserve,
        pid_file=None if pid_file is None else os.path.abspath(pid_file),
        new_keyring=not parsed.switch("no-new-keyring"),
        no_pivot=parsed.switch("no-pivot"),
    )
    for warning in created.warnings:
        invocation.messages.warning(warning)
    try:
        if console_connection is not None and created.console is not None:
            hand_over(console_connection, created.console, "/dev/ptmx")
        if pidfd_connection is not None:
            hand_over(pidfd_connection, created.pidfd, "pidfd")
    except OSError as error:
        delete(invocation.root, container_id, force=True)
        raise describe_failure(error, while_="handing over a descriptor") from error
    return created


def _enter_bundle(path: str | None) -> str:
    """Make the bundle the working folder, as runc does, and return its absolute path."""
    if path is not None:
        try:
            os.chdir(path)
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise InvalidArgument(f"chdir {path}: {reason}", errno=error.errno) from error
    return os.getcwd()


def _with_listen_fds(config: Config, preserve: int) -> tuple[Config, int]:
    """Pass on the sockets of systemd's socket activation (sd_listen_fds(3))."""
    count = os.environ.get("LISTEN_FDS", "")
    if not count.isdigit() or config.process is None:
        return config, preserve
    env = (*config.process.env, f"LISTEN_FDS={count}", "LISTEN_PID=1")
    return config.replace(process=config.process.replace(env=env)), preserve + int(count)


def _cgroup_path(config: Config, root: str, container_id: str) -> str:
    key = Locations(state_root=root, data_root="").root_key
    return container_cgroup_path(
        config.linux.cgroups_path, parent=f"/tuicontainer-runtime/{key}", container_id=container_id
    )
