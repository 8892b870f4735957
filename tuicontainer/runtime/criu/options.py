"""What criu is asked for: one record for saving and bringing back, and its encoding.

Field numbers are those of `criu_opts` in criu's images/rpc.proto.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record
from tuicontainer.runtime.criu.wire import number, text

DUMP, RESTORE, PRE_DUMP, NOTIFY = 1, 2, 4, 6
"""Kinds of requests and responses."""

CGROUP_MODES = {"": 6, "ignore": 0, "soft": 3, "full": 4, "strict": 5}
"""What criu does to control groups; empty: what it does by default."""

LOG_LEVEL = 4
_NFTABLES = 2
CONFIG = "/etc/criu/runc.conf"
"""criu's own settings for containers; it may be missing."""
CONFIG_ANNOTATION = "org.criu.config"
"""Names another file; none if it is empty."""

_FLAGS = {
    "leave_running": 3,
    "ext_unix_sk": 4,
    "tcp_established": 5,
    "evasive_devices": 6,
    "shell_job": 7,
    "file_locks": 8,
    "auto_dedup": 16,
    "link_remap": 18,
    "restore_as_sibling": 26,
    "tcp_skip_in_flight": 46,
    "lazy_pages": 48,
    "orphan_pts_master": 50,
}


class Options(Record):
    """A request's options; fields of criu's that are set in one way only aren't here."""

    images: int
    """Descriptor of criu's of the folder of images."""
    log_file: str
    """Name of criu's log in `work`, or in `images`."""
    root: str
    """The container's root file system."""
    pid: int = 0
    """The tree's first process; 0 when it is brought back."""
    work: int | None = None
    """Descriptor of criu's of the folder of the log."""
    parent_images: str = ""
    """Path of earlier images, from those; memory is tracked then."""
    page_server: tuple[str, int] | None = None
    """Address and port of who takes the memory's pages."""
    cgroup_mode: str = ""
    """One of CGROUP_MODES."""
    cgroup_roots: tuple[tuple[str, str], ...] = ()
    """Controllers and the groups that the processes' groups are put below."""
    freeze_cgroup: str = ""
    """Folder of the group that is frozen meanwhile."""
    empty_namespaces: int = 0
    """CLONE_NEW… bits of those whose content is left out."""
    external_mounts: tuple[tuple[str, str], ...] = ()
    """Mount points in the container with what is there: a host path at restore."""
    external: tuple[str, ...] = ()
    lock_by_nftables: bool = False
    """Keep packets away meanwhile by nftables, not iptables; noted in the images."""
    inherited: tuple[tuple[str, int], ...] = ()
    """What the descriptors of criu's stand for."""
    joined: tuple[tuple[str, str], ...] = ()
    """Kinds and paths of namespaces that are entered at restore."""
    config_file: str = CONFIG
    lsm_profile: str = ""
    lsm_mount_context: str = ""
    leave_running: bool = False
    ext_unix_sk: bool = False
    tcp_established: bool = False
    evasive_devices: bool = False
    shell_job: bool = False
    file_locks: bool = False
    auto_dedup: bool = False
    link_remap: bool = False
    restore_as_sibling: bool = False
    tcp_skip_in_flight: bool = False
    lazy_pages: bool = False
    orphan_pts_master: bool = False


def encode_request(kind: int, options: Options) -> bytes:
    """Return the message `criu_req`.

    Raises:
        InvalidArgument: an unknown control group mode, or a mount point that criu would take for
            another one.
    """
    return number(1, kind) + text(2, _encode_options(options))


def encode_reply() -> bytes:
    """Return the message that lets criu go on after a notification."""
    return number(1, NOTIFY) + number(3, 1)


def _encode_options(options: Options) -> bytes:
    if options.cgroup_mode not in CGROUP_MODES:
        raise InvalidArgument(
            f"invalid manage-cgroups-mode value `{options.cgroup_mode}`",
            hint="one of soft, full, strict, ignore",
        )
    parts = [number(1, options.images), number(9, LOG_LEVEL), text(10, options.log_file)]
    parts += [text(13, options.root), number(12, 1), number(24, 1)]
    parts += [number(34, CGROUP_MODES[options.cgroup_mode])]
    if options.pid:
        parts.append(number(2, options.pid))
    if options.work is not None:
        parts.append(number(17, options.work))
    if options.parent_images:
        parts += [text(14, options.parent_images), number(15, 1)]
    if options.page_server is not None:
        address, port = options.page_server
        parts.append(text(11, text(1, address) + number(2, port)))
    if options.lock_by_nftables:
        parts.append(number(64, _NFTABLES))
    if options.empty_namespaces:
        parts.append(number(38, options.empty_namespaces))
    parts += [text(field, value) for field, value in _texts(options) if value]
    parts += [number(field, 1) for name, field in _FLAGS.items() if getattr(options, name)]
    for key, value in options.external_mounts:
        parts.append(text(23, text(1, check_mount_key(key)) + text(2, value)))
    parts += [text(25, text(1, name) + text(2, path)) for name, path in options.cgroup_roots]
    parts += [text(27, text(1, key) + number(2, fd)) for key, fd in options.inherited]
    parts += [text(37, each) for each in options.external]
    parts += [text(39, text(1, kind) + text(2, path)) for kind, path in options.joined]
    return b"".join(parts)


def _texts(options: Options) -> tuple[tuple[int, str], ...]:
    return (
        (44, options.freeze_cgroup),
        (51, options.config_file),
        (53, options.lsm_profile),
        (63, options.lsm_mount_context),
    )


def check_mount_key(point: str) -> str:
    """Return a mount point that criu can be told of.

    It writes key and value into one text, `mnt[KEY]:VALUE`, and parses that again: a `]` in the
    key would let an image choose the folder of the host that is mounted (CVE-2026-119101,
    CVE-2026-115520, CVE-2026-119614).

    Raises:
        InvalidArgument: it has such a character.
    """
    if any(each in "[]\n\0" for each in point):
        raise InvalidArgument(
            f"mount point `{ascii(point)[1:-1]}` can't be saved or brought back: criu would take "
            "it for another one",
            hint="use no `[`, `]` or newline in the names of mount points",
        )
    return point
