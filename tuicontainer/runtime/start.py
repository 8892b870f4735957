"""`start`: let the waiting init become the container's program."""

from __future__ import annotations

import os

from tuicontainer.errors import (
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    TuiContainerError,
)
from tuicontainer.runtime.ending import wait_until_ended
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.late_hooks import read_late_hooks
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.process.gate import open_gate
from tuicontainer.runtime.process.identity import open_pidfd
from tuicontainer.runtime.process.told import confining_failure
from tuicontainer.runtime.timeline import Timeline
from tuicontainer.runtime.view import view
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.syscalls.signals import SIGKILL, pidfd_send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.instance import InstanceView
    from tuicontainer.spec.config import Hooks


def start(root: str, container_id: str, timeline: Timeline | None = None) -> None:
    """Run the startContainer hooks, then the program, then the poststart hooks.

    Returns once the kernel has accepted the program (or once it has already ended).

    Raises:
        NotFound: no such container.
        FailedPrecondition: it isn't `created`.
        TuiContainerError: a hook failed or the kernel refused the program; the container is then
            stopped, and `delete` cleans up.
    """
    check_container_id(container_id)
    timeline = timeline or Timeline()
    with StateFolder.open(root, container_id) as folder:
        now = view(folder.read())
        check_allowed("start", now.status, container_id)
        init = now.instance.init
        pidfd = None if init is None else open_pidfd(init)
        if pidfd is None:
            check_allowed("start", "stopped", container_id)
            return
        try:
            _start(folder, now, pidfd, timeline)
        finally:
            os.close(pidfd)


def _start(folder: StateFolder, now: InstanceView, pidfd: int, timeline: Timeline) -> None:
    hooks = read_late_hooks(folder, now.instance)
    try:
        if hooks.start_container:
            from tuicontainer.runtime.start_hooks import run_inside

            run_inside(folder, now, hooks.start_container, timeline.hooks.append)
            timeline.mark("startContainer hooks")
        # Written before the program can run: a reader never sees `created` beside a running one.
        folder.write(now.instance.replace(phase="started"))
        timeline.mark("state")
        refused = open_gate(folder.fd, pidfd)
        timeline.mark("exec")
        if refused is not None:
            raise _refusal(folder, refused)
        if hooks.poststart:
            _run_poststart(now, hooks, timeline)
    except TuiContainerError:
        # A hook that fails stops the container (runtime.md#lifecycle).
        _stop(pidfd)
        timeline.mark("end it")
        raise


def _run_poststart(now: InstanceView, hooks: Hooks, timeline: Timeline) -> None:
    from tuicontainer.runtime.hooks import run_hooks

    document = now.replace(status="running").document()
    ran = timeline.hooks.append
    run_hooks(hooks.poststart, "poststart", document, cwd=now.instance.bundle, ran=ran)
    timeline.mark("poststart hooks")


def _stop(pidfd: int) -> None:
    try:
        pidfd_send_signal(pidfd, SIGKILL)
    except ProcessLookupError:
        return
    wait_until_ended(pidfd)


def _refusal(folder: StateFolder, number: int) -> TuiContainerError:
    """Say which program the kernel didn't take; `create` found it, so it is about its content."""
    confining = confining_failure(number)
    if confining is not None:
        return confining
    process = folder.read_config().get("process")
    if process is None:
        return FailedPrecondition(
            "`process` is missing in the configuration: nothing to start",
            hint="it isn't needed for `create`, but for `start`",
        )
    name = (process.get("args") or ["?"])[0]
    text = os.strerror(number).lower()
    kinds = {2: NotFound, 13: PermissionDenied}
    hints = {
        2: "its interpreter (first line of a script, loader of a binary) may be missing",
        8: "it is neither a binary for this architecture nor a script with a `#!` line",
    }
    kind = kinds.get(number, FailedPrecondition)
    return kind(f"exec {name}: {text}", hint=hints.get(number, ""), errno=number)
