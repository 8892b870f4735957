"""`exec`: another process inside a running container."""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition, InvalidArgument
from tuicontainer.record import Record
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.process.descriptors import check_preserved
from tuicontainer.runtime.process.enter import EnterJob, differing_namespaces, enter
from tuicontainer.runtime.process.identity import open_pidfd
from tuicontainer.runtime.process.stdio import INHERITED
from tuicontainer.runtime.view import cgroup_of, view
from tuicontainer.spec.decode_process import decode_process
from tuicontainer.spec.fields import Fields
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.syscalls.namespaces import CLONE_NEWUSER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.instance import Instance, InstanceView
    from tuicontainer.runtime.process.enter import Entered
    from tuicontainer.runtime.process.filtering import Filtering
    from tuicontainer.runtime.process.labels import Label
    from tuicontainer.runtime.process.stdio import Stdio
    from tuicontainer.spec.config import Process
    from tuicontainer.spec.scheduling import MemoryPolicy


class ExecRequest(Record):
    """What to run in the container."""

    process: Process
    """Complete: make it with `exec_template(...).replace(args=…, terminal=…)`."""
    preserve_fds: int = 0
    """How many descriptors after 2 the program keeps."""
    exact_env: bool = False
    """Don't fill in HOME."""
    cgroups: tuple[str, ...] = ()
    """Control groups inside the container's own to start in, as `parse_subgroups` reads them."""
    ignore_paused: bool = False
    """Start in a paused container too, where the program waits until it is resumed."""


class ExecStarted(Record):
    """A process that runs in the container. The caller owns both descriptors and reaps it."""

    pid: int
    pidfd: int
    console: int | None
    """The terminal's master side, if the process has one."""


def exec_template(root: str, container_id: str) -> Process:
    """Return the container's own process record, as a template for an exec.

    Its terminal is off and its inheritable capability set empty (CVE-2022-29162).

    Raises:
        NotFound: no such container.
    """
    check_container_id(container_id)
    with StateFolder.open(root, container_id, locked=False) as folder:
        process = decode_process(Fields(folder.read_config().get("process"), "process"))
    capabilities = process.capabilities
    if capabilities is not None:
        capabilities = capabilities.replace(inheritable=())
    return process.replace(capabilities=capabilities, terminal=False, console_size=None)


def exec_process(
    root: str, container_id: str, request: ExecRequest, stdio: Stdio | None = None
) -> ExecStarted:
    """Start a program in the container's namespaces and control group.

    Returns once the kernel has accepted the program. The new process is the caller's child.

    Args:
        root: the state root.
        container_id: where.
        request: what.
        stdio: what it gets as 0, 1, 2; None for the caller's own. Ignored with a terminal.

    Raises:
        NotFound: no such container, or no such program in it.
        FailedPrecondition: the container isn't `created` or `running`.
        PermissionDenied: the program isn't executable.
    """
    check_container_id(container_id)
    if not request.process.args:
        raise InvalidArgument("process args cannot be empty")
    check_preserved(request.preserve_fds)
    # Whoever waits in a paused container must not keep `resume` out.
    with StateFolder.open(root, container_id, locked=not request.ignore_paused) as folder:
        now = view(folder.read())
        if not (request.ignore_paused and now.status == "paused"):
            check_allowed("exec", now.status, container_id)
        if any(name.startswith("run.oci.") for name in now.instance.annotations):
            request = _with_annotations(request, now)
        filtering = plan_exec_filtering(folder, now, request.process)
        domain, policy = _inherited(folder)
        entered = enter_container(
            now, request, stdio or INHERITED, filtering, personality=domain, memory_policy=policy
        )
    return ExecStarted(pid=entered.pid, pidfd=entered.pidfd, console=entered.console)


def _with_annotations(request: ExecRequest, now: InstanceView) -> ExecRequest:
    """Give the program what crun's annotations ask for each program of the container."""
    from tuicontainer.spec.annotations import KEEP_GROUPS, is_set

    if not is_set(now.instance.annotations, KEEP_GROUPS):
        return request
    user = request.process.user.replace(keep_groups=True)
    return request.replace(process=request.process.replace(user=user))


