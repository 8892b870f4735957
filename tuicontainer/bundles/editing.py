"""Reads the text of a bundle's config.json to be edited, and writes it back.

Nobody else's change is lost: what is written must still be what was read. The new text is on disk
beside the old one before it takes its place, so that a full disk or a crash leaves the old one.
A symbolic link isn't followed: who may write to the folder could lead root to any file.
Sources: rename(2), open(2) O_NOFOLLOW; CVE-2021-30465 for what symlinks in bundles can do.
"""

from __future__ import annotations

import contextlib
import os
import stat

from tuicontainer.bundles.catalogue import shipped_source
from tuicontainer.bundles.load import CONFIG, read_bounded
from tuicontainer.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    TuiContainerError,
    describe_failure,
)
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations

_SIZE_MAX = 4 * 2**20
"""Bytes; more is nothing that a person edits."""


class BundleText(Record):
    """A config.json as it was read."""

    path: str
    """The bundle's, as `BundleView.path` has it."""
    text: str
    stamp: str
    """Tells this content of the file from others."""
    fixed: str = ""
    """Why it can't be saved; empty if it can."""


def read_text(path: str, locations: Locations) -> BundleText:
    """Return the text of a bundle's config.json.

    Raises:
        NotFound: there is none.
        InvalidArgument: it is too large, no regular file, or not UTF-8.
        PermissionDenied: it can't be read.
    """
    shipped = shipped_source(os.path.normpath(path), locations)
    file = os.path.join(shipped or path, CONFIG)
    try:
        stamp = _stamp(file)
        content = read_bounded(file)
    except FileNotFoundError:
        raise NotFound(f"`{file}` doesn't exist") from None
    except OSError as error:
        raise describe_failure(error, while_=f"reading `{file}`") from error
    if len(content) > _SIZE_MAX:
        raise InvalidArgument(f"`{file}` is too large to be edited: {len(content)} bytes")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise InvalidArgument(f"`{file}` isn't UTF-8 at byte {error.start}") from None
    return BundleText(path=path, text=text, stamp=stamp, fixed=_why_fixed(file, shipped))


def save_text(before: BundleText, text: str, locations: Locations) -> BundleText:
    """Put *text* in the place of what was read before; mode and owner stay.

    Raises:
        FailedPrecondition: the file was changed or taken away meanwhile, is a symbolic link or a
            shipped bundle's, or the disk is full.
        InvalidArgument: the text can't be encoded or is too large.
        PermissionDenied: it can't be written.
    """
    path = before.path
    file = os.path.join(path, CONFIG)
    fixed = _why_fixed(file, shipped_source(os.path.normpath(path), locations))
    if fixed:
        raise FailedPrecondition(f"`{file}` can't be saved: {fixed}", hint="copy the bundle")
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise InvalidArgument(f"character {error.start} of the text isn't Unicode") from None
    if len(content) > _SIZE_MAX:
        raise InvalidArgument(f"the text is too large: {len(content)} bytes")
    try:
        _replace(file, content, before.stamp)
        stamp = _stamp(file)
    except OSError as error:
        raise describe_failure(error, while_=f"saving `{file}`") from error
    return before.replace(text=text, stamp=stamp)


def _why_fixed(file: str, shipped: str | None) -> str:
    if shipped is not None:
        return "shipped bundles stay as they are"
    if os.path.islink(file):
        return f"it is a symbolic link to {os.readlink(file)}"
    return ""


def _replace(file: str, content: bytes, stamp: str) -> None:
    fresh = os.path.join(os.path.dirname(file), f".{CONFIG}.{os.getpid()}.new")
    _check_unchanged(file, stamp)
    status = os.lstat(file)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(fresh, flags, 0o600)
    try:
        with open(fd, "wb") as writing:
            writing.write(content)
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(fd, status.st_uid, status.st_gid)
            os.fchmod(fd, stat.S_IMODE(status.st_mode))
            writing.flush()
            os.fsync(fd)
        _check_unchanged(file, stamp)
        os.rename(fresh, file)
    except (OSError, TuiContainerError):
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise


def _check_unchanged(file: str, stamp: str) -> None:
    try:
        now = _stamp(file)
    except FileNotFoundError:
        raise FailedPrecondition(
            f"`{file}` was taken away meanwhile", hint="copy the text, or make the file again"
        ) from None
    if now != stamp:
        raise FailedPrecondition(
            f"`{file}` was changed meanwhile by somebody else",
            hint="copy your text, read the file again and put it in",
        )


def _stamp(file: str) -> str:
    status = os.stat(file)
    times = f"{status.st_mtime_ns}:{status.st_ctime_ns}"
    return f"{status.st_dev}:{status.st_ino}:{status.st_size}:{times}"
