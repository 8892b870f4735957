"""What the container's first process does before it is the container's program.

It is a copy of the runtime in the container's namespaces, and goes from the host's view to the
container's in one direction: nothing of the host is opened after the change of root, nothing of
this interpreter is left after the last step, the exec of the waiter. The order is the one that
runc's history taught (libcontainer/standard_init_linux.go); where a step must be where it is, a
comment says why. Sources: runtime.md#lifecycle, config.md, config-linux.md.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys

from tuicontainer.errors import FailedPrecondition, InvalidArgument, SyscallError, describe_failure
from tuicontainer.record import Record
from tuicontainer.runtime.process.credentials import (
    become,
    become_root_inside,
    give_streams_to_user,
)
from tuicontainer.runtime.process.descriptors import (
    keep_only,
    replace_null_devices,
    set_standard_streams,
)
from tuicontainer.runtime.process.environment import complete_environment
from tuicontainer.runtime.process.gate import wait_at_gate
from tuicontainer.runtime.process.lookup import find_program
from tuicontainer.runtime.process.stdio import Stdio
from tuicontainer.runtime.rootfs.inside import make_folder
from tuicontainer.runtime.rootfs.workspace import Rootfs
from tuicontainer.runtime.timeline import Timeline, monotonic_epoch
from tuicontainer.syscalls.hostname import setdomainname, sethostname
from tuicontainer.syscalls.keyring import join_session_keyring, keyring_is_absent
from tuicontainer.syscalls.namespaces import unshare
from tuicontainer.syscalls.process import set_dumpable, set_parent_death_signal
from tuicontainer.syscalls.signals import SIGKILL, reset_signals
from tuicontainer.syscalls.sockets import bring_interface_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NoReturn

    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.hooks import HookRun
    from tuicontainer.runtime.process.channel import Channel
    from tuicontainer.runtime.process.filtering import Filtering
    from tuicontainer.runtime.process.labels import Label
    from tuicontainer.runtime.process.namespaces import NamespacePlan
    from tuicontainer.runtime.rootfs.console import Console
    from tuicontainer.runtime.rootfs.plan import RootfsPlan
    from tuicontainer.spec.config import Config, Process


class InitJob(Record):
    """All that the init needs to know; it has it by being a copy."""

    container_id: str
    bundle: str
    config: Config
    process: Process
    rootfs: RootfsPlan
    namespaces: NamespacePlan
    stdio: Stdio
    gate: int
    """Descriptor of the FIFO to wait at."""
    result: int
    """Descriptor of the FIFO that gets the errno of a failed exec."""
    waiter: int | None
    """Descriptor of the waiter's image, made for the numbers after the preserved descriptors."""
    preserve_fds: int
    new_keyring: bool
    state: Mapping[str, Any]
    """The state document for hooks, but for the pid."""
    group: Cgroup | None
    """The control group to join."""
    filtering: Filtering | None = None
    """The seccomp filter, if the configuration has one."""
    labels: tuple[Label, ...] = ()
    """The security labels that the program gets."""
    mount_namespace: int | None = None
    """Descriptor of the one to go over to, if the container shares one."""
    privileged: bool = True
    """Whether the runtime is root. The init itself can't ask who it is: nobody, until its ids are
    mapped, which may be at any moment."""


def run_init(job: InitJob, channel: Channel) -> NoReturn:
    """Become the container's waiting process; on any failure say why and end with status 1."""
    init = Init(job, channel)
    try:
        init.run()
    except BaseException as error:  # noqa: BLE001 - nothing may return into the runtime's own code
        failure = describe_failure(error, while_="unable to start container process")
        init.tell_marks()
        channel.send_error(failure.to_wire())
    finally:
        os._exit(1)


