"""Texts of control files as the kernel writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.runtime.cgroups.formats import (
    flat_keyed,
    limit_value,
    pressure,
    v1_io,
    v2_io,
)
from tuicontainer.runtime.cgroups.sample import IoDeviceSample, PressureSample


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max\n", None),
        ("0\n", 0),
        ("1048576\n", 1048576),
        ("9223372036854771712\n", None),
        ("9223372036854710272\n", None),
        ("-1\n", None),
    ],
)
def test_limits(text: str, expected: int | None) -> None:
    assert limit_value(text) == expected


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,20}", fullmatch=True), st.integers(0, 2**63)))
def test_flat_keyed(values: dict[str, int]) -> None:
    text = "".join(f"{key} {value}\n" for key, value in values.items())
    assert flat_keyed(text) == values


def test_flat_keyed_leaves_other_lines_out() -> None:
    assert flat_keyed("oom_kill 2\nhierarchy a b\n\nmax max\n") == {"oom_kill": 2}


def test_io_of_v2() -> None:
    text = (
        "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0\n"
        "7:0 \n"
        "8:0 rbytes=90430464 wbytes=299008000 rios=8950 wios=1252 dbytes=50331648 cost.usage=7\n"
    )
    assert v2_io(text) == (
        IoDeviceSample(
            major=8,
            minor=16,
            read_bytes=1459200,
            write_bytes=314773504,
            read_ops=192,
            write_ops=353,
        ),
        IoDeviceSample(
            major=8,
            minor=0,
            read_bytes=90430464,
            write_bytes=299008000,
            read_ops=8950,
            write_ops=1252,
        ),
    )


def test_io_of_v1() -> None:
    service_bytes = """\
8:0 Read 4096
8:0 Write 8192
8:0 Sync 8192
8:0 Async 4096
8:0 Discard 0
8:0 Total 12288
Total 12288
"""
    serviced = "8:0 Read 1\n8:0 Write 2\n8:0 Total 3\n259:1 Read 5\nTotal 8\n"
    assert v1_io(service_bytes, serviced) == (
        IoDeviceSample(
            major=8, minor=0, read_bytes=4096, write_bytes=8192, read_ops=1, write_ops=2
        ),
        IoDeviceSample(major=259, minor=1, read_ops=5),
    )
    assert v1_io("Total 0\n", "Total 0\n") == ()


def test_pressure() -> None:
    text = """\
some avg10=12.50 avg60=3.00 avg300=0.71 total=123456
full avg10=1.00 avg60=0.50 avg300=0.00 total=789
"""
    assert pressure(text) == PressureSample(
        some_avg10=12.5,
        some_avg60=3.0,
        some_avg300=0.71,
        some_total_us=123456,
        full_avg10=1.0,
        full_avg60=0.5,
        full_avg300=0.0,
        full_total_us=789,
    )


def test_pressure_of_the_cpu_on_older_kernels() -> None:
    sample = pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n")
    assert sample is not None
    assert sample.some_total_us == 5
    assert sample.full_total_us is None


def test_pressure_that_is_turned_off() -> None:
    assert pressure("") is None
