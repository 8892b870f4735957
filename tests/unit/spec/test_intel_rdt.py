"""`linux.intelRdt`: its fields' rules, and what is written to a schemata file."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.fields import Fields
from tuicontainer.spec.intel_rdt import IntelRdt, decode_intel_rdt


def decode(**fields: Any) -> IntelRdt:
    return decode_intel_rdt(Fields(fields, "linux.intelRdt"))


def test_every_field() -> None:
    fields = {
        "closID": "gold",
        "l3CacheSchema": "L3:0=f",
        "memBwSchema": "MB:0=20",
        "schemata": ["L2:0=1"],
        "enableMonitoring": True,
    }
    assert decode(**fields) == IntelRdt(
        clos_id="gold",
        l3_cache_schema="L3:0=f",
        mem_bw_schema="MB:0=20",
        schemata=("L2:0=1",),
        enable_monitoring=True,
    )


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({}, ()),
        ({"l3CacheSchema": "L3:0=f;1=3"}, ("L3:0=f;1=3",)),
        ({"l3CacheSchema": "L3CODE:0=f\nL3DATA:0=3\n"}, ("L3CODE:0=f", "L3DATA:0=3")),
        ({"l3CacheSchema": "L3:0=f\nMB:0=10"}, ("L3:0=f", "MB:0=10")),
        ({"l3CacheSchema": "MB:0=10\nL3:0=f", "memBwSchema": "MB:0=20"}, ("L3:0=f", "MB:0=20")),
        (
            {"schemata": ["L2:0=1", "MB:0=5"], "memBwSchema": "MB:0=20", "l3CacheSchema": "L3:0=1"},
            ("L3:0=1", "MB:0=20", "L2:0=1", "MB:0=5"),
        ),
    ],
)
def test_schemata_are_written_last_and_bandwidth_wins_over_the_caches(
    fields: dict[str, Any], lines: tuple[str, ...]
) -> None:
    assert decode(**fields).lines == lines


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"closID": ".."}, "`linux.intelRdt.closID` is `..`: must be the name of a class"),
        ({"closID": "a/b"}, "must be the name of a class"),
        ({"closID": "info"}, "must be the name of a class"),
        ({"closID": "a\nb"}, "must be one line"),
        ({"memBwSchema": "L3:0=f"}, "`linux.intelRdt.memBwSchema` is `L3:0=f`: must begin with"),
        ({"memBwSchema": "MB:0=1\nMB:1=1"}, "must be one line"),
        ({"schemata": ["L3:0=f", ""]}, "`linux.intelRdt.schemata[1]`"),
        ({"schemata": ["a\nb"]}, "must be one line"),
        ({"enableMonitoring": 1}, "must be true or false"),
    ],
)
def test_what_breaks_a_rule_is_refused(fields: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        decode(**fields)
    assert text in caught.value.message
