"""Assembles shipped bundles in the data root.

    <data root>/shipped/
        lock                        held while something is assembled
        <name>/                     the bundle that containers are made from
            config.json             names the root filesystem of the newest version
            versions/<version>/     never changed once it is there
                rootfs/
            <shared folders>

A version is built aside and renamed into place, then config.json is replaced: a reader sees the
old bundle or the new one, both whole. Older versions stay, because containers that were made from
them run in them and can be started again; each is a few small files.
"""

from __future__ import annotations

import contextlib
import fcntl
import os

from tuicontainer.bundles.load import CONFIG
from tuicontainer.bundles.plan_assembly import VERSIONS, plan_assembly
from tuicontainer.errors import describe_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.bundles.plan_assembly import Assembly, Contents
    from tuicontainer.locations import Locations

_LOCK = "lock"
_BUILDING = ".building"


def shipped_root(locations: Locations) -> str:
    """Return the folder in which shipped bundles are assembled."""
    return os.path.join(locations.data_root, "shipped")


def assemble(source: str, locations: Locations, *, host: str = "/") -> str:
    """Make the assembled form of a shipped bundle if it isn't there, and return its folder.

    Takes a few milliseconds the first time and reads a handful of files later. Several processes
    may do it at once.

    Args:
        source: the shipped bundle.
        locations: whose data root to use.
        host: the root of the system whose programs the bundle uses.

    Raises:
        PermissionDenied: the data root can't be written.
        TuiContainerError: the shipped bundle is broken, or the disk is full.
    """
    name = os.path.basename(os.path.normpath(source))
    root = shipped_root(locations)
    assembly = plan_assembly(source, os.path.join(root, name), host=host)
    if not _is_ready(assembly):
        try:
            os.makedirs(root, mode=0o700, exist_ok=True)
            with _locked(root):
                if not _is_ready(assembly):
                    _build(assembly)
        except OSError as error:
            raise describe_failure(error, while_=f"assembling bundle `{name}`") from error
    return assembly.folder


def _is_ready(assembly: Assembly) -> bool:
    try:
        with open(os.path.join(assembly.folder, CONFIG), "rb") as file:
            current = file.read()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise describe_failure(error, while_=f"looking at `{assembly.folder}`") from error
    return current == assembly.config and os.path.isdir(assembly.version_folder)


@contextlib.contextmanager
def _locked(root: str) -> Iterator[None]:
    fd = os.open(os.path.join(root, _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _build(assembly: Assembly) -> None:
    root, name = os.path.split(assembly.folder)
    _make_folder(root, f"{name}/{VERSIONS}")
    for name in assembly.shared:
        _make_folder(assembly.folder, name)
    if not os.path.isdir(assembly.version_folder):
        # We hold the lock: what lies there was left by a builder that died.
        building = os.path.join(assembly.folder, VERSIONS, _BUILDING)
        remove_tree(building)
        _make_folder(assembly.folder, f"{VERSIONS}/{_BUILDING}")
        fill(building, assembly)
        os.rename(building, assembly.version_folder)
    config = os.path.join(assembly.folder, CONFIG)
    write_durably(f"{config}.new", assembly.config, 0o644)
    os.rename(f"{config}.new", config)


def fill(folder: str, contents: Contents) -> None:
    """Write everything but config.json and the shared folders into an empty folder.

    Raises:
        OSError: it can't be written.
    """
    for path in contents.folders:
        _make_folder(folder, path)
    for file in contents.files:
        _make_folder(folder, os.path.dirname(file.path))
        write_durably(os.path.join(folder, file.path), file.content, file.mode)
    for path, target in contents.links:
        _make_folder(folder, os.path.dirname(path))
        os.symlink(target, os.path.join(folder, path))


def _make_folder(base: str, path: str) -> None:
    """Make *path* with its parents, readable by all whatever the umask: uids may be mapped."""
    place = base
    for step in path.split("/"):
        place = os.path.join(place, step)
        with contextlib.suppress(FileExistsError):
            os.mkdir(place)
            os.chmod(place, 0o755)  # noqa: S103 - the parent may be private, this is shared


def write_durably(path: str, content: bytes, mode: int) -> None:
    """Write a file that is on disk when this returns."""
    with open(path, "wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())


def remove_tree(folder: str) -> None:
    """Remove a folder with all that is in it, if it is there; symlinks aren't followed."""
    for where, folders, files in os.walk(folder, topdown=False):
        for name in (*files, *folders):
            path = os.path.join(where, name)
            if os.path.islink(path) or not os.path.isdir(path):
                os.unlink(path)
            else:
                os.rmdir(path)
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(folder)
