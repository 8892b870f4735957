"""`create`: everything up to a process that waits to become the container's program.

Each thing made adds its removal to a list, which a failure works through backwards, so that a
failing create leaves the host as it was (runtime.md#errors).
"""

from __future__ import annotations

import os
import time

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import open_cgroup
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.instance import Instance
from tuicontainer.runtime.process.capabilities import capability_warnings
from tuicontainer.runtime.process.descriptors import check_preserved
from tuicontainer.runtime.process.gate import make_gate
from tuicontainer.runtime.process.identity import identify
from tuicontainer.runtime.process.init import InitJob
from tuicontainer.runtime.process.launch import Launch
from tuicontainer.runtime.process.namespaces import plan_namespaces
from tuicontainer.runtime.process.stdio import INHERITED
from tuicontainer.runtime.process.waiter import open_waiter
from tuicontainer.runtime.rollback import Rollback
from tuicontainer.runtime.rootfs.plan import plan_rootfs
from tuicontainer.runtime.rootless import (
    can_group,
    check_unprivileged,
    is_rootless,
    refuse_limits,
)
from tuicontainer.runtime.timeline import Timeline
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.spec.state import state_document
from tuicontainer.syscalls.libc import machine
from tuicontainer.syscalls.signals import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.cgroups.hierarchies import Hierarchies
    from tuicontainer.runtime.cgroups.systemd.units import Unit
    from tuicontainer.runtime.process.filtering import Filtering
    from tuicontainer.runtime.process.labels import Label
    from tuicontainer.runtime.process.launch import Launched
    from tuicontainer.runtime.process.stdio import Stdio
    from tuicontainer.runtime.resctrl import ResctrlGroup
    from tuicontainer.spec.config import Config


_NO_DELEGATION = (
    "no control group is delegated to this user here: leave the limits out, or start in a "
    "delegated one (`systemd-run --user --scope -p Delegate=yes …`, cgroup v2)"
)


class Created(Record):
    """A container that waits for `start`. The caller owns both descriptors."""

    pid: int
    """Of the init, a child of the caller, which reaps it."""
    pidfd: int
    console: int | None
    """The terminal's master side, if `process.terminal` is set."""
    warnings: tuple[str, ...] = ()
    """What the configuration asks for and can't have, where that is no error."""


