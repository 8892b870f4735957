"""Messages as runc writes them: on standard error, or in the file of `--log`.

podman, containerd and CRI-O read them: text is logrus's `time="…" level=error msg="…"`, JSON one
object a line with `level`, `msg` and `time`. With a file, errors appear there and also, bare, on
standard error. Source: runc main.go, utils.go; logrus TextFormatter.
"""

from __future__ import annotations

import os
import time

from tuicontainer.errors import InvalidArgument, describe_failure

_STANDARD_ERROR = 2


class Messages:
    """Where messages go and in which form."""

    __slots__ = ("_debug", "_fd", "_json")

    def __init__(self) -> None:
        self._fd = _STANDARD_ERROR
        self._json = False
        self._debug = False

    def open(self, path: str | None, form: str | None, *, debug: bool) -> None:
        """Take the global flags.

        Raises:
            TuiContainerError: an unknown form, or a file that can't be opened.
        """
        if form not in (None, "text", "json"):
            raise InvalidArgument(f'invalid log-format: "{form}"')
        self._json = form == "json"
        self._debug = debug
        if path is None:
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        try:
            self._fd = os.open(path, flags, 0o644)
        except OSError as error:
            raise describe_failure(error, while_="opening the log") from error

    def error(self, message: str) -> None:
        """Say why the command failed."""
        self._write("error", message)
        if self._fd != _STANDARD_ERROR:
            os.write(_STANDARD_ERROR, f"{message}\n".encode(errors="surrogateescape"))

    def warning(self, message: str) -> None:
        """Say what didn't stop the command."""
        self._write("warning", message)

    def debug(self, message: str) -> None:
        """Say a detail, if anybody asked for it."""
        if self._debug:
            self._write("debug", message)

    def _write(self, level: str, message: str) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if self._json:
            from tuicontainer.jsontext import dumps

            line = dumps({"level": level, "msg": message, "time": now})
        else:
            line = f"time={quote(now)} level={level} msg={quote(message)}"
        os.write(self._fd, f"{line}\n".encode(errors="surrogateescape"))


def quote(text: str) -> str:
    """Return *text* in double quotes, on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'
