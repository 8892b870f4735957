"""Another process into a running container, in three stages of fewer and fewer privileges.

    runtime        clones the intermediate, and moves it into the control group if it must
    intermediate   joins the container's namespaces, takes on the program's identity and streams,
                   finds the program, joins the control group; then it executes the entrant
    entrant        makes the member inside the PID namespace, as the runtime's own child; the
                   member executes the program

What the container's members can see is only the last: a few instructions with the identity that the
program will have. Sources: setns(2) with a pidfd (Linux 5.8); CVE-2016-9962, CVE-2019-5736,
CVE-2024-21626.
"""

from __future__ import annotations

import fcntl
import os
import termios

from tuicontainer.errors import FailedPrecondition, Internal, describe_failure
from tuicontainer.record import Record
from tuicontainer.runtime.process.channel import Channel, open_channel
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
from tuicontainer.runtime.process.entrant import decode_result, open_entrant
from tuicontainer.runtime.process.environment import complete_environment
from tuicontainer.runtime.process.init import forbid_imports, join_keyring, set_oom_score
from tuicontainer.runtime.process.launch import (
    end_child,
    hand_over_listener,
    set_host_limits,
)
from tuicontainer.runtime.process.lookup import find_program
from tuicontainer.runtime.process.namespaces import FLAGS, PROC_NAMES
from tuicontainer.runtime.process.stdio import Stdio
from tuicontainer.runtime.process.told import confining_failure, tell_confining
from tuicontainer.runtime.rootfs.console import open_terminal
from tuicontainer.syscalls.clone import CLONE_PARENT, clone3
from tuicontainer.syscalls.libc import machine
from tuicontainer.syscalls.namespaces import CLONE_NEWUSER, setns
from tuicontainer.syscalls.process import set_dumpable, set_parent_death_signal
from tuicontainer.syscalls.signals import SIGKILL, reset_signals
from tuicontainer.syscalls.sockets import packet_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from tuicontainer.runtime.process.filtering import Filtering
    from tuicontainer.runtime.process.labelling import ExecLabeller
    from tuicontainer.runtime.process.labels import Label
    from tuicontainer.spec.config import Process
    from tuicontainer.spec.scheduling import MemoryPolicy


_GO = b"\1\0\0\0"
"""The word that a held member waits for."""


class EnterJob(Record):
    """All that the intermediate needs to know; it has it by being a copy."""

    container_id: str
    pidfd: int
    """The container's first process."""
    namespaces: int
    """CLONE_NEW… bits of those in which the container differs from us."""
    process: Process
    stdio: Stdio
    preserve_fds: int
    exact_env: bool
    """Whether the program gets exactly its environment, without HOME being filled in."""
    filtering: Filtering | None = None
    """The seccomp filter, if the container has one."""
    root: int | None = None
    """Descriptor of the container's root folder, where its mount namespace has another."""
    labels: tuple[Label, ...] = ()
    """The security labels that the program gets."""
    personality: str | None = None
    memory_policy: MemoryPolicy | None = None
    birthplace: int | None = None
    """Descriptor of the unified control group to be born in, if it enters by itself."""
    entries: tuple[int, ...] = ()
    """Descriptors by which the intermediate joins the control group, see `Cgroup.entries`."""


class Entered(Record):
    """The new member, a child of the caller."""

    pid: int
    pidfd: int
    console: int | None


def differing_namespaces(pid: int) -> int:
    """Return the CLONE_NEW… bits of the namespaces in which a process differs from us.

    Joining one's own user namespace is an error (setns(2)), joining another again needs
    privileges for nothing.

    Raises:
        FailedPrecondition: the process has ended.
        PermissionDenied: it belongs to a user namespace over which we have no rights.
    """
    bits = 0
    try:
        for type_, name in PROC_NAMES.items():
            theirs, ours = os.stat(f"/proc/{pid}/ns/{name}"), os.stat(f"/proc/self/ns/{name}")
            if (theirs.st_dev, theirs.st_ino) != (ours.st_dev, ours.st_ino):
                bits |= FLAGS[type_]
    except (FileNotFoundError, ProcessLookupError) as error:
        raise FailedPrecondition("container not running", errno=error.errno) from error
    except OSError as error:
        raise describe_failure(error, while_="looking at the container's namespaces") from error
    return bits


