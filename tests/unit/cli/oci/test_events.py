"""The shape of `events`, and the notation of its interval."""

from __future__ import annotations

import pytest

from tuicontainer.cli.oci.events import parse_duration
from tuicontainer.cli.oci.statistics import statistics
from tuicontainer.runtime.cgroups.details import CgroupDetails
from tuicontainer.runtime.cgroups.sample import (
    CgroupSample,
    CpuSample,
    IoDeviceSample,
    MemorySample,
    PidsSample,
    PressureSample,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5.0),
        ("1m30s", 90.0),
        ("250ms", 0.25),
        ("1.5h", 5400.0),
        ("0", 0.0),
        ("-1s", -1.0),
        ("", None),
        ("5", None),
        ("s", None),
        ("1s5", None),
        ("1.2.3s", None),
        ("--1s", None),
        ("5sm", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


def test_a_host_that_tells_nothing() -> None:
    assert statistics(CgroupSample(monotonic_ns=1)) == {
        "cpu": {"usage": {"kernel": 0, "user": 0}, "throttling": {}},
        "memory": {},
        "pids": {},
        "blkio": {},
        "hugetlb": {},
        "intel_rdt": {},
        "network_interfaces": None,
    }


def test_all_counters() -> None:
    psi = PressureSample(some_avg10=1.5, some_avg60=0.0, some_avg300=0.0, some_total_us=7)
    data = statistics(
        CgroupSample(
            monotonic_ns=1,
            cpu=CpuSample(usage_ns=30, user_ns=20, system_ns=10, periods=3, throttled_ns=5),
            memory=MemorySample(usage=100, limit=1000, peak=200, swap=5, swap_limit=50, file=40),
            pids=PidsSample(current=2, limit=9),
            io=(IoDeviceSample(major=8, minor=1, read_bytes=4096, write_ops=3),),
            pressure={"cpu": psi},
        )
    )
    assert data["cpu"]["usage"] == {"total": 30, "kernel": 10, "user": 20}
    assert data["cpu"]["throttling"] == {"periods": 3, "throttledTime": 5}
    some = {"avg10": 1.5, "avg60": 0.0, "avg300": 0.0, "total": 7}
    assert data["cpu"]["psi"] == {"some": some}
    assert data["memory"]["cache"] == 40
    assert data["memory"]["usage"] == {"limit": 1000, "usage": 100, "max": 200}
    assert data["memory"]["swap"] == {"limit": 1050, "usage": 105}
    assert data["pids"] == {"current": 2, "limit": 9}
    assert data["blkio"]["ioServiceBytesRecursive"] == [
        {"major": 8, "minor": 1, "op": "Read", "value": 4096},
        {"major": 8, "minor": 1, "op": "Write", "value": 0},
    ]
    assert data["blkio"]["ioServicedRecursive"][1]["value"] == 3


def test_no_limit_is_the_largest_number() -> None:
    data = statistics(CgroupSample(monotonic_ns=1, memory=MemorySample(usage=1)))
    assert data["memory"]["usage"]["limit"] == 2**64 - 1


def test_what_only_some_hosts_count_has_runcs_places() -> None:
    sample = CgroupSample(monotonic_ns=1, memory=MemorySample(usage=100, limit=1000, anon=3))
    details = CgroupDetails(
        memory={"cache": 5, "total_rss": 7},
        memory_parts={
            "usage": {"limit": 1000, "usage": 100, "max": 120, "failcnt": 4},
            "swap": {"limit": 2000, "usage": 0},
            "kernel": {},
        },
        cpu_by_cpu={"percpu": (1, 2), "percpu_kernel": (0, 0)},
        cpuset={"cpus": (0, 3), "sched_load_balance": 1},
        hugetlb={"2MB": {"usage": 0, "max": 8, "failcnt": 0}},
    )
    data = statistics(sample, details)
    assert data["memory"] == {
        "usage": {"limit": 1000, "usage": 100, "max": 120, "failcnt": 4},
        "swap": {"limit": 2000, "failcnt": 0},
        "raw": {"cache": 5, "total_rss": 7},
    }
    assert data["cpu"]["usage"]["percpu"] == (1, 2)
    assert data["cpuset"] == {"cpus": (0, 3), "sched_load_balance": 1}
    assert data["hugetlb"] == {"2MB": {"max": 8, "failcnt": 0}}
