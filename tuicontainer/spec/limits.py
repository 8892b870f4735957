"""The limits that a person sets on one container, and how they become `linux.resources`.

Names and meanings are those of docker-run(1) and docker-update(1). The result is part of a document
again, because the container's record keeps its configuration as JSON.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record
from tuicontainer.spec.fields import check_integer, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_PERIOD_US = 100_000
"""The kernel's own default; quotas are written for it."""
_CPUS = (0.01, 8192.0)
"""Quotas below 1 ms are refused by the kernel; no machine has more cores."""
_LIMIT = (-1, 2**63 - 1)
_SHARES = (2, 262144)
_IO_WEIGHT = (10, 1000)


class Limits(Record):
    """What isn't given (None) stays as it is."""

    memory_limit: int | None = None
    """Bytes; -1 for no limit."""
    memory_reservation: int | None = None
    """Bytes that reclaim leaves alone if it can; -1 for none."""
    memory_swap: int | None = None
    """Bytes of memory and swap together; -1 for no limit."""
    cpus: float | None = None
    """Cores' worth of CPU time; 0 for no limit."""
    cpu_shares: int | None = None
    """Weight against other groups, 2 to 262144; 1024 is usual."""
    cpuset_cpus: str | None = None
    """Which cores, such as `0-2,7`."""
    pids_limit: int | None = None
    """Processes and threads; -1 for no limit."""
    io_weight: int | None = None
    """Weight of block I/O against other groups, 10 to 1000."""


LIMITS = Limits._fields
"""Names of all limits."""


def limits_of(given: Limits) -> Limits:
    """Return just the limits of a request that has more fields."""
    return Limits(**{name: getattr(given, name) for name in LIMITS})


def merge_limits(resources: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """Return the sections of `linux.resources` that *limits* changes, each complete.

    Args:
        resources: the object as it is; it isn't changed.
        limits: what shall be different. A lower memory limit takes the swap limit and the
            reservation down with it; a higher one takes the swap limit up, because the kernel
            refuses one below the limit.

    Raises:
        InvalidArgument: a value breaks a rule, or a section isn't an object.
    """
    changed: dict[str, Any] = {}
    if _any(limits, "memory_limit", "memory_reservation", "memory_swap"):
        changed["memory"] = _memory(_section(resources, "memory"), limits)
    if _any(limits, "cpus", "cpu_shares", "cpuset_cpus"):
        changed["cpu"] = _cpu(_section(resources, "cpu"), limits)
    if limits.pids_limit is not None:
        changed["pids"] = {"limit": check_integer("pids limit", limits.pids_limit, _LIMIT)}
    if limits.io_weight is not None:
        weight = check_integer("I/O weight", limits.io_weight, _IO_WEIGHT)
        changed["blockIO"] = {**_section(resources, "blockIO"), "weight": weight}
    return changed


def _any(limits: Limits, *names: str) -> bool:
    return any(getattr(limits, name) is not None for name in names)


def _section(resources: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = resources.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refuse(f"linux.resources.{name}", value, "must be an object")
    return dict(value)


def _memory(memory: dict[str, Any], limits: Limits) -> dict[str, Any]:
    if limits.memory_limit is not None:
        limit = _bytes("memory limit", limits.memory_limit)
        memory["limit"] = limit
        swap, reservation = memory.get("swap"), memory.get("reservation")
        if limit == -1:
            memory.pop("swap", None)
        elif isinstance(swap, int) and swap != -1:
            memory["swap"] = max(swap, limit)
        if isinstance(reservation, int) and limit != -1:
            memory["reservation"] = min(reservation, limit)
    if limits.memory_reservation is not None:
        memory["reservation"] = _bytes("memory reservation", limits.memory_reservation)
    if limits.memory_swap is not None:
        memory["swap"] = _bytes("memory and swap limit", limits.memory_swap)
    limit, swap = memory.get("limit", -1), memory.get("swap", -1)
    if limits.memory_swap not in (None, -1) and (limit == -1 or swap < limit):
        raise InvalidArgument(
            f"memory and swap limit `{swap}` needs a memory limit that isn't above it",
            hint="it is the sum of both; give `--memory` too",
        )
    return memory


def _bytes(what: str, value: int) -> int:
    if value == 0:
        raise refuse(what, value, "must be a number of bytes, or -1 for no limit")
    return check_integer(what, value, _LIMIT)


def _cpu(cpu: dict[str, Any], limits: Limits) -> dict[str, Any]:
    cpus = limits.cpus
    if cpus is not None:
        # Written so that NaN is refused too.
        if isinstance(cpus, bool) or not (cpus == 0 or _CPUS[0] <= cpus <= _CPUS[1]):
            rule = f"must be from {_CPUS[0]} to {_CPUS[1]:.0f}, or 0 for no limit"
            raise refuse("number of CPUs", cpus, rule)
        cpu["period"] = _PERIOD_US
        cpu["quota"] = round(cpus * _PERIOD_US) or -1
        if cpus == 0:
            cpu.pop("burst", None)
        elif isinstance(cpu.get("burst"), int):
            cpu["burst"] = min(cpu["burst"], cpu["quota"])
    if limits.cpu_shares is not None:
        cpu["shares"] = check_integer("CPU shares", limits.cpu_shares, _SHARES)
    if limits.cpuset_cpus is not None:
        cpu["cpus"] = limits.cpuset_cpus
    return cpu
