"""Quantities in words and back: sizes, durations, moments. Pure.

Sizes are powers of 1024 (`64M` is 64 MiB), as in Docker, Podman and the kernel's cgroup files.
"""

from __future__ import annotations

import time

from tuicontainer.errors import InvalidArgument

_SIZE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_SECONDS_PER = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_size(word: str) -> int:
    """Return bytes: `4096`, `64k`, `64M`, `1.5GiB`.

    Raises:
        InvalidArgument: not a size, or not above zero.
    """
    digits = word.rstrip("BbIiKkMmGgTt")
    unit = word[len(digits) :].lower().removesuffix("b").removesuffix("i")
    try:
        size = int(float(digits) * 1024 ** ("", "k", "m", "g", "t").index(unit))
    except (ValueError, OverflowError):
        size = 0
    if size <= 0:
        raise InvalidArgument(f"`{word}` isn't a size", hint="bytes, or with k, m, g: `64m`")
    return size


def parse_cpus(word: str) -> float:
    """Return a number of cores: `0.5`, `2`; 0 for no limit."""
    try:
        cpus = float(word)
    except ValueError:
        cpus = -1.0
    if not 0.0 <= cpus < 1e6:
        raise InvalidArgument(f"`{word}` isn't a number of cores", hint="such as 0.5")
    return cpus


def parse_count(word: str) -> int:
    """Return a whole number from 0."""
    if not (word.isascii() and word.isdigit()):
        raise InvalidArgument(f"`{word}` isn't a whole number")
    return int(word)


def parse_positive(word: str) -> int:
    """Return a whole number from 1."""
    if parse_count(word) == 0:
        raise InvalidArgument("0 isn't above zero")
    return int(word)


def parse_seconds(word: str) -> float:
    """Return seconds: `2`, `0.5`, `90s`, `10m`, `1h30m`, `2d`."""
    total, digits = 0.0, ""
    try:
        for letter in word:
            if letter in _SECONDS_PER:
                total += float(digits) * _SECONDS_PER[letter]
                digits = ""
            else:
                digits += letter
        total += float(digits or ("0" if word else ""))
    except ValueError:
        total = -1.0
    if not 0.0 <= total < 1e9:
        raise InvalidArgument(f"`{word}` isn't a duration", hint="seconds, or such as 10m, 1h30m")
    return total


def parse_interval(word: str) -> float:
    """Return seconds above zero."""
    seconds = parse_seconds(word)
    if seconds <= 0:
        raise InvalidArgument("0 isn't above zero")
    return seconds


def parse_moment(word: str) -> int:
    """Return nanoseconds since the epoch: RFC 3339, or a duration before now such as `10m`."""
    if "-" in word or ":" in word:
        from datetime import datetime

        try:
            return int(datetime.fromisoformat(word).timestamp() * 1e9)
        except ValueError:
            raise InvalidArgument(
                f"`{word}` isn't a moment", hint="RFC 3339, or a duration before now such as 10m"
            ) from None
    return time.time_ns() - int(parse_seconds(word) * 1e9)


def format_size(size: float | None) -> str:
    """Return bytes with three significant figures: `512B`, `1.50MiB`; `-` for None."""
    if size is None:
        return "-"
    value = float(size)
    for unit in _SIZE_UNITS:
        if value < 1000 or unit == _SIZE_UNITS[-1]:
            break
        value /= 1024
    if unit == "B":
        return f"{value:.0f}B"
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f}{unit}"


def format_percent(percent: float | None) -> str:
    """Return a percentage with one decimal; `-` for None."""
    return "-" if percent is None else f"{percent:.1f}%"


def format_span(seconds: float) -> str:
    """Return a span in its largest unit: `12s`, `3m`, `5h`, `8d`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m"
    if whole < 86400:
        return f"{whole // 3600}h"
    return f"{whole // 86400}d"


def rfc3339(time_ns: int) -> str:
    """Return nanoseconds since the epoch as UTC in RFC 3339 with nine decimals."""
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanoseconds:09d}Z"