def create(
    root: str,
    container_id: str,
    *,
    bundle: str,
    config: Config,
    stdio: Stdio | None,
    cgroup_path: str | None,
    unit: Unit | None = None,
    rootless: bool | None = None,
    timeline: Timeline | None = None,
    preserve_fds: int = 0,
    pid_file: str | None = None,
    new_keyring: bool = True,
    no_pivot: bool = False,
    state_folders: Sequence[str] = (),
    meanwhile: Callable[[], object] | None = None,
) -> Created:
    """Make the container and return once its init waits for `start`.

    Args:
        root: the state root; made if missing.
        container_id: an id that no other container of this root has.
        bundle: absolute path of the bundle folder.
        config: its checked configuration. A snapshot of `config.document` is kept, so that later
            edits of the file don't matter (runtime.md#lifecycle).
        stdio: what the program gets as 0, 1, 2; None for the caller's own. Ignored where the
            configuration asks for a terminal.
        cgroup_path: from the hierarchies' root (see `container_cgroup_path`); None for none.
        rootless: do without the group if nobody delegated one to us and nothing is limited; None
            for: unless we are the host's root.
        unit: the unit of systemd's that makes the control group, instead of *cgroup_path*.
        timeline: takes the steps' times.
        preserve_fds: how many descriptors after 2 the program keeps.
        pid_file: gets the init's pid, written before this returns.
        new_keyring: give the container a session keyring of its own.
        no_pivot: move the root instead of pivoting, for hosts whose root is the initramfs.
        state_folders: names of folders to make in the state folder, which mounts of *config* may
            have as their source.
        meanwhile: called once while the init works, for what the caller can prepare by then.

    Raises:
        AlreadyExists: the id is taken.
        TuiContainerError: anything else; everything made so far has been taken back, and where
            that failed as well the message says both.
    """
    check_container_id(container_id)
    if config.linux.namespace("user") is not None:
        from tuicontainer.runtime.process.identity_maps import with_own_ids

        config = config.replace(linux=with_own_ids(config.linux))
    if config.process is None:
        raise InvalidArgument("`process` is missing in the configuration: nothing to start")
    check_preserved(preserve_fds)
    if config.linux.sysctl:
        from tuicontainer.runtime.process.sysctl import refuse_shared_parameters

        refuse_shared_parameters(config.linux)
    if config.linux.net_devices:
        from tuicontainer.spec.network_devices import check_network_namespace

        check_network_namespace(config.linux)
    if os.geteuid() != 0:
        check_unprivileged(config)
    labels = _labels(config)
    hierarchies = read_hierarchies()
    forgive = is_rootless() if rootless is None else rootless
    if cgroup_path is not None and forgive and not can_group(cgroup_path, hierarchies):
        refuse_limits(config.linux.resources, hint=_NO_DELEGATION)
        cgroup_path = None
    group = _open_group(cgroup_path, unit, hierarchies, config)
    rootfs = plan_rootfs(
        config,
        bundle=bundle,
        hierarchies=hierarchies,
        cgroup_path=None if group is None else group.path,
        no_pivot=no_pivot,
    )
    instance = Instance(
        id=container_id,
        oci_version=config.oci_version,
        bundle=bundle,
        rootfs=rootfs.root,
        created_ns=time.time_ns(),
        owner=os.geteuid(),
        annotations=config.annotations,
        creator=identify(os.getpid()),
        terminal=config.process.terminal,
        shares_mounts=config.linux.shares_mounts,
        cgroup=None if group is None else group.to_state(),
        late_hooks=_late_hooks(config),
    )
    namespaces = plan_namespaces(config.linux)
    timeline = timeline or Timeline()
    timeline.mark("plan")
    creation = _Creation(instance, config, group, timeline)
    try:
        creation.make_folder(root, state_folders)
        gate, result = creation.make_gate()
        filtering = creation.plan_filtering(root)
        confinement = None if filtering is None else filtering.confinement()
        if labels:
            from tuicontainer.runtime.process.labelling import with_labels

            confinement = with_labels(confinement, labels, 5 + preserve_fds)
        timeline.mark("seccomp filter" if filtering is not None else "gate")
        waiter = creation.own(
            open_waiter(machine(), 3 + preserve_fds, 4 + preserve_fds, confinement)
        )
        job = InitJob(
            container_id=container_id,
            bundle=bundle,
            config=config,
            process=config.process,
            rootfs=rootfs,
            namespaces=namespaces,
            stdio=stdio or INHERITED,
            gate=gate,
            result=result,
            waiter=waiter,
            preserve_fds=preserve_fds,
            new_keyring=new_keyring,
            state=creation.state_for_hooks(),
            group=group,
            filtering=filtering,
            labels=labels,
            mount_namespace=creation.own(_open_mount_namespace(config)),
            privileged=os.geteuid() == 0,
        )
        launched = creation.launch(job, meanwhile)
        creation.settle(launched, pid_file)
    except BaseException as error:
        timeline.mark("what failed")
        failure = creation.rollback.run(error, while_=f"creating container `{container_id}`")
        timeline.mark("undo")
        raise failure from error
    finally:
        creation.close()
    return Created(
        pid=launched.pid,
        pidfd=launched.pidfd,
        console=launched.console,
        warnings=capability_warnings(
            config.process.capabilities, bounded=config.linux.namespace("user") is None
        ),
    )


