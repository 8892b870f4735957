"""Reads a bundle folder: its config.json, and whether its root filesystem is there.

Source: opencontainers/runtime-spec 1.3.0, bundle.md.
"""

from __future__ import annotations

import os
import stat

from tuicontainer.errors import InvalidArgument, NotFound, TuiContainerError, describe_failure
from tuicontainer.jsontext import loads
from tuicontainer.spec.decode import decode_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.spec.config import Config

CONFIG = "config.json"
_SIZE_MAX = 16 * 2**20
"""Bytes; a bundle's author must not make us read without end (as in CVE-2026-47262)."""
_LAYOUT = "a bundle is a folder with config.json and the root filesystem that it names"


def load_bundle(bundle: str, name: str = CONFIG) -> Config:
    """Return the checked configuration of a bundle whose root filesystem exists.

    Args:
        bundle: path of the folder.
        name: the configuration's file in it, or an absolute path of one elsewhere.

    Raises:
        NotFound: the folder, its config.json or its root filesystem is missing.
        InvalidArgument: config.json isn't JSON, or breaks a rule.
        Unsupported: config.json asks for what this version doesn't do.
    """
    config = decode_document(bundle, read_document(bundle, name))
    rootfs = rootfs_path(bundle, config)
    if not os.path.isdir(rootfs):
        kind = InvalidArgument if os.path.lexists(rootfs) else NotFound
        raise kind(
            f"bundle `{bundle}`: root filesystem `{rootfs}` "
            + ("isn't a folder" if kind is InvalidArgument else "doesn't exist"),
            hint="`root.path` in config.json names it, relative to the bundle",
        )
    return config


def read_document(bundle: str, name: str = CONFIG) -> dict[str, Any]:
    """Return the parsed config.json of a bundle, or another of its JSON files, unchecked.

    Raises:
        NotFound: the folder or the file is missing.
        InvalidArgument: it isn't a JSON object.
        PermissionDenied: it can't be read.
    """
    path = os.path.join(bundle, name)
    if not os.path.isdir(bundle):
        if os.path.lexists(bundle):
            raise InvalidArgument(f"bundle `{bundle}` isn't a folder", hint=_LAYOUT)
        raise NotFound(f"bundle `{bundle}` doesn't exist", hint=_LAYOUT)
    try:
        text = read_bounded(path)
    except FileNotFoundError:
        raise NotFound(f"bundle `{bundle}` has no {name}", hint=_LAYOUT) from None
    except OSError as error:
        raise describe_failure(error, while_=f"reading bundle `{bundle}`") from error
    return parse_json(path, text)


def decode_document(bundle: str, document: dict[str, Any]) -> Config:
    """Return the checked records; a refusal says which bundle it is about."""
    try:
        return decode_config(document)
    except TuiContainerError as error:
        raise describe_failure(error, while_=f"bundle `{bundle}`: config.json") from error


def rootfs_path(bundle: str, config: Config) -> str:
    """Return the path of the root filesystem; a relative one starts at the bundle."""
    return os.path.normpath(os.path.join(bundle, config.root.path))


def read_bounded(path: str) -> bytes:
    """Return the content of a regular file of at most 16 MiB.

    Raises:
        InvalidArgument: it is something else, such as a FIFO, or larger.
        OSError: it can't be opened or read.
    """
    # Opening a FIFO without O_NONBLOCK would wait for a writer.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise InvalidArgument(f"`{path}` isn't a regular file")
        with open(fd, "rb", closefd=False) as file:
            content = file.read(_SIZE_MAX + 1)
    finally:
        os.close(fd)
    if len(content) > _SIZE_MAX:
        raise InvalidArgument(f"`{path}` is larger than {_SIZE_MAX} bytes")
    return content


def parse_json(path: str, content: bytes) -> dict[str, Any]:
    """Return the JSON object in *content*.

    Raises:
        InvalidArgument: it isn't UTF-8, JSON or an object; names the place.
    """
    try:
        document = loads(content)
    except UnicodeDecodeError as error:
        raise InvalidArgument(f"`{path}` isn't UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise InvalidArgument(f"`{path}` is nested too deeply") from None
    except ValueError as error:
        raise InvalidArgument(f"`{path}` isn't JSON: {error}") from None
    if not isinstance(document, dict):
        raise InvalidArgument(f"`{path}` must be a JSON object")
    return document
