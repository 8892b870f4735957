"""`update [options] ID`, or `update -r FILE|- ID`: other limits for a running container.

Source: runc update.go; docker/go-units RAMInBytes for sizes.
"""

from __future__ import annotations

from tuicontainer.cli.oci.input import read_json
from tuicontainer.cli.oci.kernel_memory import WARNING, without_kernel_memory
from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.update import update
from tuicontainer.spec.decode_resources import decode_resources
from tuicontainer.spec.fields import INT64, UINT64, Fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation

_POWERS = "kmgtp"

_NUMBERS = {
    "blkio-weight": ("blockIO", "weight", UINT64),
    "cpu-period": ("cpu", "period", UINT64),
    "cpu-quota": ("cpu", "quota", INT64),
    "cpu-burst": ("cpu", "burst", UINT64),
    "cpu-share": ("cpu", "shares", UINT64),
    "cpu-rt-period": ("cpu", "realtimePeriod", UINT64),
    "cpu-rt-runtime": ("cpu", "realtimeRuntime", INT64),
    "cpu-idle": ("cpu", "idle", INT64),
    "pids-limit": ("pids", "limit", INT64),
}
_TEXTS = {"cpuset-cpus": ("cpu", "cpus"), "cpuset-mems": ("cpu", "mems")}
_SIZES = {
    "memory": ("memory", "limit"),
    "memory-reservation": ("memory", "reservation"),
    "memory-swap": ("memory", "swap"),
}
_OBSOLETE = ("kernel-memory", "kernel-memory-tcp")


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Change the limits; with a file, which may be `-`, the other flags don't count."""
    file = parsed.text("resources")
    document = document_of(parsed.values) if file is None else read_json(file)
    if any(parsed.text(name) for name in _OBSOLETE):
        invocation.messages.warning(WARNING)
    resources = decode_resources(Fields(document, "linux.resources"))
    resources = without_kernel_memory(resources, invocation.messages)
    if resources.devices:
        invocation.messages.debug("update leaves the device rules as they are")
    update(invocation.root, parsed.words[0], resources, _schemata(parsed))
    return 0


def _schemata(parsed: Parsed) -> tuple[str, ...]:
    """Return the lines of shares, which count beside a file too, as runc reads them."""
    fields = {
        "l3CacheSchema": parsed.text("l3-cache-schema"),
        "memBwSchema": parsed.text("mem-bw-schema"),
    }
    if not any(fields.values()):
        return ()
    from tuicontainer.spec.intel_rdt import decode_intel_rdt

    return decode_intel_rdt(Fields(fields, "linux.intelRdt")).lines


def document_of(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the LinuxResources object that the flags' values describe.

    Raises:
        InvalidArgument: a value is no number, or no size.
    """
    document: dict[str, Any] = {}
    for name, value in values.items():
        if not value:
            continue
        if name in _NUMBERS:
            part, field, within = _NUMBERS[name]
            document.setdefault(part, {})[field] = _integer(name, value, within)
        elif name in _TEXTS:
            part, field = _TEXTS[name]
            document.setdefault(part, {})[field] = value
        elif name in _SIZES:
            part, field = _SIZES[name]
            document.setdefault(part, {})[field] = _size(name, value)
    return document


def parse_ram(text: str) -> int | None:
    """Return bytes: a number, perhaps with a fraction, and `k`, `m`, `g`, `t` or `p`, `b`, `iB`.

    Units are powers of 1024. None if *text* is no size.
    """
    digits = text.rstrip("bBiIkKmMgGtTpP ")
    unit = text[len(digits) :].removeprefix(" ").lower()
    if unit not in {"", "b"}:
        unit = unit.removesuffix("b").removesuffix("i")
        if len(unit) != 1 or unit not in _POWERS:
            return None
    whole, _, fraction = digits.partition(".")
    if not (digits.isascii() and whole.isdigit() and (not fraction or fraction.isdigit())):
        return None
    factor = 1 << 10 * ("", *_POWERS).index(unit.removesuffix("b"))
    return int(whole) * factor + int(fraction or "0") * factor // int(10 ** len(fraction))


def _integer(name: str, value: str, within: tuple[int, int]) -> int:
    digits = value.removeprefix("-")
    number = int(value) if digits.isascii() and digits.isdigit() and len(digits) < 21 else None
    if number is None or not within[0] <= number <= within[1]:
        raise InvalidArgument(f"invalid value for {name}: `{value}` is not a number")
    return number


def _size(name: str, value: str) -> int:
    if value == "-1":
        return -1
    size = parse_ram(value)
    if size is None:
        raise InvalidArgument(f"invalid value for {name}: invalid size: '{value}'")
    return size
