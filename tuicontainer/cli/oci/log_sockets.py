"""`--log=journald:NAME` and `--log=syslog:NAME`: messages to the host's log services.

Each message is a datagram. Sources: systemd.io/JOURNAL_NATIVE_PROTOCOL, RFC 3164, syslog(3).
"""

from __future__ import annotations

import os
import time

from tuicontainer.errors import Unavailable
from tuicontainer.syscalls.sockets import connect_datagram

JOURNALD = "/run/systemd/journal/socket"
SYSLOG = "/dev/log"
_PRIORITIES = {"error": 3, "warning": 4, "debug": 7}
_USER_FACILITY = 1 << 3
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def open_log_socket(service: str, path: str) -> int:
    """Return a descriptor connected to the service's socket.

    Raises:
        Unavailable: nobody listens there.
    """
    try:
        return connect_datagram(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Unavailable(
            f"`--log={service}`: connecting to `{path}`: {reason}",
            hint=f"{service} doesn't run on this host",
            errno=error.errno,
        ) from error


def journald_packet(name: str, level: str, message: str, hint: str = "") -> bytes:
    """Return a message in the journal's own protocol."""
    message = _with_hint(message, hint)
    head = f"PRIORITY={_PRIORITIES[level]}\nSYSLOG_IDENTIFIER={name}\n".encode()
    text = message.encode(errors="surrogateescape")
    if b"\n" not in text:
        return head + b"MESSAGE=" + text + b"\n"
    return head + b"MESSAGE\n" + len(text).to_bytes(8, "little") + text + b"\n"


def syslog_packet(name: str, level: str, message: str, hint: str = "") -> bytes:
    """Return a message as syslog(3) sends it, in local time and English months."""
    message = _with_hint(message, hint)
    now = time.localtime()
    stamp = f"{_MONTHS[now.tm_mon - 1]} {now.tm_mday:2} {time.strftime('%H:%M:%S', now)}"
    head = f"<{_USER_FACILITY | _PRIORITIES[level]}>{stamp} {name}[{os.getpid()}]: "
    return head.encode() + message.encode(errors="surrogateescape")


def _with_hint(message: str, hint: str) -> str:
    return f"{message} ({hint})" if hint else message
