"""`restore`: make a container of saved processes, by criu.

criu makes namespaces, mounts and processes itself. It runs in a mount namespace of its own, in
which the root is a mount as it wants it, so nothing of this is ever seen on the host; and in the
container's control group, which what it makes inherits. The first process is our child, as after
a `create`. Sources: criu(8), criu's images/rpc.proto, runc restore.go, libcontainer/criu_linux.go.
"""

from __future__ import annotations

import os
import time

from tuicontainer.errors import InvalidArgument, Unsupported, describe_failure
from tuicontainer.jsontext import loads
from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.files import read_file
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import open_cgroup
from tuicontainer.runtime.checkpoint import (
    DESCRIPTORS,
    EXTERNAL_MOUNTS,
    EXTERNAL_NAMESPACES,
    criu_config,
    open_folder,
)
from tuicontainer.runtime.create import Created, write_pid_file
from tuicontainer.runtime.criu.host_groups import options_kept
from tuicontainer.runtime.criu.mounts import make_points, sources
from tuicontainer.runtime.criu.options import RESTORE, Options, check_mount_key
from tuicontainer.runtime.criu.program import FIRST_PASSED, Criu, failure, find_criu
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.instance import Instance
from tuicontainer.runtime.process.identity import identify
from tuicontainer.runtime.process.launch import end_child
from tuicontainer.runtime.process.namespaces import PROC_NAMES
from tuicontainer.runtime.rollback import Rollback
from tuicontainer.runtime.rootfs.plan import plan_rootfs
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.spec.state import state_document
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.namespaces import CLONE_NEWNS
from tuicontainer.syscalls.signals import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.cgroups.api import Cgroup
    from tuicontainer.runtime.criu.program import Notification
    from tuicontainer.runtime.rootfs.plan import RootfsPlan
    from tuicontainer.spec.config import Config

_LOG = "restore.log"
_PLACE = "criu-root"


class Restore(Record):
    """How to bring back; the flags are criu's."""

    image_path: str
    """Absolute path of the folder with the images."""
    work_path: str | None = None
    """Absolute path of the folder for criu's log; None for the images' folder."""
    cgroup_mode: str = ""
    empty_namespaces: int = 0
    """CLONE_NEW… bits of those that stay empty."""
    lsm_profile: str = ""
    """Another label, as `apparmor:NAME` or `selinux:LABEL`."""
    lsm_mount_context: str = ""
    tcp_established: bool = False
    ext_unix_sk: bool = False
    shell_job: bool = False
    file_locks: bool = False
    lazy_pages: bool = False
    auto_dedup: bool = False


def restore(
    root: str,
    container_id: str,
    request: Restore,
    *,
    bundle: str,
    config: Config,
    cgroup_path: str | None,
    pid_file: str | None = None,
) -> Created:
    """Bring back a container and return once it runs.

    Its standard streams that were pipes become the caller's.

    Args:
        root: the state root.
        container_id: an id that no other container has; needn't be the saved one's.
        request: how.
        bundle: absolute path of the bundle folder.
        config: its configuration, which must be that of the saved container but for sources.
        cgroup_path: from the hierarchies' root; None for none.
        pid_file: gets the first process's pid.

    Raises:
        AlreadyExists: the id is taken.
        Unsupported: criu isn't installed.
        FailedPrecondition: criu failed; says the last that criu said.
        TuiContainerError: anything else; everything made so far has been taken back.
    """
    check_container_id(container_id)
    program = find_criu()
    hierarchies = read_hierarchies()
    group = None if cgroup_path is None else open_cgroup(cgroup_path, hierarchies)
    plan = plan_rootfs(config, bundle=bundle, hierarchies=hierarchies, cgroup_path=cgroup_path)
    restoration = _Restoration(request, config, plan, group)
    try:
        restoration.open_folders()
        restoration.make(root, container_id, bundle)
        with options_kept():
            pid = restoration.run(program)
        restoration.settle(pid, pid_file)
    except BaseException as error:
        while_ = f"restoring container `{container_id}`"
        raise restoration.rollback.run(error, while_=while_) from error
    finally:
        restoration.close()
    return Created(pid=pid, pidfd=os.pidfd_open(pid), console=restoration.console)


