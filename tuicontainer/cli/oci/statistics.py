"""Counters in the shape that runc's `events` prints. Pure.

What the sample doesn't tell is left out, except for the few numbers that runc always writes. No
limit is the largest number of 64 bits there. Source: runc types/events.go.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.runtime.cgroups.details import CgroupDetails
    from tuicontainer.runtime.cgroups.sample import (
        CgroupSample,
        CpuSample,
        IoDeviceSample,
        MemorySample,
        PressureSample,
    )

_NO_LIMIT = 2**64 - 1


def statistics(sample: CgroupSample, details: CgroupDetails | None = None) -> dict[str, Any]:
    """Return the `data` of a `stats` event: times in nanoseconds, sizes in bytes."""
    data = _sampled(sample)
    return data if details is None else _with_details(data, details)


def _with_details(data: dict[str, Any], details: CgroupDetails) -> dict[str, Any]:
    """Return the data with what only some hosts count, in the places that runc has for it."""
    usage = {**data["cpu"]["usage"], **_known({**details.cpu_by_cpu})}
    memory = dict(data["memory"])
    for part, numbers in details.memory_parts.items():
        counted = {name: number for name, number in numbers.items() if name == "limit" or number}
        if counted:
            memory[part] = {**memory.get(part, {}), **counted, "failcnt": numbers.get("failcnt", 0)}
    if details.memory:
        memory["raw"] = dict(details.memory)
    return {
        **data,
        "cpu": {**data["cpu"], "usage": usage},
        **({"cpuset": dict(details.cpuset)} if details.cpuset else {}),
        "memory": memory,
        "hugetlb": {
            size: {**_known({**numbers}), "failcnt": numbers.get("failcnt", 0)}
            for size, numbers in details.hugetlb.items()
        },
    }


def _sampled(sample: CgroupSample) -> dict[str, Any]:
    pressure = {kind: {"psi": _pressure(each)} for kind, each in sample.pressure.items()}
    devices = sample.io or ()
    blkio = {
        "ioServiceBytesRecursive": _operations(devices, "bytes"),
        "ioServicedRecursive": _operations(devices, "ops"),
    }
    pids = {"current": sample.pids.current, "limit": sample.pids.limit}
    return {
        "cpu": {**_cpu(sample.cpu), **pressure.get("cpu", {})},
        "memory": {**_memory(sample.memory), **pressure.get("memory", {})},
        "pids": _known(pids),
        "blkio": {**_known(blkio), **pressure.get("io", {})},
        "hugetlb": {},
        "intel_rdt": {},
        "network_interfaces": None,
    }


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is zero, empty or not told, as Go's `omitempty` does."""
    return {name: value for name, value in values.items() if value}


def _cpu(cpu: CpuSample) -> dict[str, Any]:
    throttling = {
        "periods": cpu.periods,
        "throttledPeriods": cpu.throttled_periods,
        "throttledTime": cpu.throttled_ns,
    }
    usage = {
        **_known({"total": cpu.usage_ns}),
        "kernel": cpu.system_ns or 0,
        "user": cpu.user_ns or 0,
    }
    return {"usage": usage, "throttling": _known(throttling)}


def _memory(memory: MemorySample) -> dict[str, Any]:
    document = _known({"cache": memory.file})
    if memory.usage is None:
        return document
    limit = _NO_LIMIT if memory.limit is None else memory.limit
    document["usage"] = {
        "limit": limit,
        **_known({"usage": memory.usage, "max": memory.peak}),
    }
    if memory.swap is not None:
        # As on v1, where memory and swap are counted together.
        unlimited = memory.limit is None or memory.swap_limit is None
        both = _NO_LIMIT if unlimited else limit + (memory.swap_limit or 0)
        document["swap"] = {"limit": both, "usage": memory.usage + memory.swap}
    if memory.kernel is not None:
        document["kernel"] = {"limit": _NO_LIMIT, **_known({"usage": memory.kernel})}
    if memory.sock is not None:
        document["kernelTCP"] = {"limit": _NO_LIMIT, **_known({"usage": memory.sock})}
    raw = {"anon": memory.anon, "shmem": memory.shmem, "inactive_file": memory.inactive_file}
    document["raw"] = {name: value for name, value in raw.items() if value is not None}
    return document


def _operations(devices: tuple[IoDeviceSample, ...], unit: str) -> list[dict[str, Any]]:
    return [
        {
            "major": device.major,
            "minor": device.minor,
            "op": operation,
            "value": getattr(device, f"{operation.lower()}_{unit}"),
        }
        for device in devices
        for operation in ("Read", "Write")
    ]


def _pressure(sample: PressureSample) -> dict[str, Any]:
    psi = {
        "some": {
            "avg10": sample.some_avg10,
            "avg60": sample.some_avg60,
            "avg300": sample.some_avg300,
            "total": sample.some_total_us,
        }
    }
    if sample.full_total_us is not None:
        psi["full"] = {
            "avg10": sample.full_avg10 or 0.0,
            "avg60": sample.full_avg60 or 0.0,
            "avg300": sample.full_avg300 or 0.0,
            "total": sample.full_total_us,
        }
    return psi
