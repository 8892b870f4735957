"""The texts of control group files as values. Pure.

Sources: Documentation/admin-guide/cgroup-v2.rst (flat keyed, nested keyed), cgroup-v1/memory.rst
and blkio-controller.rst, accounting/psi.rst.
"""

from __future__ import annotations

from tuicontainer.runtime.cgroups.sample import IoDeviceSample, PressureSample

# v1 says "no limit" with the largest number of bytes that is a whole number of pages.
V1_UNLIMITED = 0x7FFF_FFFF_FFFF_0000


def limit_value(text: str) -> int | None:
    """Return a limit, or None for `max`, v1's huge number and v1's -1."""
    word = text.strip()
    if word == "max":
        return None
    number = int(word)
    return None if number < 0 or number >= V1_UNLIMITED else number


def flat_keyed(text: str) -> dict[str, int]:
    """Return a file of lines `KEY NUMBER`; other lines are left out."""
    values = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if value.isdigit():
            values[key] = int(value)
    return values


def v2_io(text: str) -> tuple[IoDeviceSample, ...]:
    """Return `io.stat`: lines `MAJ:MIN rbytes=… wbytes=… rios=… wios=… …`."""
    devices = []
    for line in text.splitlines():
        number, *pairs = line.split()
        values = {
            key: int(value)
            for key, _, value in (pair.partition("=") for pair in pairs)
            if value.isdigit()
        }
        # A device without any I/O yet is a bare number.
        if not values:
            continue
        major, _, minor = number.partition(":")
        devices.append(
            IoDeviceSample(
                major=int(major),
                minor=int(minor),
                read_bytes=values.get("rbytes", 0),
                write_bytes=values.get("wbytes", 0),
                read_ops=values.get("rios", 0),
                write_ops=values.get("wios", 0),
            )
        )
    return tuple(devices)


def v1_io(service_bytes: str, serviced: str) -> tuple[IoDeviceSample, ...]:
    """Return two files of lines `MAJ:MIN Read|Write|… NUMBER`: bytes, and operations."""
    counters: dict[str, dict[str, int]] = {}
    for text, keys in (
        (service_bytes, {"Read": "read_bytes", "Write": "write_bytes"}),
        (serviced, {"Read": "read_ops", "Write": "write_ops"}),
    ):
        for line in text.splitlines():
            words = line.split()
            if len(words) == 3 and words[1] in keys:
                counters.setdefault(words[0], {})[keys[words[1]]] = int(words[2])
    devices = []
    for number, values in counters.items():
        major, _, minor = number.partition(":")
        devices.append(IoDeviceSample(major=int(major), minor=int(minor), **values))
    return tuple(devices)


def pressure(text: str) -> PressureSample | None:
    """Return a `*.pressure` file: lines `some|full avg10=… avg60=… avg300=… total=…`."""
    values: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        kind, *pairs = line.split()
        values[kind] = dict(pair.split("=", 1) for pair in pairs)
    some, full = values.get("some"), values.get("full")
    if some is None:
        return None
    sample = PressureSample(
        some_avg10=float(some["avg10"]),
        some_avg60=float(some["avg60"]),
        some_avg300=float(some["avg300"]),
        some_total_us=int(some["total"]),
    )
    # Before 5.13 the CPU had no `full` line.
    if full is None:
        return sample
    return sample.replace(
        full_avg10=float(full["avg10"]),
        full_avg60=float(full["avg60"]),
        full_avg300=float(full["avg300"]),
        full_total_us=int(full["total"]),
    )
