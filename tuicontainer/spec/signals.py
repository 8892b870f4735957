"""Signal names and numbers.

Read from the interpreter's own `_signal`, whose numbers are this architecture's; the public
`signal` module wraps the same constants in enumerations and costs 7 ms to import.
Sources: signal(7); runc kill.go (names with or without SIG, in either case, or a number).
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.fields import show

_RTMIN = int(_signal.SIGRTMIN)
_RTMAX = int(_signal.SIGRTMAX)
_ALIASES = ("CLD", "POLL", "IOT")

NUMBERS: dict[str, int] = {
    name[3:]: int(getattr(_signal, name))
    for name in dir(_signal)
    if name.startswith("SIG") and not name.startswith("SIG_")
}
"""Number by name without `SIG`, such as `KILL`; of the real-time signals only the two ends."""

NAMES: dict[int, str] = {number: name for name, number in NUMBERS.items() if name not in _ALIASES}
"""Name by number, such as `KILL`."""


def signal_name(number: int) -> str:
    """Return the name without `SIG`, such as `KILL` or `RTMIN+3`."""
    if number in NAMES:
        return NAMES[number]
    if _RTMIN < number < _RTMAX:
        return f"RTMIN+{number - _RTMIN}"
    return str(number)


def parse_signal(signal: str | int) -> int:
    """Return the number of a signal given as `KILL`, `sigkill`, `RTMIN+3`, `"9"` or 9.

    Raises:
        InvalidArgument: no such signal.
    """
    if isinstance(signal, int):
        number = signal
    elif signal.isascii() and signal.isdigit() and len(signal) < 4:
        number = int(signal)
    else:
        number = _number(signal.upper().removeprefix("SIG"))
    if not 0 < number <= _RTMAX:
        raise InvalidArgument(
            f"unknown signal {show(signal)}", hint="give a name such as `TERM` or a number to 64"
        )
    return number


def _number(name: str) -> int:
    """Return the number of an upper-case name without `SIG`, 0 if there is none."""
    if name in NUMBERS:
        return NUMBERS[name]
    base, sign, distance = name[:5], name[5:6], name[6:]
    if distance.isascii() and distance.isdigit() and len(distance) < 3:
        number = 0
        if base == "RTMIN" and sign == "+":
            number = _RTMIN + int(distance)
        elif base == "RTMAX" and sign == "-":
            number = _RTMAX - int(distance)
        return number if _RTMIN <= number <= _RTMAX else 0
    return 0