class _Creation:
    """The steps that leave something behind, each with its removal."""

    def __init__(
        self, instance: Instance, config: Config, group: Cgroup | None, timeline: Timeline
    ) -> None:
        self.instance = instance
        self.config = config
        self.group = group
        self.timeline = timeline
        self.rollback = Rollback()
        self._folder: StateFolder | None = None
        self._fds: list[int] = []
        self._cloned = False

    @property
    def folder(self) -> StateFolder:
        assert self._folder is not None
        return self._folder

    def own(self, fd: int | None) -> int | None:
        """Close this descriptor in the end."""
        if fd is not None:
            self._fds.append(fd)
        return fd

    def close(self) -> None:
        """Close everything that was needed only here."""
        for fd in self._fds:
            os.close(fd)
        if self._folder is not None:
            self._folder.close()

    def state_for_hooks(self) -> dict[str, object]:
        """Return the state document; whoever runs the hook fills in the pid.

        It says `created` although `create` goes on: the status `creating` ends where the
        environment is there, which is before the hooks (runtime.md#lifecycle, steps 2 and 3).
        """
        return state_document(
            container_id=self.instance.id,
            status="created",
            pid=0,
            bundle=self.instance.bundle,
            annotations=self.instance.annotations,
            oci_version=self.instance.oci_version,
        )

    def make_folder(self, root: str, state_folders: Sequence[str]) -> None:
        """Take the id."""
        self._folder = StateFolder.make(root, self.instance.id)
        self.rollback.add("running poststop hooks", self._run_poststop)
        self.rollback.add("removing the state folder", self._folder.remove)
        self._folder.write(self.instance)
        self._folder.write_config(dict(self.config.document))
        for name in state_folders:
            self._folder.make_folder(name)
        self.timeline.mark("state folder")

    def make_gate(self) -> tuple[int, int]:
        """Make the FIFOs the init waits at."""
        gate, result = make_gate(self.folder.fd)
        self._fds += [gate, result]
        return gate, result

    def plan_filtering(self, root: str) -> Filtering | None:
        """Prepare the seccomp filter, if there is one."""
        seccomp, process = self.config.linux.seccomp, self.config.process
        if seccomp is None or process is None:
            return None
        from tuicontainer.runtime.process.filtering import plan_filtering

        return plan_filtering(
            seccomp,
            process,
            root,
            new_user_namespace=self.config.linux.namespace("user") is not None,
            state={**self.state_for_hooks(), "status": "creating"},
        )

    def launch(self, job: InitJob, meanwhile: Callable[[], object] | None) -> Launched:
        """Make the init and see it through to the waiter."""
        birthplace = self._make_group()
        resctrl = self._make_resctrl()
        launch = Launch(job, self.timeline)
        self.rollback.add("ending the container's process", launch.abandon)
        launch.clone(birthplace)
        self._cloned = True
        self.instance = self.instance.replace(init=identify(launch.pid))
        if self.config.hooks != type(self.config.hooks)():
            # A hook may ask for the state.
            self.folder.write(self.instance)
        if self.config.linux.net_devices:
            self._move_network_devices(launch.pid)
        if resctrl is not None:
            resctrl.add(launch.pid)
        # While the init looks for its files.
        if self.group is not None:
            self.group.limit(self.config.linux.resources)
            if not self.group.joinable:
                self.group.attach(launch.pid)
            self._delegate(self.group)
            self.timeline.mark("limits")
        launch.proceed()
        if meanwhile is not None:
            meanwhile()
        return launch.finish()

    def settle(self, launched: Launched, pid_file: str | None) -> None:
        """Set what waited for the waiter, and make the container `created`."""
        if self.group is not None:
            # Only now: before, the interpreter's pages would have been charged to the container.
            self.group.limit_memory(self.config.linux.resources)
            self.timeline.mark("memory limit")
        if pid_file is not None:
            write_pid_file(pid_file, launched.pid)
            self.rollback.add("removing the pid file", lambda: os.unlink(pid_file))
        self.instance = self.instance.replace(phase="created", creator=None)
        self.folder.write(self.instance)
        self.timeline.mark("state")

    def _make_group(self) -> int | None:
        """Make the control group and return the descriptor to be born by."""
        group = self.group
        if group is None:
            return None
        group.create()
        self.rollback.add("removing the control group", self._remove_group)
        birthplace = self.own(group.birthplace())
        self.timeline.mark("cgroup")
        return birthplace

    def _move_network_devices(self, pid: int) -> None:
        from tuicontainer.runtime.network_devices import NetworkDevices

        devices = NetworkDevices(pid)
        self._fds += devices.fds
        self.rollback.add("bringing network interfaces back", devices.take_back)
        devices.move(self.config.linux.net_devices)
        self.timeline.mark("network devices")

    def _make_resctrl(self) -> ResctrlGroup | None:
        """Make or find the class of service, if the configuration asks for one."""
        rdt = self.config.linux.intel_rdt
        if rdt is None:
            return None
        from tuicontainer.runtime.resctrl import find_resctrl, make_group

        group = make_group(rdt, self.instance.id, find_resctrl())
        self.rollback.add("removing the class of service", group.remove)
        self.instance = self.instance.replace(resctrl=group.to_state())
        self.folder.write(self.instance)
        return group

    def _delegate(self, group: Cgroup) -> None:
        """Hand the group to the container's user, if the container can manage it."""
        if group.mode != "v2" or self.config.linux.namespace("cgroup") is None:
            return
        from tuicontainer.runtime.cgroups.v2.delegation import group_owner

        owner = group_owner(self.config)
        if owner is not None:
            group.delegate(owner)

    def _remove_group(self) -> None:
        if self.group is not None:
            self.group.kill(SIGKILL)
            self.group.remove()

    def _run_poststop(self) -> None:
        """Go on with the last steps of the lifecycle, as runtime.md#lifecycle demands."""
        hooks = self.config.hooks.poststop
        if not self._cloned or not hooks:
            return
        from tuicontainer.runtime.hooks import run_remaining_hooks

        state = {**self.state_for_hooks(), "status": "stopped"}
        ran = self.timeline.hooks.append
        run_remaining_hooks(hooks, "poststop", state, cwd=self.instance.bundle, ran=ran)


