"""`restore [options] ID`: make a container of what `checkpoint` has saved."""

from __future__ import annotations

import os

from tuicontainer.bundles.load import load_bundle
from tuicontainer.cli.oci.checkpoint import FOLDER, absolute, empty_namespaces
from tuicontainer.cli.oci.making import (
    check_terminal_flags,
    connect_sockets,
    enter_bundle,
    place,
)
from tuicontainer.errors import Unsupported, describe_failure
from tuicontainer.runtime.restore import Restore, restore
from tuicontainer.syscalls.process import set_child_subreaper
from tuicontainer.syscalls.signals import FORWARDABLE, block_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation
    from tuicontainer.runtime.create import Created


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Restore it; in the foreground wait for its end, delete it and return its exit status."""
    detach = parsed.switch("detach")
    if parsed.switch("no-pivot"):
        raise Unsupported("--no-pivot: criu changes the root, and only by a pivot")
    if not detach:
        block_signals(FORWARDABLE)
        if not parsed.switch("no-subreaper"):
            set_child_subreaper(subreaper=True)
    created = _restore(parsed, invocation, detach=detach)
    if detach:
        return 0
    from tuicontainer.cli.oci.foreground import wait_in_foreground
    from tuicontainer.runtime.delete import delete

    try:
        return wait_in_foreground(created.pid, created.pidfd, created.console)
    finally:
        for warning in delete(invocation.root, parsed.words[0], force=True):
            invocation.messages.warning(warning)


def _restore(parsed: Parsed, invocation: Invocation, *, detach: bool) -> Created:
    container_id = parsed.words[0]
    # All start at the caller's folder, not at the bundle.
    pid_file, work_path = absolute(parsed, "pid-file"), absolute(parsed, "work-path")
    console_socket = absolute(parsed, "console-socket")
    image_path = os.path.abspath(parsed.text("image-path") or FOLDER)
    bundle = enter_bundle(parsed.text("bundle"))
    config = load_bundle(bundle)
    terminal = config.process is not None and config.process.terminal
    check_terminal_flags(terminal=terminal, detach=detach, console_socket=console_socket)
    connections = connect_sockets(console_socket, None)
    cgroup_path, unit = place(config, invocation, container_id)
    if unit is not None:
        raise Unsupported("restoring into a systemd unit: criu makes the groups itself")
    request = Restore(
        image_path=image_path,
        work_path=work_path,
        cgroup_mode=parsed.text("manage-cgroups-mode") or "",
        empty_namespaces=empty_namespaces(parsed),
        lsm_profile=parsed.text("lsm-profile") or "",
        lsm_mount_context=parsed.text("lsm-mount-context") or "",
        tcp_established=parsed.switch("tcp-established"),
        ext_unix_sk=parsed.switch("ext-unix-sk"),
        shell_job=parsed.switch("shell-job"),
        file_locks=parsed.switch("file-locks"),
        lazy_pages=parsed.switch("lazy-pages"),
        auto_dedup=parsed.switch("auto-dedup"),
    )
    created = restore(
        invocation.root,
        container_id,
        request,
        bundle=bundle,
        config=config,
        cgroup_path=cgroup_path,
        pid_file=pid_file,
    )
    if connections and created.console is not None:
        from tuicontainer.cli.oci.sockets import hand_over_to

        try:
            hand_over_to(connections, created.console, created.pidfd)
        except OSError as error:
            from tuicontainer.runtime.delete import delete

            delete(invocation.root, container_id, force=True)
            raise describe_failure(error, while_="handing over the terminal") from error
    return created
