"""`checkpoint [options] ID`: save a container's processes by criu."""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.checkpoint import Checkpoint, checkpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation

FOLDER = "checkpoint"
"""In the working folder, where no `--image-path` is given."""
_EMPTY_NAMESPACES = {"network": 0x40000000}
_PORTS = range(1, 65536)


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Save it; unless it goes on, delete it then, as runc does."""
    root, container_id = invocation.root, parsed.words[0]
    if parsed.switch("lazy-pages") and parsed.text("page-server") is None:
        raise InvalidArgument("--lazy-pages needs --page-server: who asks for pages must reach it")
    request = Checkpoint(
        image_path=os.path.abspath(parsed.text("image-path") or FOLDER),
        work_path=absolute(parsed, "work-path"),
        parent_path=parsed.text("parent-path") or "",
        page_server=_page_server(parsed.text("page-server")),
        cgroup_mode=parsed.text("manage-cgroups-mode") or "",
        empty_namespaces=empty_namespaces(parsed),
        status_fd=_status_fd(parsed),
        pre_dump=parsed.switch("pre-dump"),
        leave_running=parsed.switch("leave-running"),
        tcp_established=parsed.switch("tcp-established"),
        tcp_skip_in_flight=parsed.switch("tcp-skip-in-flight"),
        link_remap=parsed.switch("link-remap"),
        ext_unix_sk=parsed.switch("ext-unix-sk"),
        shell_job=parsed.switch("shell-job"),
        file_locks=parsed.switch("file-locks"),
        lazy_pages=parsed.switch("lazy-pages"),
        auto_dedup=parsed.switch("auto-dedup"),
    )
    checkpoint(root, container_id, request)
    if not (request.leave_running or request.pre_dump):
        from tuicontainer.runtime.delete import delete

        for warning in delete(root, container_id, force=True):
            invocation.messages.warning(warning)
    return 0


def absolute(parsed: Parsed, flag: str) -> str | None:
    """Return the path that a flag names, from the working folder."""
    path = parsed.text(flag)
    return None if path is None else os.path.abspath(path)


def empty_namespaces(parsed: Parsed) -> int:
    """Return the CLONE_NEW… bits of `--empty-ns`.

    Raises:
        InvalidArgument: it isn't `network`.
    """
    bits = 0
    for name in parsed.texts("empty-ns"):
        if name not in _EMPTY_NAMESPACES:
            raise InvalidArgument(f"namespace {name} is not supported", hint="only `network` is")
        bits |= _EMPTY_NAMESPACES[name]
    return bits


def _page_server(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    address, colon, port = text.rpartition(":")
    if not (colon and address and port.isdecimal() and int(port) in _PORTS):
        raise InvalidArgument("Use --page-server ADDRESS:PORT to specify page server")
    return address, int(port)


def _status_fd(parsed: Parsed) -> int | None:
    text = parsed.text("status-fd")
    if text is None or text == "-1":
        return None
    import fcntl

    try:
        mode = fcntl.fcntl(int(text), fcntl.F_GETFL) & os.O_ACCMODE
    except (ValueError, OSError) as error:
        raise InvalidArgument(f"invalid --status-fd argument {text}: {error}") from error
    if mode == os.O_RDONLY:
        raise InvalidArgument(f"invalid --status-fd argument {text}: not writable")
    return int(text)
