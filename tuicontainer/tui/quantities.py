"""Quantities as people read them in a table or beside a gauge. Pure.

Sizes are powers of 1024 with the IEC units, so that they agree with the kernel's files. Texts are
as coarse as they may be: a number that doesn't change isn't drawn again.
"""

from __future__ import annotations

import time

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_LETTERS = ("B", "K", "M", "G", "T", "P")
UNKNOWN = "-"
"""Stands where the host doesn't tell."""


def _scaled(value: float) -> tuple[str, int]:
    """Return the digits and the index of the unit; three significant figures, no `1000 KiB`."""
    unit = 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value /= 1024
        unit += 1
    if unit == 0:
        return f"{value:.0f}", 0
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}", unit


def size(value: float | None) -> str:
    """Return bytes with a unit: `512 B`, `12.3 MiB`."""
    if value is None:
        return UNKNOWN
    digits, unit = _scaled(value)
    return f"{digits} {_UNITS[unit]}"


def of_size(part: float, whole: float) -> str:
    """Return `12.3 of 64.0 MiB`; with both units where they differ: `512 B of 64.0 MiB`."""
    first, second = size(part), size(whole)
    digits, _, unit = first.rpartition(" ")
    return f"{digits if second.endswith(' ' + unit) else first} of {second}"


def short_size(value: float | None) -> str:
    """Return bytes in at most six columns: `512B`, `12.3M`."""
    if value is None:
        return UNKNOWN
    digits, unit = _scaled(value)
    return f"{digits}{_LETTERS[unit]}"


def rate(value: float | None) -> str:
    """Return bytes a second: `0 B/s`, `1.2 MiB/s`."""
    return UNKNOWN if value is None else f"{size(value)}/s"


def short_rate(value: float | None) -> str:
    """Return bytes a second in at most eight columns: `1.2M/s`."""
    return UNKNOWN if value is None else f"{short_size(value)}/s"


def percent(value: float | None) -> str:
    """Return a percentage in at most five columns: one decimal below ten, none above."""
    if value is None:
        return UNKNOWN
    if value < 0.05:
        return "0%"
    return f"{value:.1f}%" if value < 9.95 else f"{value:.0f}%"


def cores(value: float | None) -> str:
    """Return a number of processor cores without needless decimals: `0.5`, `2`."""
    return UNKNOWN if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def span(nanoseconds: int) -> str:
    """Return a span in at most six columns: `42s`, `7m`, `3h07m`, `2d04h`."""
    seconds = max(0, nanoseconds) // 1_000_000_000
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    if seconds < 86400:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}m"
    return f"{seconds // 86400}d{seconds % 86400 // 3600:02}h"


def short_span(nanoseconds: int | None) -> str:
    """Return how long something took in at most six columns: `4ms`, `1.2s`, `2m05s`."""
    if nanoseconds is None:
        return ""
    milliseconds = nanoseconds // 1_000_000
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.1f}s"
    return f"{milliseconds // 60_000}m{milliseconds // 1000 % 60:02}s"


def ago(nanoseconds: int) -> str:
    """Return a past span in its largest unit, at most seven columns: `42s ago`, `3h ago`."""
    seconds = max(0, nanoseconds) // 1_000_000_000
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit} ago"
    return f"{seconds}s ago"


def clock(time_ns: int) -> str:
    """Return the local time of day: `14:03:59`."""
    return time.strftime("%H:%M:%S", time.localtime(time_ns // 1_000_000_000))


def plural(count: int, noun: str) -> str:
    """Return `1 container`, `3 containers`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
