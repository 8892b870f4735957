"""`delete`: take away what `create` made, then run the poststop hooks."""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition, describe_failure
from tuicontainer.runtime.ending import wait_until_ended
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.late_hooks import read_late_hooks
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.process.identity import open_pidfd
from tuicontainer.runtime.timeline import Timeline
from tuicontainer.runtime.view import cgroup_of, view
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.syscalls.signals import SIGKILL, pidfd_send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.instance import InstanceView
    from tuicontainer.runtime.process.identity import ProcessIdentity
    from tuicontainer.spec.config import Hooks


def delete(
    root: str, container_id: str, *, force: bool = False, timeline: Timeline | None = None
) -> list[str]:
    """Remove a stopped container, or one that was never started.

    The init may still be a zombie: reaping it is its parent's duty, before or after.

    Args:
        root: the state root.
        container_id: whose.
        force: kill whatever still runs first.
        timeline: takes the steps' times.

    Returns:
        Warnings of poststop hooks that failed (runtime.md#lifecycle: they stop nothing).

    Raises:
        NotFound: no such container.
        FailedPrecondition: it runs and *force* isn't given, or something can't be removed; then
            the state stays, so that a delete can be tried again.
    """
    check_container_id(container_id)
    timeline = timeline or Timeline()
    with StateFolder.open(root, container_id) as folder:
        now = view(folder.read())
        if not force:
            check_allowed("delete", now.status, container_id)
        group = cgroup_of(now.instance)
        _end_processes(now, group)
        timeline.mark("processes")
        try:
            if group is not None:
                group.remove()
            timeline.mark("cgroup")
            _remove_resctrl(now)
            hooks = read_late_hooks(folder, now.instance)
            folder.remove()
        except OSError as error:
            raise describe_failure(error, while_=f"deleting container `{container_id}`") from error
        timeline.mark("state folder")
    if not hooks.poststop:
        return []
    warnings = _run_poststop(now, hooks, timeline)
    timeline.mark("poststop hooks")
    return warnings


def _end_processes(now: InstanceView, group: Cgroup | None) -> None:
    """Kill what is left: the waiting or running init, and without a PID namespace its children."""
    init = now.instance.init
    if init is not None and now.status != "stopped":
        _kill_and_wait(init, group)
    if group is not None and group.processes():
        group.kill(SIGKILL)


def _kill_and_wait(init: ProcessIdentity, group: Cgroup | None) -> None:
    pidfd = open_pidfd(init)
    if pidfd is None:
        return
    try:
        pidfd_send_signal(pidfd, SIGKILL)
        if group is not None:
            # A frozen process dies only when thawed (v1), and others may be frozen with it.
            group.kill(SIGKILL)
        if not wait_until_ended(pidfd):
            raise FailedPrecondition(f"process {init.pid} doesn't end although it was killed")
    except ProcessLookupError:
        return
    finally:
        os.close(pidfd)


def _remove_resctrl(now: InstanceView) -> None:
    if now.instance.resctrl is None:
        return
    from tuicontainer.runtime.resctrl import ResctrlGroup

    ResctrlGroup.from_state(now.instance.resctrl).remove()


def _run_poststop(now: InstanceView, hooks: Hooks, timeline: Timeline) -> list[str]:
    from tuicontainer.runtime.hooks import run_remaining_hooks

    document = now.replace(status="stopped", pid=0).document()
    bundle = now.instance.bundle
    # The bundle may be gone by now.
    cwd = bundle if os.path.isdir(bundle) else "/"
    ran = timeline.hooks.append
    return run_remaining_hooks(hooks.poststop, "poststop", document, cwd=cwd, ran=ran)
