"""Limits as a person types them in a form, and as the kernel has them in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.limits import Limits
from tuicontainer.tui.quantities import cores, short_size

FIELDS = (
    ("memory", "Memory limit"),
    ("cpus", "CPU limit"),
    ("pids", "Process limit"),
)
"""Name and title of what a form asks for."""

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_NONE = "none"
"""How no limit is typed."""


def read_limits(values: Mapping[str, str]) -> Limits:
    """Return the limits that a form's texts mean; an empty text leaves its limit as it is.

    Args:
        values: text by the names of `FIELDS`; `none` is no limit.

    Raises:
        InvalidArgument: a text isn't what its field needs; names the field.
    """
    return Limits(
        memory_limit=_size(values["memory"].strip()),
        cpus=_cpus(values["cpus"].strip()),
        pids_limit=_count(values["pids"].strip()),
    )


def in_force_words(in_force: Mapping[str, Any] | None) -> str:
    """Return what `Container.update` has read back: `memory 64.0M · cpus 0.5 · processes none`."""
    if in_force is None:
        return "from its next start on"
    quota, period = in_force["cpu_quota_us"], in_force["cpu_period_us"]
    memory, pids = in_force["memory"], in_force["pids"]
    return " · ".join(
        (
            f"memory {_NONE if memory is None else short_size(memory)}",
            f"cpus {_NONE if quota is None else cores(quota / period)}",
            f"processes {_NONE if pids is None else pids}",
        )
    )


def _size(text: str) -> int | None:
    if not text:
        return None
    if text == _NONE:
        return -1
    digits = text.lower().removesuffix("b").removesuffix("i")
    unit = digits[-1] if digits[-1:] in _UNITS and not digits[-1:].isdigit() else ""
    value = _number(digits.removesuffix(unit), "memory limit", "bytes, or such as 64m") or 0
    return int(value * _UNITS[unit])


def _cpus(text: str) -> float | None:
    return 0.0 if text == _NONE else _number(text, "CPU limit", "cores, such as 0.5")


def _number(text: str, field: str, example: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e15:
        raise InvalidArgument(f"{field} can't be `{text}`", hint=f"{example}; `none` for no limit")
    return value


def _count(text: str) -> int | None:
    if not text:
        return None
    if text == _NONE:
        return -1
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 32):
        raise InvalidArgument(
            f"process limit can't be `{text}`", hint="a whole number; `none` for no limit"
        )
    return int(text)
