"""`mounts add` and `mounts remove`: other mounts for a container that is there already.

Source: crun mounts.c, crun.1.
"""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition, InvalidArgument, Unsupported, describe_failure
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.process.identity import open_pidfd
from tuicontainer.runtime.process.visit import visit
from tuicontainer.runtime.rootfs.inside import open_inside, split
from tuicontainer.runtime.rootfs.operations import HostOperation
from tuicontainer.runtime.rootfs.options import has_mapping
from tuicontainer.runtime.rootfs.plan_mounts import normalize, plan_mount
from tuicontainer.runtime.rootfs.tree import Tree
from tuicontainer.runtime.view import cgroup_of, view
from tuicontainer.spec.decode_linux import decode_linux
from tuicontainer.spec.fields import Fields
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.syscalls import mount as kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuicontainer.runtime.instance import InstanceView
    from tuicontainer.runtime.rootfs.operations import Operation
    from tuicontainer.spec.config import Mount

_ROOT = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC


def add_mounts(root: str, container_id: str, mounts: Sequence[Mount]) -> None:
    """Mount in listed order; a failure takes those before it away again.

    Args:
        root: the state root.
        container_id: where.
        mounts: what, as in a configuration. Relative bind sources start at the bundle.

    Raises:
        NotFound: no such container, or a bind source is missing.
        FailedPrecondition: it isn't `created` or `running`.
        InvalidArgument: a mount that no configuration may have.
        Unsupported: an id-mapped mount, a procfs, or what no configuration may have here.
    """
    with _Container(root, container_id) as container:
        steps: list[tuple[Operation, int]] = []
        try:
            for index, mount in enumerate(mounts):
                try:
                    steps += [(each, _hold(each)) for each in container.plan(mount)]
                except OSError as error:
                    raise describe_failure(error, while_=f"`mounts[{index}]`") from error
            container.inside(lambda: _add(steps))
        finally:
            for _, held in steps:
                if held >= 0:
                    os.close(held)


def remove_mounts(root: str, container_id: str, mounts: Sequence[Mount]) -> None:
    """Take away the topmost mount at each destination, the last one first.

    Raises:
        NotFound: no such container, or no such place in it.
        FailedPrecondition: it isn't `created` or `running`.
        InvalidArgument: nothing is mounted at a destination.
    """
    destinations = [normalize(mount.destination) for mount in reversed(mounts)]
    if "/" in destinations:
        raise InvalidArgument("the container's root can't be taken away")
    with _Container(root, container_id) as container:
        container.inside(lambda: _remove(destinations))


class _Container:
    """A container that nobody else changes meanwhile."""

    def __init__(self, root: str, container_id: str) -> None:
        check_container_id(container_id)
        self._folder = StateFolder.open(root, container_id)
        try:
            self._now: InstanceView = view(self._folder.read())
            check_allowed("exec", self._now.status, container_id)
            document = self._folder.read_config().get("linux")
            self._linux = decode_linux(Fields(document or {}, "linux"))
        except BaseException:
            self._folder.close()
            raise

    def __enter__(self) -> _Container:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.close()

    def plan(self, mount: Mount) -> list[Operation]:
        """Return the steps of one mount."""
        if normalize(mount.destination) == "/":
            raise Unsupported("nothing can be mounted over the root of a running container")
        if mount.uid_mappings or has_mapping(mount.options):
            raise Unsupported(f"the mount on `{mount.destination}` can't be id-mapped later")
        if mount.type == "proc":
            raise Unsupported(
                f"the mount on `{mount.destination}` would show the wrong processes",
                hint="bind the container's own /proc from inside it",
            )
        group = cgroup_of(self._now.instance)
        return plan_mount(
            mount,
            bundle=self._now.instance.bundle,
            hierarchies=read_hierarchies(),
            cgroup_path=None if group is None else group.path,
            linux=self._linux,
        )

    def inside(self, work: Callable[[], None]) -> None:
        """Do it inside the container."""
        init = self._now.instance.init
        pidfd = None if init is None else open_pidfd(init)
        if pidfd is None:
            raise FailedPrecondition("container not running")
        try:
            visit(self._now.pid, pidfd, work)
        finally:
            os.close(pidfd)


def _hold(step: Operation) -> int:
    """Take hold of what a step shows of the host; -1 if it shows nothing of it."""
    if not isinstance(step, HostOperation):
        return -1
    held = step.hold()
    # What the container mounts below it must not appear on the host.
    kernel.mount_setattr(held, propagation=kernel.MS_PRIVATE, recursive=True)
    return held


def _add(steps: Sequence[tuple[Operation, int]]) -> None:
    tree = Tree(os.open("/", _ROOT))
    mask = os.umask(0)
    done: list[str] = []
    try:
        for step, held in steps:
            try:
                if isinstance(step, HostOperation):
                    step.put(tree, held)
                else:
                    step.apply(tree)
            except OSError as error:
                raise describe_failure(error, while_=step.describe()) from error
            destination = getattr(step, "destination", None)
            if destination is not None:
                done.append(destination)
        for mount in tree.read_only_later:
            kernel.mount_setattr(mount, set_=kernel.MOUNT_ATTR_RDONLY)
    except BaseException:
        for destination in reversed(done):
            _remove_one(tree.root, destination)
        raise
    finally:
        os.umask(mask)
        tree.close()


def _remove(destinations: Sequence[str]) -> None:
    root = os.open("/", _ROOT)
    try:
        for destination in destinations:
            try:
                _remove_one(root, destination)
            except OSError as error:
                what = f"taking away the mount on `{destination}`"
                raise describe_failure(error, while_=what) from error
    finally:
        os.close(root)


def _remove_one(root: int, destination: str) -> None:
    # By its folder, which the container can't exchange any more once we are in it.
    folder, name = split(destination)
    place = open_inside(root, folder, os.O_PATH | os.O_DIRECTORY)
    try:
        os.fchdir(place)
        kernel.umount2(name, kernel.MNT_DETACH | kernel.UMOUNT_NOFOLLOW)
    finally:
        os.close(place)
