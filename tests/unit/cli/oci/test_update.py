"""From the flags of `update` to a LinuxResources object."""

from __future__ import annotations

import pytest

from tuicontainer.cli.oci.update import document_of, parse_ram
from tuicontainer.errors import InvalidArgument


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("32", 32),
        ("32b", 32),
        ("32k", 32 * 1024),
        ("32K", 32 * 1024),
        ("32kb", 32 * 1024),
        ("32 KiB", 32 * 1024),
        ("32MiB", 32 * 2**20),
        ("1.5g", 3 * 2**29),
        ("0.1k", 102),
        ("2t", 2**41),
        ("1p", 2**50),
        ("", None),
        ("m", None),
        ("-5", None),
        ("20x", None),
        ("20mm", None),
        ("20bb", None),
        ("20i", None),
        ("1.2.3", None),
        ("1..2", None),
        ("²", None),
        ("1e3", None),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    assert parse_ram(text) == size


def test_every_flag_has_its_place() -> None:
    values = {
        "blkio-weight": "100",
        "cpu-quota": "-1",
        "cpu-period": "18446744073709551615",
        "cpuset-cpus": "0-1",
        "memory": "1m",
        "memory-swap": "-1",
        "pids-limit": "0",
        "cpuset-mems": "",
    }
    assert document_of(values) == {
        "blockIO": {"weight": 100},
        "cpu": {"quota": -1, "period": 2**64 - 1, "cpus": "0-1"},
        "memory": {"limit": 2**20, "swap": -1},
        "pids": {"limit": 0},
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cpu-share", "-1"),
        ("cpu-share", "1.5"),
        ("cpu-quota", "9223372036854775808"),
        ("pids-limit", "--1"),
        ("pids-limit", "9" * 5000),
        ("memory", "-2"),
        ("memory", "lots"),
    ],
)
def test_values_that_are_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidArgument, match=f"invalid value for {name}: "):
        document_of({name: value})
