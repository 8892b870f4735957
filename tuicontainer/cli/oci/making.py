"""What `create` and `run` share: from flags and bundle to a created container."""

from __future__ import annotations

import os

from tuicontainer.bundles.load import CONFIG, load_bundle
from tuicontainer.errors import InvalidArgument, describe_failure
from tuicontainer.locations import Locations
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import container_cgroup_path
from tuicontainer.runtime.create import create
from tuicontainer.runtime.rootless import delegated_parent, is_rootless, refuse_limits
from tuicontainer.spec.config import Process
from tuicontainer.spec.identifiers import check_container_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation
    from tuicontainer.runtime.cgroups.systemd.units import Unit
    from tuicontainer.runtime.create import Created
    from tuicontainer.runtime.timeline import Timeline
    from tuicontainer.spec.config import Config

PIDFD_RECEIVER = "run.oci.pidfd_receiver"
"""crun's annotation with the path of a socket that gets a pidfd of the container."""
_PATHS = ("config", "pid-file", "console-socket", "pidfd-socket")


def make_container(
    parsed: Parsed,
    invocation: Invocation,
    *,
    detach: bool,
    timeline: Timeline,
    meanwhile: Callable[[], object] | None = None,
) -> Created:
    """Create the container that the flags tell of; with *detach* its console is handed over.

    Args:
        parsed: the flags.
        invocation: the rest of the command line.
        detach: whether we end before the container.
        timeline: takes the steps' times.
        meanwhile: called while the container's init works.

    Raises:
        TuiContainerError: it can't be made; nothing is left.
    """
    container_id = check_container_id(parsed.words[0])
    # All start at the caller's folder, not at the bundle.
    file, pid_file, console_socket, pidfd_socket = (
        path and os.path.abspath(path) for path in map(parsed.text, _PATHS)
    )
    bundle = enter_bundle(parsed.text("bundle"))
    config = load_bundle(bundle, file or CONFIG)
    if config.process is None:
        # Only `start` needs it (config.md#process), and says so.
        config = config.replace(process=Process(args=(), cwd="/"))
    if config.linux.resources.memory is not None:
        from tuicontainer.cli.oci.kernel_memory import without_kernel_memory

        resources = without_kernel_memory(config.linux.resources, invocation.messages)
        config = config.replace(linux=config.linux.replace(resources=resources))
    terminal = config.process is not None and config.process.terminal
    check_terminal_flags(terminal=terminal, detach=detach, console_socket=console_socket)
    if config.process is not None and terminal and not detach:
        from tuicontainer.cli.oci.terminal import with_our_size

        config = config.replace(process=with_our_size(config.process))
    connections = connect_sockets(
        console_socket, pidfd_socket, (container_id, config.annotations.get(PIDFD_RECEIVER))
    )
    config, preserve, state_folders = _with_surroundings(config, parsed, invocation, container_id)
    timeline.mark("bundle")
    cgroup_path, unit = place(config, invocation, container_id)
    created = create(
        invocation.root,
        container_id,
        bundle=bundle,
        config=config,
        stdio=None,
        cgroup_path=cgroup_path,
        unit=unit,
        rootless=invocation.rootless,
        timeline=timeline,
        preserve_fds=preserve,
        pid_file=pid_file,
        new_keyring=not parsed.switch("no-new-keyring"),
        no_pivot=parsed.switch("no-pivot"),
        state_folders=state_folders,
        meanwhile=meanwhile,
    )
    for warning in created.warnings:
        invocation.messages.warning(warning)
    try:
        if connections:
            from tuicontainer.cli.oci.sockets import hand_over_to

            hand_over_to(connections, created.console, created.pidfd)
    except OSError as error:
        from tuicontainer.runtime.delete import delete

        delete(invocation.root, container_id, force=True)
        raise describe_failure(error, while_="handing over a descriptor") from error
    return created


def connect_sockets(
    console: str | None, pidfd: str | None, receiver: tuple[str, str | None] = ("", None)
) -> list[tuple[str, int]]:
    """Connect to those who wait for the console or a pidfd; see `hand_over_to`.

    Args:
        console: path of `--console-socket`, if given.
        pidfd: path of `--pidfd-socket`, if given.
        receiver: container id, and path of another socket that gets the pidfd with it, if any.

    Raises:
        Unavailable: nobody listens there.
    """
    if not (console or pidfd or receiver[1]):
        return []
    from tuicontainer.cli.oci.sockets import CONSOLE, PIDFD, connect

    wanted = ((CONSOLE, console), (PIDFD, pidfd), receiver)
    return [(what, connect(path)) for what, path in wanted if path]


def check_terminal_flags(*, terminal: bool, detach: bool, console_socket: str | None) -> None:
    """Refuse combinations in which nobody would hold the terminal, with runc's texts.

    Raises:
        InvalidArgument: the combination is impossible.
    """
    if detach and terminal and console_socket is None:
        raise InvalidArgument(
            "cannot allocate tty if runc will detach without setting console socket"
        )
    if console_socket is not None and not (detach and terminal):
        raise InvalidArgument("cannot use console socket if runc will not detach or allocate tty")


def enter_bundle(path: str | None) -> str:
    """Make the bundle the working folder, as runc does, and return its absolute path.

    That is the path as it was given where it can be: callers compare it, and a symbolic link in it
    may lead elsewhere later.
    """
    if path is None:
        return os.getcwd()
    absolute = os.path.abspath(path)
    try:
        os.chdir(path)
        same = os.path.samefile(absolute, ".")
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise InvalidArgument(f"chdir {path}: {reason}", errno=error.errno) from error
    # `link/..` isn't where it seems to be.
    return absolute if same else os.getcwd()


def _with_surroundings(
    config: Config, parsed: Parsed, invocation: Invocation, container_id: str
) -> tuple[Config, int, tuple[str, ...]]:
    """Pass on what a service manager has set up for us in our environment.

    Returns:
        The configuration, how many descriptors the program keeps, and the folders that the
        container needs in its state folder.
    """
    preserve = parsed.number("preserve-fds")
    state_folders: tuple[str, ...] = ()
    if os.environ.get("LISTEN_FDS"):
        from tuicontainer.cli.oci.listen_fds import with_listen_fds

        config, preserve = with_listen_fds(config, preserve)
    manager = os.environ.get("NOTIFY_SOCKET")
    if manager:
        from tuicontainer.cli.oci.notify_socket import FOLDER, with_notify_socket

        state_folder = os.path.join(invocation.root, container_id)
        config, state_folders = with_notify_socket(config, state_folder, manager), (FOLDER,)
    return config, preserve, state_folders


def place(
    config: Config, invocation: Invocation, container_id: str
) -> tuple[str | None, Unit | None]:
    """Return the control group's path, or the unit of systemd's that makes it; neither: none."""
    cgroups_path = config.linux.cgroups_path
    if invocation.cgroup_manager == "systemd":
        from tuicontainer.runtime.cgroups.systemd.units import container_unit

        return None, container_unit(cgroups_path, container_id=container_id, user=is_rootless())
    if invocation.cgroup_manager == "disabled":
        refuse_limits(config.linux.resources, hint="leave out `--cgroup-manager=disabled`")
        return None, None
    key = Locations(state_root=invocation.root, data_root="").root_key
    # One folder a state root: each further one is made and removed in every hierarchy.
    parent = f"/tuicontainer-runtime.{key}"
    if is_rootless():
        parent = (delegated_parent(read_hierarchies()) or "") + parent
    return container_cgroup_path(cgroups_path, parent=parent, container_id=container_id), None