def enter(job: EnterJob, attach: Callable[[int], None]) -> Entered:
    """Start the program and return once the kernel has accepted it.

    Args:
        job: what and where.
        attach: puts a process into the container's control group, or all that is left to do
            for that.

    Raises:
        TuiContainerError: what failed, here or in the intermediate; nothing is left.
    """
    ours, theirs = open_channel()
    held = job.process.is_scheduled
    result, result_end = packet_pair() if held else os.pipe()
    if job.personality is not None or job.memory_policy is not None:
        import tuicontainer.runtime.process.scheduling  # noqa: F401 - the intermediate can't
    try:
        intermediate, pidfd = clone3(0, job.birthplace)
        if intermediate == 0:
            ours.close()
            _run_intermediate(job, theirs, result_end)
    finally:
        theirs.close()
        os.close(result_end)
    console: list[int] = []
    try:
        _serve(ours, intermediate, pidfd, job, attach, console)
        told = _release(result, job.process) if held else b""
        told += _read_all(result)
        os.waitpid(intermediate, 0)
        os.close(pidfd)
    except BaseException as error:
        end_child(intermediate, pidfd)
        for fd in console:
            os.close(fd)
        if isinstance(error, OSError):
            raise describe_failure(error, while_="entering the container") from error
        raise
    finally:
        ours.close()
        os.close(result)
    return _entered(told, job, console)


def _serve(
    channel: Channel,
    pid: int,
    pidfd: int,
    job: EnterJob,
    attach: Callable[[int], None],
    console: list[int],
) -> None:
    """Answer the intermediate until it has executed the entrant."""
    ready = False
    affinity = job.process.exec_cpu_affinity
    if affinity is not None:
        from tuicontainer.runtime.process.scheduling import set_cpus

        set_cpus(pid, affinity.initial)
    while (received := channel.receive()) is not None:
        message, fd = received
        step = message["step"]
        if step == "limits":
            set_host_limits(pid, job.process)
            channel.send("proceed")
        elif step == "console" and fd is not None:
            console.append(fd)
        elif step == "listener":
            hand_over_listener(job.filtering, pid, pidfd, channel)
        elif step == "ready":
            # Not before, and the intermediate itself joins no earlier: the interpreter's pages
            # would be charged to the container, which may have less memory than they take.
            attach(pid)
            if affinity is not None:
                set_cpus(pid, affinity.final)
            channel.send("proceed")
            ready = True
    if not ready:
        raise Internal("the intermediate process ended without a word")


def _release(result: int, process: Process) -> bytes:
    """Set the member's scheduling, then let it go on; return what was told before.

    Only now, as a clone resets some policies and fails with others (SCHED_FLAG_RESET_ON_FORK,
    SCHED_DEADLINE).
    """
    from tuicontainer.runtime.process.scheduling import set_scheduling

    told = os.read(result, 4)
    pid, _ = decode_result(told)
    if not pid:
        return told
    try:
        set_scheduling(pid, process)
        os.write(result, _GO)
    except BrokenPipeError:
        # It was killed; who waits for it learns that.
        return told
    except BaseException:
        end_child(pid, os.pidfd_open(pid))
        raise
    return told


def _confine(confine: Callable[[], None], result: int) -> None:
    """Load the filter, or tell why not and end."""
    try:
        confine()
    except OSError as error:
        told = tell_confining(error.errno or 0)
        os.write(result, told.to_bytes(4, "little", signed=True))
        os._exit(126)


def _read_all(fd: int) -> bytes:
    told = b""
    try:
        while chunk := os.read(fd, 64):
            told += chunk
    except ConnectionResetError:
        # A held member was killed before it took its word.
        return told
    return told


def _entered(told: bytes, job: EnterJob, console: list[int]) -> Entered:
    pid, number = decode_result(told)
    if pid and not number:
        return Entered(pid=pid, pidfd=os.pidfd_open(pid), console=console[0] if console else None)
    for fd in console:
        os.close(fd)
    if pid:
        os.waitpid(pid, 0)
    if not number and job.process.rlimits:
        raise FailedPrecondition(
            f"exec {job.process.args[0]}: the kernel killed the process as it was made",
            hint="`process.rlimits` may leave too little for any program (RLIMIT_AS, RLIMIT_STACK)",
        )
    if not number:
        raise Internal("the entrant ended without a word")
    confining = confining_failure(-number)
    if confining is not None:
        raise confining
    error = OSError(number, os.strerror(number))
    raise describe_failure(error, while_=f"exec {job.process.args[0]}")


def _run_intermediate(job: EnterJob, channel: Channel, result: int) -> NoReturn:
    try:
        _Intermediate(job, channel, result).run()
    except BaseException as error:  # noqa: BLE001 - nothing may return into the runtime's own code
        failure = describe_failure(error, while_="unable to start container process")
        channel.send_error(failure.to_wire())
    finally:
        os._exit(1)


