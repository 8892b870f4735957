"""The runtime's side of making the init: clone, attach, map, answer, until the waiter runs.

The init is a child of the process that calls this, whatever namespaces it is born into; when that
process exits, the init is inherited by its nearest subreaper (conmon, containerd's shim).
Sources: runtime.md#lifecycle, clone(2), prlimit(2), proc_pid_oom_score_adj(5).
"""

from __future__ import annotations

import os

from tuicontainer.errors import Internal, describe_failure
from tuicontainer.record import Record
from tuicontainer.runtime.process.channel import Channel, open_channel
from tuicontainer.runtime.process.init import (
    InitJob,
    import_for,
    run_init,
    set_oom_score,
)
from tuicontainer.runtime.process.namespaces import close_all, enter, open_joined
from tuicontainer.runtime.timeline import monotonic_epoch
from tuicontainer.syscalls.clone import CLONE_PARENT, clone3
from tuicontainer.syscalls.process import set_dumpable, set_parent_death_signal
from tuicontainer.syscalls.rlimits import set_rlimit
from tuicontainer.syscalls.signals import SIGKILL, pidfd_send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from tuicontainer.runtime.process.filtering import Filtering
    from tuicontainer.runtime.process.namespaces import NamespacePlan
    from tuicontainer.runtime.timeline import Timeline
    from tuicontainer.spec.config import NamespaceType, Process


class Launched(Record):
    """A container's first process, which waits at the gate."""

    pid: int
    pidfd: int
    console: int | None


