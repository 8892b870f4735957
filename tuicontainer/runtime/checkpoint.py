"""`checkpoint`: save a running container's processes as files, by criu.

The images get two files of ours beside criu's: `descriptors.json`, what the first process's
standard streams are (as runc writes it, for engines that move images), and `external-mounts.json`,
the mount points that show the host's file systems. Sources: criu(8), criu's images/rpc.proto, runc
checkpoint.go and libcontainer/criu_linux.go.
"""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition, InvalidArgument, Unsupported, describe_failure
from tuicontainer.jsontext import dumps
from tuicontainer.record import Record
from tuicontainer.runtime.criu.host_groups import options_kept
from tuicontainer.runtime.criu.mounts import external_points, mounts_of
from tuicontainer.runtime.criu.options import (
    CONFIG,
    CONFIG_ANNOTATION,
    DUMP,
    PRE_DUMP,
    Options,
    check_mount_key,
)
from tuicontainer.runtime.criu.program import FIRST_PASSED, Criu, failure, find_criu, has_iptables
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.lifecycle import check_allowed
from tuicontainer.runtime.view import cgroup_of, view
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.identifiers import check_container_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.runtime.criu.program import Notification
    from tuicontainer.runtime.instance import InstanceView
    from tuicontainer.spec.config import Config

DESCRIPTORS = "descriptors.json"
EXTERNAL_MOUNTS = "external-mounts.json"
EXTERNAL_NAMESPACES = {"network": ("net", "extRootNetNS"), "pid": ("pid", "extRootPidNS")}
"""Types that criu can leave to others: its name for them and ours for the one in the image."""
_LOG = "dump.log"


class Checkpoint(Record):
    """How to save; the flags are criu's."""

    image_path: str
    """Absolute path of the folder for the images; made if missing."""
    work_path: str | None = None
    """The same for criu's log; None for the images' folder."""
    parent_path: str = ""
    """Earlier images, from the new ones' folder."""
    page_server: tuple[str, int] | None = None
    """Address and port of who takes the memory's pages."""
    cgroup_mode: str = ""
    empty_namespaces: int = 0
    """CLONE_NEW… bits of those whose content is left out."""
    status_fd: int | None = None
    """Gets a NUL byte when lazy pages can be asked for."""
    pre_dump: bool = False
    """Only memory; the container goes on."""
    leave_running: bool = False
    tcp_established: bool = False
    tcp_skip_in_flight: bool = False
    link_remap: bool = False
    ext_unix_sk: bool = False
    shell_job: bool = False
    file_locks: bool = False
    lazy_pages: bool = False
    auto_dedup: bool = False


def checkpoint(root: str, container_id: str, request: Checkpoint) -> None:
    """Save a container. Unless told otherwise, its processes end by that; `delete` cleans up.

    Args:
        root: the state root.
        container_id: whose.
        request: how.

    Raises:
        NotFound: no such container.
        Unsupported: criu isn't installed.
        InvalidArgument: the parent's path isn't one from the images.
        FailedPrecondition: the container isn't running, or criu failed; says the last that criu
            said.
    """
    check_container_id(container_id)
    program = find_criu()
    with StateFolder.open(root, container_id) as folder:
        now = view(folder.read())
        check_allowed("checkpoint", now.status, container_id)
        config = decode_config(folder.read_config())
        _check_parent(request)
        images = open_folder(request.image_path)
        work = images if request.work_path is None else open_folder(request.work_path)
        try:
            options = _options(request, now, config)
            if not request.pre_dump:
                _write_ours(images, now, options)
            with options_kept():
                _dump(program, request, options, images, work)
        finally:
            for fd in {images, work}:
                os.close(fd)


def open_folder(path: str, *, make: bool = True) -> int:
    """Open a folder of images or logs, made if missing (0700: images hold the memory).

    Raises:
        TuiContainerError: it can't be.
    """
    try:
        if make:
            os.makedirs(path, 0o700, exist_ok=True)
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise describe_failure(error, while_="opening the checkpoint's folder") from error


def criu_config(config: Config) -> str:
    """Return the path of criu's own settings for this container, as runc chooses it."""
    return config.annotations.get(CONFIG_ANNOTATION, CONFIG)