class Init:
    """The sequence, step by step."""

    def __init__(self, job: InitJob, channel: Channel) -> None:
        self.job = job
        self.channel = channel
        self.timeline = Timeline()
        self._procfs: tuple[int, ...] = ()
        """The one that security labels are written by, if there are any."""

    def run(self) -> NoReturn:
        """Do all steps in order."""
        job = self.job
        # It makes this process's files in /proc root's. A runtime that isn't root still has to map
        # the ids of the namespace we were born into, over which only its user has rights so far.
        if job.privileged or job.namespaces.staged:
            set_dumpable(dumpable=False)
        set_parent_death_signal(SIGKILL)
        mark = self.timeline.mark
        if job.group is not None:
            job.group.join()
            mark("join cgroup")
        rootfs = self._open_rootfs()
        self._enter_user_namespace()
        self._isolate()
        mark("isolate")
        console = rootfs.build(mark)
        self._run_hooks_before_pivot()
        self._set_names()
        mark("names")
        forbid_imports()
        rootfs.pivot()
        mark("pivot")
        make_working_folder(job.process.cwd)
        rootfs.finish()
        mark("protect")
        if job.mount_namespace is not None:
            from tuicontainer.runtime.process.shared_mounts import enter_mount_namespace

            enter_mount_namespace(job.mount_namespace)
        self._become_program(console)

    def _open_rootfs(self) -> Rootfs:
        """Open what is on the host, before it is closed to the container's root."""
        mapping = self.job.config.linux.namespace("user") is not None
        if mapping:
            # Some of it may belong to the container's root and be closed to the host's, which we
            # still are, without its rights: those that we have begin with the mapped ids.
            self.channel.expect("go")
            self.timeline.mark("wait for ids")
        rootfs = Rootfs.open(self.job.rootfs)
        self.timeline.mark("open sources")
        if not mapping:
            self.channel.expect("go")
        rootfs.take_mapped(lambda: self.channel.expect_descriptor("mapped"))
        self.timeline.mark("wait for limits")
        return rootfs

    def _enter_user_namespace(self) -> None:
        if self.job.config.linux.namespace("user") is None:
            return
        become_root_inside(keep_groups=self.job.process.user.keep_groups)
        # The kernel takes both back whenever ids change.
        set_dumpable(dumpable=False)
        set_parent_death_signal(SIGKILL)

    def _isolate(self) -> None:
        job = self.job
        if job.namespaces.late:
            unshare(job.namespaces.late)
        if job.labels:
            self._open_procfs()
        if job.new_keyring:
            join_keyring(job.container_id)
        os.setsid()
        network = job.config.linux.namespace("network")
        if network is not None and network.path is None:
            bring_interface_up("lo")

    def _open_procfs(self) -> None:
        """Mount the procfs to write security labels by; first, the keyring's to come."""
        from tuicontainer.runtime.process.labels import label_keys, open_private_procfs

        if self.job.process.selinux_label is not None:
            label_keys(self.job.process.selinux_label)
        self._procfs = (open_private_procfs(),)

    def _run_hooks_before_pivot(self) -> None:
        hooks = self.job.config.hooks
        if hooks.prestart or hooks.create_runtime:
            self.channel.send("mounted")
            self.channel.expect("proceed")
            self.timeline.mark("wait for hooks")
        if hooks.create_container:
            # In these namespaces our pid is another, usually 1.
            from tuicontainer.runtime.hooks import run_hooks

            state = {**self.job.state, "pid": os.getpid()}
            run_hooks(
                hooks.create_container,
                "createContainer",
                state,
                cwd=self.job.bundle,
                ran=self._tell_hook,
            )
            self.timeline.mark("createContainer hooks")

    def _tell_hook(self, run: HookRun) -> None:
        self.channel.send("hook", epoch_ns=monotonic_epoch(), run=dict(run.items()))

    def tell_marks(self) -> None:
        """Tell the runtime of the steps up to a failure; a dead other side doesn't matter."""
        try:
            self.channel.send("marks", epoch_ns=monotonic_epoch(), marks=self.timeline.marks)
        except OSError:
            return

    def _set_names(self) -> None:
        config = self.job.config
        if config.hostname is not None:
            sethostname(config.hostname)
        if config.domainname is not None:
            setdomainname(config.domainname)
        if config.linux.sysctl:
            # After the hooks, which may make the interface that a parameter is for.
            from tuicontainer.runtime.process.sysctl import set_parameters

            set_parameters(config.linux.sysctl)

    def _become_program(self, console: Console | None) -> NoReturn:
        job, process = self.job, self.job.process
        if console is None:
            set_standard_streams(job.stdio)
            replace_null_devices((0, 1, 2))
        else:
            self._take_terminal(console)
        give_streams_to_user(process.user.uid, (0, 1, 2))
        env = complete_environment(process.env, process.user.uid)
        private = (self.channel.fd,) if job.waiter is None else (self.channel.fd, job.waiter)
        kept = keep_only(job.preserve_fds, (job.gate, job.result, *self._procfs), private)
        self.channel.fd = kept[0]
        # From here on no descriptor is opened: the limit on them may be as low as three.
        if process.rlimits or process.oom_score_adj is not None or process.is_scheduled:
            self.channel.send("limits")
            self.channel.expect("proceed")
        linux = job.config.linux
        if linux.personality is not None or linux.memory_policy is not None:
            from tuicontainer.runtime.process.scheduling import take_on

            take_on(linux.personality, linux.memory_policy)
        become(process, 0 if job.filtering is None else job.filtering.kept)
        # Nothing to run is an error of `start` (config.md#process): no folder can be executed.
        program = find_program(process.args[0], env) if process.args else "/"
        self.timeline.mark("credentials")
        self.channel.send("ready", epoch_ns=monotonic_epoch(), marks=self.timeline.marks)
        self._wait_for_start(program, env, kept)

    def _take_terminal(self, console: Console) -> None:
        self.channel.send("console", with_fd=console.master)
        os.close(console.master)
        terminal = console.slave
        set_standard_streams(Stdio(stdin=terminal, stdout=terminal, stderr=terminal))
        os.close(terminal)
        from termios import TIOCSCTTY

        fcntl.ioctl(0, TIOCSCTTY, 0)

    def _wait_for_start(self, program: str, env: list[str], kept: list[int]) -> NoReturn:
        job = self.job
        variables = dict(entry.split("=", 1) for entry in env)
        args = list(job.process.args)
        reset_signals()
        set_parent_death_signal(0)
        filtering = job.filtering
        if filtering is not None and filtering.recipient is not None:
            if not job.privileged:
                # Or our runtime couldn't trace us; nobody else is in this PID namespace to do it.
                set_dumpable(dumpable=True)
            self.channel.send("listener")
            self.channel.expect("proceed")
            filtering.load()
            filtering = None
        if job.waiter is not None:
            os.execve(kept[1], [program, *args], variables)  # noqa: S606 - a shell is what we do not want
        gate = 3 + job.preserve_fds
        if job.labels:
            from tuicontainer.runtime.process.labelling import label_self

            label_self(gate + 2, job.labels)
        self.channel.close()
        confine = None if filtering is None else filtering.load
        os._exit(wait_at_gate(gate, gate + 1, program, args, variables, confine))


