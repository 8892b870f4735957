"""The lines of a log file: bytes of a stream to CRI lines and back, without I/O.

    2025-07-01T12:00:00.123456789Z stdout F a whole line, or the end of one
    2025-07-01T12:00:00.123456789Z stderr P:2 part of a line, written by the second instance

Source: Kubernetes' CRI logging format. Its third field is a list of tags separated by colons of
which the first is P or F; readers skip tags they don't know, which leaves room for the instance.
"""

from __future__ import annotations

import time

from tuicontainer.record import Record
from tuicontainer.supervise.views import LogLine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.supervise.views import Stream

_STREAMS: dict[bytes, Stream] = {b"stdout": "stdout", b"stderr": "stderr"}
_TIME_LENGTH = len("2025-07-01T12:00:00.123456789Z")


def format_chunk(stream: Stream, data: bytes, time_ns: int, instance: int) -> bytes:
    """Return the log lines for bytes that came in one reading; every one ends with a newline."""
    suffix = b"" if instance == 1 else b":%d" % instance
    head = b"%s %s " % (format_time(time_ns), stream.encode())
    whole, part = head + b"F" + suffix + b" ", head + b"P" + suffix + b" "
    *lines, rest = data.split(b"\n")
    text = b"".join([whole + line + b"\n" for line in lines])
    return text + part + rest + b"\n" if rest else text


class RawLine(Record):
    """One line of the file, with the container's bytes as they were."""

    time_ns: int
    stream: Stream
    data: bytes
    """Without the newline."""
    partial: bool
    instance: int

    def decoded(self) -> LogLine:
        """Return it as doors see it."""
        return LogLine(
            time_ns=self.time_ns,
            stream=self.stream,
            text=self.data.decode("utf-8", "replace"),
            partial=self.partial,
            instance=self.instance,
        )

    def written(self) -> bytes:
        """Return what the container wrote."""
        return self.data if self.partial else self.data + b"\n"


def parse_line(line: bytes) -> RawLine | None:
    """Return what one line of the file says, None if it is damaged. The newline may be missing."""
    fields = line.removesuffix(b"\n").split(b" ", 3)
    if len(fields) != 4 or fields[1] not in _STREAMS:
        return None
    time_ns = parse_time(fields[0])
    kind, _, instance = fields[2].partition(b":")
    if time_ns is None or kind not in {b"P", b"F"} or not (instance or b"1").isdigit():
        return None
    return RawLine(
        time_ns=time_ns,
        stream=_STREAMS[fields[1]],
        data=fields[3],
        partial=kind == b"P",
        instance=int(instance or 1),
    )


def ends_line(line: bytes) -> bool:
    """Return whether a line of the file is the end of a line of its stream."""
    # The stream's name has six letters either way, so the tag is always at the same place.
    return line[_TIME_LENGTH + 8 : _TIME_LENGTH + 9] == b"F"


def format_time(time_ns: int) -> bytes:
    """Return RFC 3339 in UTC with nine decimals, so that texts sort as times do."""
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    year, month, day, hour, minute, second = time.gmtime(seconds)[:6]
    return b"%04d-%02d-%02dT%02d:%02d:%02d.%09dZ" % (
        year,
        month,
        day,
        hour,
        minute,
        second,
        nanoseconds,
    )


def parse_time(text: bytes) -> int | None:
    """Return nanoseconds since the epoch for what `format_time` wrote, else None."""
    digits = text[0:4] + text[5:7] + text[8:10] + text[11:13] + text[14:16] + text[17:19]
    if len(text) != _TIME_LENGTH or not (digits + text[20:29]).isdigit() or text[29:] != b"Z":
        return None
    days = _days_since_epoch(int(text[0:4]), int(text[5:7]), int(text[8:10]))
    seconds = days * 86400 + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    return seconds * 1_000_000_000 + int(text[20:29])


def _days_since_epoch(year: int, month: int, day: int) -> int:
    # Years begin in March here, so that the leap day is a year's last. Without `calendar`, which
    # costs 6 ms at start-up.
    years = year - (month <= 2)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return years * 365 + years // 4 - years // 100 + years // 400 + day_of_year - 719468