class _Restoration:
    """The steps, and what each leaves behind until it is done."""

    def __init__(
        self, request: Restore, config: Config, plan: RootfsPlan, group: Cgroup | None
    ) -> None:
        self.request = request
        self.config = config
        self.plan = plan
        self.group = group
        self.console: int | None = None
        self.rollback = Rollback()
        self._fds: list[int] = []
        self._folder: StateFolder | None = None
        self._instance: Instance | None = None
        self._pid = 0

    @property
    def folder(self) -> StateFolder:
        assert self._folder is not None
        return self._folder

    @property
    def instance(self) -> Instance:
        assert self._instance is not None
        return self._instance

    @property
    def _place(self) -> str:
        return os.path.join(os.path.realpath(self.folder.path), _PLACE)

    def close(self) -> None:
        for fd in self._fds:
            os.close(fd)
        if self._folder is not None:
            self._folder.close()

    def open_folders(self) -> None:
        """Open images and log; first of all, as nothing can be done without."""
        request = self.request
        self.images = open_folder(request.image_path, make=False)
        self._fds.append(self.images)
        self.work = self.images
        if request.work_path is not None:
            self.work = open_folder(request.work_path)
            self._fds.append(self.work)

    def make(self, root: str, container_id: str, bundle: str) -> None:
        """Take the id, and make the control group."""
        config = self.config
        self._instance = Instance(
            id=container_id,
            oci_version=config.oci_version,
            bundle=bundle,
            rootfs=self.plan.root,
            created_ns=time.time_ns(),
            owner=os.geteuid(),
            annotations=config.annotations,
            creator=identify(os.getpid()),
            terminal=config.process is not None and config.process.terminal,
            cgroup=None if self.group is None else self.group.to_state(),
            late_hooks=("poststop",) if config.hooks.poststop else (),
        )
        self._folder = StateFolder.make(root, container_id)
        self.rollback.add("removing the state folder", self._folder.remove)
        self._folder.write(self._instance)
        self._folder.write_config(dict(config.document))
        os.mkdir(_PLACE, 0o700, dir_fd=self._folder.fd)
        self.rollback.add("removing the root's place", self._remove_place)
        if self.group is not None:
            self.group.create()
            self.rollback.add("removing the control group", self._remove_group)

    def run(self, program: str) -> int:
        """Have criu do it; return the first process's pid."""
        self.rollback.add("ending the container's process", self._end)
        joined, passed = self._namespaces()
        criu = Criu(
            program, flags=CLONE_NEWNS, passed=[fd for _, fd in passed], prepare=self._prepare
        )
        try:
            if self.group is not None:
                self.group.limit(self.config.linux.resources)
                self.group.attach(criu.pid)
            options = self._options(joined, passed, _groups_of(criu.pid))
            response = criu.ask(RESTORE, options, self._heed)
        except BaseException:
            criu.kill()
            raise
        status = criu.close()
        answer = None if response is None else response.message(4)
        if answer is None or status:
            raise failure("restore the container", self.work, _LOG)
        self._pid = answer.number(1)
        return self._pid

    def settle(self, pid: int, pid_file: str | None) -> None:
        """Set what waited for criu's end, and say that the container runs."""
        if self.group is not None:
            self.group.limit_memory(self.config.linux.resources)
        if pid_file is not None:
            write_pid_file(pid_file, pid)
            self.rollback.add("removing the pid file", lambda: os.unlink(pid_file))
        self._remove_place()
        init = identify(pid)
        self._instance = self.instance.replace(phase="started", creator=None, init=init)
        self.folder.write(self.instance)

    def _prepare(self) -> list[int]:
        """In criu's process and mount namespace: make the root what it needs.

        That is a mount whose parent isn't hidden, with all mount points that aren't saved.

        Returns:
            Descriptors of images and log, opened there: criu mounts things in the latter's folder.
        """
        host = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        kernel.mount_setattr(host, propagation=kernel.MS_SLAVE, recursive=True)
        os.close(host)
        flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        folder = os.open(self.plan.root, flags)
        make_points(folder, self.plan)
        tree = kernel.open_tree_clone(folder, recursive=True)
        # By path, not from the state folder's descriptor: that leads to the host's mounts.
        place = os.open(self._place, flags)
        kernel.move_mount(tree, place)
        for fd in (folder, tree, place):
            os.close(fd)
        request = self.request
        paths = (request.image_path, request.work_path or request.image_path)
        return [os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) for path in paths]

    def _options(
        self,
        joined: list[tuple[str, str]],
        passed: list[tuple[str, int]],
        groups: list[tuple[str, str]],
    ) -> Options:
        request = self.request
        flags = (
            "tcp_established",
            "ext_unix_sk",
            "shell_job",
            "file_locks",
            "lazy_pages",
            "auto_dedup",
        )
        points = self._read(EXTERNAL_MOUNTS)
        mounts = sources(points, self.plan, self.config.linux.masked_paths)
        streams = enumerate(self._read(DESCRIPTORS)[:3])
        inherited = [(name, fd) for fd, name in streams if name.startswith("pipe:")]
        inherited += [(key, FIRST_PASSED + index) for index, (key, _) in enumerate(passed)]
        return Options(
            images=FIRST_PASSED + len(passed),
            log_file=_LOG,
            work=FIRST_PASSED + len(passed) + 1,
            root=self._place,
            cgroup_mode=request.cgroup_mode,
            cgroup_roots=tuple(groups),
            empty_namespaces=request.empty_namespaces,
            external_mounts=tuple((check_mount_key(key), mounts[key]) for key in mounts),
            inherited=tuple(inherited),
            joined=tuple(joined),
            config_file=criu_config(self.config),
            lsm_profile=request.lsm_profile,
            lsm_mount_context=request.lsm_mount_context,
            evasive_devices=True,
            orphan_pts_master=True,
            restore_as_sibling=True,
            **{name: getattr(request, name) for name in flags},
        )

    def _namespaces(self) -> tuple[list[tuple[str, str]], list[tuple[str, int]]]:
        """Return the namespaces to join by path, and descriptors of those that criu leaves out."""
        joined: list[tuple[str, str]] = []
        passed: list[tuple[str, int]] = []
        for namespace in self.config.linux.namespaces:
            if namespace.path is None:
                continue
            if namespace.type == "cgroup":
                raise Unsupported("criu can't restore a container into a joined cgroup namespace")
            if namespace.type not in EXTERNAL_NAMESPACES:
                joined.append((PROC_NAMES[namespace.type], namespace.path))
                continue
            try:
                fd = os.open(namespace.path, os.O_RDONLY | os.O_CLOEXEC)
            except OSError as error:
                while_ = f"opening the {namespace.type} namespace"
                raise describe_failure(error, while_=while_) from error
            self._fds.append(fd)
            passed.append((EXTERNAL_NAMESPACES[namespace.type][1], fd))
        return joined, passed

    def _read(self, name: str) -> list[str]:
        """Return the list in one of our files of the images."""
        try:
            fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=self.images)
            with open(fd, "rb") as file:
                content = loads(file.read())
        except (OSError, ValueError) as error:
            raise InvalidArgument(
                f"the checkpoint has no readable `{name}`: {error}",
                hint="--image-path must name the folder that `checkpoint` has written",
            ) from error
        if not isinstance(content, list) or not all(isinstance(each, str) for each in content):
            raise InvalidArgument(f"the checkpoint's `{name}` isn't a list of strings")
        return content

    def _heed(self, notification: Notification) -> None:
        if notification.pid:
            self._pid = notification.pid
        if notification.name == "orphan-pts-master":
            self.console = notification.fd
        elif notification.fd is not None:
            os.close(notification.fd)
        if notification.name == "setup-namespaces":
            self._run_hooks(notification.pid)

    def _run_hooks(self, pid: int) -> None:
        hooks, instance = self.config.hooks, self.instance
        if not (hooks.prestart or hooks.create_runtime):
            return
        from tuicontainer.runtime.hooks import run_hooks

        state = state_document(
            container_id=instance.id,
            status="creating",
            pid=pid,
            bundle=instance.bundle,
            annotations=instance.annotations,
            oci_version=instance.oci_version,
        )
        run_hooks(hooks.prestart, "prestart", state, cwd=instance.bundle)
        run_hooks(hooks.create_runtime, "createRuntime", state, cwd=instance.bundle)

    def _end(self) -> None:
        if self.console is not None:
            os.close(self.console)
        if self._pid:
            try:
                pidfd = os.pidfd_open(self._pid)
            except ProcessLookupError:
                return
            end_child(self._pid, pidfd)

    def _remove_place(self) -> None:
        try:
            os.rmdir(_PLACE, dir_fd=self.folder.fd)
        except FileNotFoundError:
            return

    def _remove_group(self) -> None:
        if self.group is not None:
            self.group.kill(SIGKILL)
            self.group.remove()


def _groups_of(pid: int) -> list[tuple[str, str]]:
    """Return controllers and groups of a process, below which criu puts the saved groups."""
    lines = read_file(f"/proc/{pid}/cgroup").splitlines()
    return [(names, path) for _, names, path in (line.split(":", 2) for line in lines)]