class _Intermediate:
    """The steps in the process that joins the container."""

    def __init__(self, job: EnterJob, channel: Channel, result: int) -> None:
        self.job = job
        self.channel = channel
        self.result = result
        self.labellers: tuple[ExecLabeller, ...] = ()
        """One, if the program gets security labels."""

    def run(self) -> NoReturn:
        job, process = self.job, self.job.process
        privileged = os.geteuid() == 0
        if process.oom_score_adj is not None and not privileged:
            # Before `set_dumpable`, which makes the file root's.
            set_oom_score("self", process.oom_score_adj)
        set_dumpable(dumpable=False)
        set_parent_death_signal(SIGKILL)
        number = 3 + job.preserve_fds
        filtering = job.filtering
        entrant = self._open_entrant(number)
        forbid_imports()
        try:
            # All at once: no state in between in which we are half inside.
            setns(job.pidfd, job.namespaces)
        except OSError as error:
            raise describe_failure(error, while_="joining the container's namespaces") from error
        if job.root is not None:
            os.fchdir(job.root)
            os.chroot(".")
        if job.namespaces & CLONE_NEWUSER:
            become_root_inside(keep_groups=process.user.keep_groups)
            set_dumpable(dumpable=False)
        join_keyring(job.container_id)
        self._set_streams()
        env = list(process.env)
        if not job.exact_env:
            env = complete_environment(env, process.user.uid)
        private = (self.channel.fd,) if entrant is None else (self.channel.fd, entrant)
        inherited = (self.result, *(labeller.open() for labeller in self.labellers))
        kept = keep_only(job.preserve_fds, inherited, (*private, *job.entries))
        self.channel.fd = kept[0]
        if process.rlimits or process.oom_score_adj is not None:
            self.channel.send("limits")
            self.channel.expect("proceed")
        become(process, 0 if filtering is None else filtering.kept)
        program = find_program(process.args[0], env)
        variables = dict(entry.split("=", 1) for entry in env)
        self._join_group(kept[len(private) :])
        if job.personality is not None or job.memory_policy is not None:
            # In the control group already: the nodes are those of its cpuset.
            from tuicontainer.runtime.process.scheduling import take_on

            take_on(job.personality, job.memory_policy)
        reset_signals()
        set_parent_death_signal(0)
        if filtering is not None and filtering.recipient is not None:
            if not privileged:
                # Or our runtime couldn't trace us; the container doesn't see this process.
                set_dumpable(dumpable=True)
            self.channel.send("listener")
            self.channel.expect("proceed")
            filtering.load()
            filtering = None
        if entrant is not None:
            os.execve(kept[1], [program, *process.args], variables)  # noqa: S606 - no shell
        for labeller in self.labellers:
            labeller.label_self(number + 1)
        self.channel.close()
        confine = None if filtering is None else filtering.load
        enter_in_interpreter(number, program, process, variables, confine)

    def _open_entrant(self, result: int) -> int | None:
        """Return the entrant for what the program's process does to itself, as `open_entrant`."""
        job, process = self.job, self.job.process
        confinement = None if job.filtering is None else job.filtering.confinement()
        if job.labels:
            from tuicontainer.runtime.process.labelling import ExecLabeller, with_labels

            confinement = with_labels(confinement, job.labels, result + 1)
        entrant = open_entrant(
            machine(),
            result,
            terminal=process.terminal,
            held=process.is_scheduled,
            confinement=confinement,
        )
        if job.labels:
            in_interpreter = entrant is None
            self.labellers = (ExecLabeller(job.labels, process, in_interpreter=in_interpreter),)
        return entrant

    def _join_group(self, entries: list[int]) -> None:
        """Join the control group by what `Cgroup.entries` returned, or be moved into it."""
        for entry in entries:
            os.write(entry, b"0")
            os.close(entry)
        self.channel.send("ready")
        self.channel.expect("proceed")

    def _set_streams(self) -> None:
        process = self.job.process
        if process.terminal:
            root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            terminal = open_terminal(root, process.console_size)
            os.close(root)
            self.channel.send("console", with_fd=terminal.master)
            os.close(terminal.master)
            slave = terminal.slave
            set_standard_streams(Stdio(stdin=slave, stdout=slave, stderr=slave))
            os.close(slave)
        else:
            set_standard_streams(self.job.stdio)
            replace_null_devices((0, 1, 2))
        give_streams_to_user(process.user.uid, (0, 1, 2))


def enter_in_interpreter(
    result: int,
    program: str,
    process: Process,
    variables: dict[str, str],
    confine: Callable[[], None] | None = None,
) -> NoReturn:
    """Do here what the entrant does, where there is none for this host."""
    os.set_inheritable(result, False)
    try:
        pid, _ = clone3(CLONE_PARENT)
    except OSError as error:
        os.write(result, (-(error.errno or 0)).to_bytes(4, "little", signed=True))
        os._exit(0)
    if pid:
        os.write(result, pid.to_bytes(4, "little", signed=True))
        os._exit(0)
    try:
        os.setsid()
        if process.terminal:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        if process.is_scheduled and not os.read(result, len(_GO)):
            os._exit(127)
        if confine is not None:
            _confine(confine, result)
        os.execve(program, list(process.args), variables)  # noqa: S606 - no shell
    except OSError as error:
        os.write(result, (-(error.errno or 0)).to_bytes(4, "little", signed=True))
    finally:
        os._exit(127)