def set_oom_score(pid: int | str, adjustment: int) -> None:
    """Set the OOM score adjustment of a process (proc_pid_oom_score_adj(5)).

    Raises:
        PermissionDenied: it is below what our privileges allow (CAP_SYS_RESOURCE).
    """
    # Not for every container: it costs an import.
    from tuicontainer.runtime.process.procfs import write_process_file

    try:
        write_process_file(pid, "oom_score_adj", b"%d" % adjustment)
    except OSError as error:
        raise describe_failure(error, while_="setting the OOM score adjustment") from error


def import_for(config: Config) -> None:
    """Import what only some configurations need, before the init can't any more."""
    if config.hooks.create_container:
        import tuicontainer.runtime.hooks
    if config.linux.sysctl:
        import tuicontainer.runtime.process.sysctl
    if config.linux.personality is not None or config.linux.memory_policy is not None:
        import tuicontainer.runtime.process.scheduling  # noqa: F401


def forbid_imports() -> None:
    """Make every further import fail.

    After the change of root a lazy import would run the container's code with the host's
    privileges (the class of CVE-2019-14271).
    """
    sys.meta_path.clear()
    sys.path.clear()
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()


def join_keyring(container_id: str) -> None:
    """Leave the caller's session keyring, whose keys are not the container's.

    Raises:
        TuiContainerError: the kernel refused.
    """
    try:
        join_session_keyring(f"_ses.{container_id}")
    except SyscallError as error:
        if keyring_is_absent(error):
            return
        failure = describe_failure(error, while_="making a session keyring")
        if error.errno == errno.EDQUOT:
            failure.hint = "raise /proc/sys/kernel/keys/maxkeys, or keep the caller's keyring"
        raise failure from error


def make_working_folder(cwd: str) -> None:
    """Make the program's working folder if it is missing, as runc and crun do.

    Called inside the container's root, before it is made read-only. Nothing is made by way of a
    magic link such as /proc/self/fd/7, for the host's folders are still open here: where one is on
    the way, the folder must be there when the program enters it (CVE-2024-21626, CVE-2024-45310).

    Raises:
        FailedPrecondition: it is missing and can't be made.
    """
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.close(make_folder(root, cwd))
    except InvalidArgument:
        return
    except OSError as error:
        # Somebody who lets only the user in (FUSE) doesn't tell root what is there.
        if error.errno in (errno.EACCES, errno.EPERM):
            return
        if error.errno == errno.ENOTDIR:
            raise FailedPrecondition(f"the working folder `{cwd}` is not a folder") from error
        reason = (error.strerror or "").lower()
        raise FailedPrecondition(
            f"the working folder `{cwd}` is missing and can't be made: {reason}", errno=error.errno
        ) from error
    finally:
        os.close(root)
