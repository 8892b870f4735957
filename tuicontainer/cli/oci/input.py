"""JSON documents that flags name by a path, or by `-` for standard input."""

from __future__ import annotations

import os
import sys

from tuicontainer.errors import InvalidArgument, describe_failure
from tuicontainer.jsontext import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SIZE_MAX = 16 * 2**20


def read_json(path: str) -> Any:
    """Return the parsed content of a file of any kind, of at most 16 MiB.

    Raises:
        InvalidArgument: it is larger, or isn't JSON.
        TuiContainerError: it can't be read.
    """
    try:
        with sys.stdin.buffer if path == "-" else open(path, "rb", opener=_opener) as stream:
            content = stream.read(_SIZE_MAX + 1)
    except OSError as error:
        raise describe_failure(error, while_=f"open {path}") from error
    if len(content) > _SIZE_MAX:
        raise InvalidArgument(f"`{path}` is larger than {_SIZE_MAX} bytes")
    try:
        return loads(content)
    except RecursionError:
        raise InvalidArgument(f"`{path}` is nested too deeply") from None
    except ValueError as error:
        raise InvalidArgument(f"`{path}` isn't JSON: {error}") from None


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOCTTY)