class Launch:
    """One init on its way. After a failure call `abandon`."""

    def __init__(self, job: InitJob, timeline: Timeline) -> None:
        self.job = job
        self.timeline = timeline
        self.pid = 0
        self.pidfd = -1
        self.console: int | None = None
        self._channel: Channel | None = None

    def clone(self, birthplace: int | None) -> None:
        """Make the init; it waits until `finish`.

        Args:
            birthplace: descriptor of the v2 control group to be born in, if there is one.

        Raises:
            TuiContainerError: a namespace can't be made or joined.
        """
        plan = self.job.namespaces
        import_for(self.job.config)
        opened = open_joined(plan)
        ours, theirs = open_channel()
        try:
            if plan.staged:
                pid, pidfd = clone3(0)
            else:
                pid, pidfd = clone3(plan.clone, birthplace)
            if pid == 0:
                ours.close()
                _in_child(self.job, theirs, opened, birthplace)
        except OSError as error:
            ours.close()
            raise describe_failure(error, while_="making the container's namespaces") from error
        finally:
            theirs.close()
            close_all(opened)
        self._channel = ours
        if plan.staged:
            pid, pidfd = _await_stage(ours, pid, pidfd)
        self.pid, self.pidfd = pid, pidfd
        self.timeline.mark("namespaces")

    def proceed(self) -> None:
        """Give the init its identity and let it do its work.

        Raises:
            TuiContainerError: what failed, here or in the init.
        """
        user = self.job.config.linux.namespace("user")
        if user is not None and user.path is None:
            from tuicontainer.runtime.process.identity_maps import write_identity_maps

            write_identity_maps(self.pid, self.job.config.linux)
            self.timeline.mark("id maps")
        channel = self._open_channel
        try:
            channel.send("go")
            if self.job.rootfs.mapped:
                from tuicontainer.runtime.process.mapped_mounts import send_mapped_mounts

                send_mapped_mounts(self.job.rootfs, self.pid, channel)
        except BrokenPipeError:
            # It has failed already and says why; `finish` raises that.
            return

    def finish(self) -> Launched:
        """Serve what the init asks for, until the waiter runs.

        Raises:
            TuiContainerError: what failed, here or in the init.
        """
        channel = self._open_channel
        ready = False
        while (received := channel.receive()) is not None:
            message, fd = received
            ready |= message["step"] == "ready"
            self._serve(channel, message, fd)
        if not ready:
            raise Internal("the container's first process ended without a word")
        channel.close()
        self._channel = None
        self.timeline.mark("wait for init")
        return Launched(pid=self.pid, pidfd=self.pidfd, console=self.console)

    def abandon(self) -> None:
        """Kill and reap what there is, and close everything."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self.console is not None:
            os.close(self.console)
            self.console = None
        if self.pidfd >= 0:
            end_child(self.pid, self.pidfd)
            self.pidfd = -1

    @property
    def _open_channel(self) -> Channel:
        if self._channel is None:
            raise Internal("the init hasn't been cloned")
        return self._channel

    def _serve(self, channel: Channel, message: dict[str, Any], fd: int | None) -> None:
        step = message["step"]
        if step == "console":
            self.console = fd
        elif step == "mounted":
            self._run_hooks()
            channel.send("proceed")
        elif step == "limits":
            set_host_limits(self.pid, self.job.process)
            if self.job.process.is_scheduled:
                from tuicontainer.runtime.process.scheduling import set_scheduling

                set_scheduling(self.pid, self.job.process)
            channel.send("proceed")
        elif step == "listener":
            hand_over_listener(self.job.filtering, self.pid, self.pidfd, channel)
        elif step == "hook":
            from tuicontainer.runtime.hooks import HookRun

            run, shift = HookRun(**message["run"]), self._clock_shift(message["epoch_ns"])
            self.timeline.hooks.append(
                run.replace(begin_ns=run.begin_ns + shift, end_ns=run.end_ns + shift)
            )
        elif step in ("ready", "marks"):
            shift = self._clock_shift(message["epoch_ns"])
            self.timeline.inner = [(name, time + shift) for name, time in message["marks"]]
        else:
            raise Internal(f"unexpected `{step}` on the channel")

    def _clock_shift(self, epoch_ns: int) -> int:
        """Return what to add to the init's times, whose zero is at *epoch_ns* of the real time.

        In a time namespace its monotonic clock may be any other than ours; the real-time clock is
        the same everywhere (time_namespaces(7)).
        """
        if self.job.config.linux.namespace("time") is None:
            return 0
        return epoch_ns - monotonic_epoch()

    def _run_hooks(self) -> None:
        from tuicontainer.runtime.hooks import run_hooks

        self.timeline.mark("wait for init")
        hooks = self.job.config.hooks
        state = {**self.job.state, "pid": self.pid}
        ran = self.timeline.hooks.append
        if hooks.prestart:
            run_hooks(hooks.prestart, "prestart", state, cwd=self.job.bundle, ran=ran)
            self.timeline.mark("prestart hooks")
        if hooks.create_runtime:
            run_hooks(hooks.create_runtime, "createRuntime", state, cwd=self.job.bundle, ran=ran)
            self.timeline.mark("createRuntime hooks")


def hand_over_listener(filtering: Filtering | None, pid: int, pidfd: int, channel: Channel) -> None:
    """See a child of ours through the loading of a filter that notifies.

    Raises:
        TuiContainerError: the recipient doesn't get the listener.
    """
    from tuicontainer.runtime.process.handover import hand_over

    if filtering is None or filtering.recipient is None:
        raise Internal("a listener nobody asked for")
    hand_over(pid, pidfd, lambda: channel.send("proceed"), filtering.recipient)


def end_child(pid: int, pidfd: int) -> None:
    """Kill and reap a child of ours and close its pidfd."""
    try:
        pidfd_send_signal(pidfd, SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        os.close(pidfd)
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return


def set_host_limits(pid: int, process: Process) -> None:
    """Set what a process in a user namespace may not set itself: rlimits and the OOM score.

    Without root the process has set its score already.

    Raises:
        PermissionDenied: we may not either (no CAP_SYS_RESOURCE).
    """
    try:
        for limit in process.rlimits:
            set_rlimit(pid, limit.type, limit.soft, limit.hard)
    except OSError as error:
        raise describe_failure(error, while_="setting rlimits") from error
    if process.oom_score_adj is not None and os.geteuid() == 0:
        set_oom_score(pid, process.oom_score_adj)


def _in_child(
    job: InitJob,
    channel: Channel,
    opened: list[tuple[NamespaceType, int]],
    birthplace: int | None,
) -> NoReturn:
    """Be the init, or the intermediate that makes it."""
    try:
        if job.process.oom_score_adj is not None and not job.privileged:
            # Before `set_dumpable`, which makes the file root's.
            set_oom_score("self", job.process.oom_score_adj)
        if job.namespaces.staged:
            _stage(job.namespaces, opened, birthplace, channel)
    except BaseException as error:  # noqa: BLE001 - nothing may return into the runtime's code
        failure = describe_failure(error, while_="unable to start container process")
        channel.send_error(failure.to_wire())
        os._exit(1)
    run_init(job, channel)


def _stage(
    plan: NamespacePlan,
    opened: list[tuple[NamespaceType, int]],
    birthplace: int | None,
    channel: Channel,
) -> None:
    """In the intermediate: enter what is to be entered and clone the init; returns in the init."""
    # Members of a joined PID namespace could look into us from the first moment (CVE-2016-9962).
    set_dumpable(dumpable=False)
    set_parent_death_signal(SIGKILL)
    enter(plan, opened)
    pid, _ = clone3(plan.clone | CLONE_PARENT, birthplace)
    if pid == 0:
        close_all(opened)
        return
    channel.send("staged", pid=pid)
    os._exit(0)


def _await_stage(channel: Channel, intermediate: int, pidfd: int) -> tuple[int, int]:
    """Reap the intermediate and return pid and pidfd of the init it made."""
    try:
        pid = int(channel.expect("staged")["pid"])
    finally:
        os.close(pidfd)
        os.waitpid(intermediate, 0)
    return pid, os.pidfd_open(pid)
