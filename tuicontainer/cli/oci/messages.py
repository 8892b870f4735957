"""Messages as runc writes them: on standard error, or where `--log` says.

podman, containerd and CRI-O read them: text is logrus's `time="…" level=error msg="…"`, JSON one
object a line with `level`, `msg` and `time`. With a file, errors appear there and also, bare, on
standard error. What to do about an error is a field of its own, `hint`, beside `msg`: who matches
runc's texts finds them unchanged, on one line. Sources: runc main.go, utils.go; logrus
TextFormatter; crun error.c.
"""

from __future__ import annotations

import os
import time

from tuicontainer.errors import InvalidArgument, describe_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_STANDARD_ERROR = 2
_LEVELS = ("error", "warning", "debug")


class Messages:
    """Where messages go and in which form."""

    __slots__ = ("_fd", "_format", "_level")

    def __init__(self) -> None:
        self._fd = _STANDARD_ERROR
        self._format: Callable[[str, str, str], bytes] = text_line
        self._level = "warning"

    def open(self, target: str | None, form: str | None, level: str | None) -> None:
        """Take the global flags.

        Args:
            target: a file's path, perhaps after `file:`; or `journald:NAME`, `syslog:NAME`.
            form: `text` or `json`, of lines in a file and on standard error.
            level: the least urgent messages to write: `error`, `warning` or `debug`.

        Raises:
            TuiContainerError: an unknown form or level, a file that can't be opened, or a service
                that doesn't run.
        """
        if form not in (None, "text", "json"):
            raise InvalidArgument(f'invalid log-format: "{form}"')
        if level not in (None, *_LEVELS):
            raise InvalidArgument(f'invalid log-level: "{level}"', hint=", ".join(_LEVELS))
        self._format = json_line if form == "json" else text_line
        self._level = level or "warning"
        service, colon, name = (target or "").partition(":")
        if colon and service in ("journald", "syslog"):
            self._fd, self._format = _open_service(service, name)
        elif target is not None:
            self._open_file(name if colon and service == "file" else target)

    def _open_file(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        try:
            self._fd = os.open(path, flags, 0o644)
        except OSError as error:
            raise describe_failure(error, while_="opening the log") from error

    def error(self, message: str, hint: str = "") -> None:
        """Say why the command failed, and what to do about it."""
        self._write("error", message, hint)
        if self._fd != _STANDARD_ERROR:
            os.write(_STANDARD_ERROR, f"{message}\n".encode(errors="surrogateescape"))

    def warning(self, message: str) -> None:
        """Say what didn't stop the command."""
        if self._level != "error":
            self._write("warning", message)

    def debug(self, message: str) -> None:
        """Say a detail, if anybody asked for it."""
        if self._level == "debug":
            self._write("debug", message)

    def _write(self, level: str, message: str, hint: str = "") -> None:
        try:
            os.write(self._fd, self._format(level, message, hint))
        except OSError:
            # A log service may stop at any time; that mustn't hide what there is to say.
            if self._fd == _STANDARD_ERROR:
                raise


def text_line(level: str, message: str, hint: str = "") -> bytes:
    """Return a message as logrus's TextFormatter writes it."""
    line = f"time={quote(_now())} level={level} msg={quote(message)}"
    if hint:
        line += f" hint={quote(hint)}"
    return f"{line}\n".encode(errors="surrogateescape")


def json_line(level: str, message: str, hint: str = "") -> bytes:
    """Return a message as logrus's JSONFormatter writes it."""
    from tuicontainer.jsontext import dumps

    fields = {"hint": hint} if hint else {}
    line = dumps({**fields, "level": level, "msg": message, "time": _now()})
    return f"{line}\n".encode()


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _open_service(service: str, name: str) -> tuple[int, Callable[[str, str, str], bytes]]:
    from tuicontainer.cli.oci import log_sockets

    name = "".join(letter for letter in name if letter.isprintable()) or "tuicontainer-runtime"
    if service == "journald":
        fd = log_sockets.open_log_socket(service, log_sockets.JOURNALD)
        return fd, lambda *words: log_sockets.journald_packet(name, *words)
    fd = log_sockets.open_log_socket(service, log_sockets.SYSLOG)
    return fd, lambda *words: log_sockets.syslog_packet(name, *words)


def quote(text: str) -> str:
    """Return *text* in double quotes, on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'