def _check_parent(request: Checkpoint) -> None:
    if not request.parent_path:
        return
    if os.path.isabs(request.parent_path):
        raise InvalidArgument("--parent-path must be relative", hint="it starts at the image path")
    # The images' own folder may not be there yet.
    if not os.path.isdir(os.path.normpath(f"{request.image_path}/{request.parent_path}")):
        raise InvalidArgument(f"--parent-path: no folder `{request.parent_path}` from the images")


def _options(request: Checkpoint, now: InstanceView, config: Config) -> Options:
    flags = (
        "leave_running",
        "tcp_established",
        "tcp_skip_in_flight",
        "link_remap",
        "ext_unix_sk",
        "shell_job",
        "file_locks",
        "lazy_pages",
        "auto_dedup",
    )
    mounts: tuple[tuple[str, str], ...] = ()
    if not request.pre_dump:
        own = config.linux.namespace("cgroup") is not None
        points = external_points(mounts_of(now.pid), mounts_of("self"), cgroup_namespace=own)
        mounts = tuple((check_mount_key(point), point) for point in points)
    return Options(
        images=FIRST_PASSED,
        log_file=_LOG,
        root=now.instance.rootfs,
        pid=now.pid,
        work=FIRST_PASSED + 1,
        parent_images=request.parent_path,
        page_server=request.page_server,
        cgroup_mode=request.cgroup_mode,
        empty_namespaces=request.empty_namespaces,
        freeze_cgroup=_freezer(now),
        external_mounts=mounts,
        lock_by_nftables=not has_iptables(),
        external=tuple(_external_namespaces(config)),
        config_file=criu_config(config),
        orphan_pts_master=True,
        **{name: getattr(request, name) for name in flags},
    )


def _external_namespaces(config: Config) -> Iterator[str]:
    """Name the namespaces that were joined by path, which somebody else keeps."""
    for namespace in config.linux.namespaces:
        if namespace.path is None:
            continue
        if namespace.type not in EXTERNAL_NAMESPACES:
            if namespace.type == "cgroup":
                raise Unsupported("criu can't save a container in a joined cgroup namespace")
            continue
        kind, key = EXTERNAL_NAMESPACES[namespace.type]
        try:
            inode = os.stat(namespace.path).st_ino
        except OSError as error:
            while_ = f"looking at the {namespace.type} namespace"
            raise describe_failure(error, while_=while_) from error
        yield f"{kind}[{inode}]:{key}"


def _freezer(now: InstanceView) -> str:
    """Return the folder by which all processes are stopped at once, or nothing: one by one."""
    group = cgroup_of(now.instance)
    if group is None or now.instance.cgroup is None:
        return ""
    for mount in now.instance.cgroup["hierarchies"]:
        if group.mode == "v2" or "freezer" in mount["controllers"]:
            return str(mount["mountpoint"]) + group.path
    return ""


def _write_ours(images: int, now: InstanceView, options: Options) -> None:
    streams = []
    for fd in range(3):
        try:
            streams.append(os.readlink(f"/proc/{now.pid}/fd/{fd}"))
        except FileNotFoundError:
            streams.append("")
        except OSError as error:
            raise FailedPrecondition("container not running", errno=error.errno) from error
    points = [key for key, _ in options.external_mounts]
    for name, content in ((DESCRIPTORS, streams), (EXTERNAL_MOUNTS, points)):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        with open(os.open(name, flags, 0o600, dir_fd=images), "w", encoding="utf-8") as file:
            file.write(dumps(content))


def _dump(program: str, request: Checkpoint, options: Options, images: int, work: int) -> None:
    criu = Criu(program, passed=(images, work))

    def heed(notification: Notification) -> None:
        if notification.fd is not None:
            os.close(notification.fd)
        if notification.name == "status-ready" and request.status_fd is not None:
            os.write(request.status_fd, b"\0")
            os.close(request.status_fd)

    try:
        response = criu.ask(PRE_DUMP if request.pre_dump else DUMP, options, heed)
    except BaseException:
        criu.kill()
        raise
    status = criu.close()
    # After a pre-dump criu waits for the next request; that none comes is a failure to it.
    if response is None or (status and not request.pre_dump):
        raise failure("save the container", work, _LOG)