def plan_exec_filtering(
    folder: StateFolder, now: InstanceView, process: Process
) -> Filtering | None:
    """Return the container's seccomp filter for one more process, or None if it has none.

    Raises:
        TuiContainerError: it can't be prepared.
    """
    document = (folder.read_config().get("linux") or {}).get("seccomp")
    if document is None:
        return None
    from tuicontainer.runtime.process.filtering import plan_filtering
    from tuicontainer.spec.decode_seccomp import decode_seccomp

    return plan_filtering(
        decode_seccomp(Fields(document, "linux.seccomp")),
        process,
        os.path.dirname(folder.path),
        new_user_namespace=bool(differing_namespaces(now.pid) & CLONE_NEWUSER),
        state=now.document(),
    )


def _inherited(folder: StateFolder) -> tuple[str | None, MemoryPolicy | None]:
    """Return execution domain and memory policy, which each process of the container has."""
    linux = folder.read_config().get("linux") or {}
    domain, policy = linux.get("personality"), linux.get("memoryPolicy")
    if domain is None and policy is None:
        return None, None
    from tuicontainer.spec.decode_scheduling import decode_memory_policy, decode_personality

    return (
        None if domain is None else decode_personality(Fields(domain, "linux.personality")),
        None if policy is None else decode_memory_policy(Fields(policy, "linux.memoryPolicy")),
    )


def _attacher(request: ExecRequest, group: Cgroup | None, init: int) -> Callable[[int], None]:
    """Return what puts the new process into the container's group, or one inside it."""
    if not request.cgroups:
        return lambda pid: None if group is None else group.attach(pid, beside=init)
    from tuicontainer.runtime.cgroups.subgroups import (
        attach_to_subgroups,
        parse_subgroups,
        refuse_subgroups,
    )

    paths = parse_subgroups(request.cgroups)
    if group is None:
        refuse_subgroups(paths)
    return lambda pid: None if group is None else attach_to_subgroups(group, pid, paths)


def _with_resctrl(instance: Instance, attach: Callable[[int], None]) -> Callable[[int], None]:
    """Return what puts the new process into the container's class of service too."""
    state = instance.resctrl
    if state is None:
        return attach
    from tuicontainer.runtime.resctrl import ResctrlGroup

    group = ResctrlGroup.from_state(state)

    def attach_both(pid: int) -> None:
        attach(pid)
        group.add(pid)

    return attach_both


def _labels(process: Process) -> tuple[Label, ...]:
    """Return the security labels that a process has to write, tried out."""
    if not process.is_labelled:
        return ()
    from tuicontainer.runtime.process.labels import plan_labels

    return plan_labels(process)


def enter_container(
    now: InstanceView,
    request: ExecRequest,
    stdio: Stdio,
    filtering: Filtering | None,
    *,
    personality: str | None = None,
    memory_policy: MemoryPolicy | None = None,
) -> Entered:
    """Start a program in a container whose lock the caller holds.

    Raises:
        TuiContainerError: as `exec_process`.
    """
    instance = now.instance
    group = cgroup_of(instance)
    pidfd = None if instance.init is None else open_pidfd(instance.init)
    if pidfd is None:
        raise FailedPrecondition("container not running")
    opened = [pidfd]
    try:
        container_root = None
        if instance.shares_mounts:
            # That of the namespace is somebody else's.
            flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
            container_root = os.open(f"/proc/{now.pid}/root", flags)
            opened.append(container_root)
        birthplace, entries = _open_group(request, group, opened)
        job = EnterJob(
            container_id=instance.id,
            pidfd=pidfd,
            root=container_root,
            namespaces=differing_namespaces(now.pid),
            process=request.process,
            stdio=stdio,
            preserve_fds=request.preserve_fds,
            exact_env=request.exact_env,
            filtering=filtering,
            labels=_labels(request.process),
            personality=personality,
            memory_policy=memory_policy,
            birthplace=birthplace,
            entries=entries,
        )
        attach = _has_joined if entries else _attacher(request, group, now.pid)
        return enter(job, _with_resctrl(instance, attach))
    finally:
        for fd in opened:
            os.close(fd)


def _open_group(
    request: ExecRequest, group: Cgroup | None, opened: list[int]
) -> tuple[int | None, tuple[int, ...]]:
    """Return by what the process can join the group itself, added to *opened*; maybe nothing."""
    entries = None if group is None or request.cgroups else group.entries()
    if group is None or entries is None:
        return None, ()
    opened += entries
    birthplace = group.birthplace()
    if birthplace is not None:
        opened.append(birthplace)
    return birthplace, tuple(entries)


def _has_joined(_pid: int) -> None:
    """Do nothing: the process is in the group."""