def write_pid_file(path: str, pid: int) -> None:
    """Write a pid so that readers see either nothing or all of it.

    Raises:
        OSError: the file can't be written.
    """
    new = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        os.write(fd, b"%d" % pid)
    finally:
        os.close(fd)
    os.rename(new, path)


def _open_group(
    path: str | None, unit: Unit | None, hierarchies: Hierarchies, config: Config
) -> Cgroup | None:
    if unit is not None:
        # Imported only here: a container of systemd's is the exception.
        from tuicontainer.runtime.cgroups.systemd.open import open_unit

        return open_unit(unit, hierarchies, annotations=config.annotations)
    return None if path is None else open_cgroup(path, hierarchies)


def _open_mount_namespace(config: Config) -> int | None:
    """Open the mount namespace that the container shares, if it does."""
    if not config.linux.shares_mounts:
        return None
    from tuicontainer.runtime.process.shared_mounts import open_mount_namespace

    return open_mount_namespace(config.linux)


def _labels(config: Config) -> tuple[Label, ...]:
    """Return what the program's process has to write to get its security labels."""
    if config.linux.mount_label is not None:
        from tuicontainer.runtime.process.labels import require_selinux

        require_selinux("linux.mountLabel", config.linux.mount_label)
    if config.process is None or not config.process.is_labelled:
        return ()
    from tuicontainer.runtime.process.labels import plan_labels

    return plan_labels(config.process)


def _late_hooks(config: Config) -> tuple[str, ...]:
    names = ("start_container", "poststart", "poststop")
    return tuple(name for name in names if getattr(config.hooks, name))
